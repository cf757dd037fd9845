//! Pages are files: fetching one, by whomever and with whatever token, does nothing and tells nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use dais_function::{AfterAnswer, Settings};
use dais_pages::{App, handle};
use lambda_http::{Body, Request, RequestExt, Response};

fn app(sign_in_url: &str) -> App {
    let settings = Settings::from_map(BTreeMap::from([("SIGN_IN_URL".to_owned(), sign_in_url.to_owned())]));
    App::new(&settings, &SdkConfig::builder().build(), AfterAnswer::with_spawner(std::sync::Arc::new(|_| {}))).unwrap()
}

async fn get(path: &str) -> Response<Body> {
    let request = Request::new(Body::Empty).with_raw_http_path(path);
    handle(&app("https://accounts.example.com/sign-in"), request).await.unwrap()
}

fn text(response: &Response<Body>) -> &str {
    match response.body() {
        Body::Text(text) => text,
        _ => panic!("no text"),
    }
}

fn header<'a>(response: &'a Response<Body>, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_token_changes_nothing_of_the_page_and_is_not_in_it() {
    let page = get("/events/m1/accept-host").await;
    assert_eq!(page.status(), 200);
    for path in ["/events/m2/accept-host", "/accept-invite/V1StGXR8_Z5jdHi6B-myT", "/accept-invite/x/"] {
        assert_eq!(text(&get(path).await), text(&page), "{path}");
    }
    assert!(text(&page).contains("/invitation/accept.js"));
    assert!(text(&get("/events/m1").await).contains("/invitation/event.js"));
}

#[tokio::test]
async fn a_page_sends_its_address_to_nobody_and_runs_nobody_elses_script() {
    let page = get("/accept-invite/secret").await;
    assert_eq!(header(&page, "referrer-policy"), "no-referrer");
    assert_eq!(header(&page, "cache-control"), "no-store");
    let policy = header(&page, "content-security-policy");
    for rule in
        ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'none'", "base-uri 'none'"]
    {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    // What the policy forbids is not there.
    for inline in ["<style", "style=", "onclick", "javascript:"] {
        assert!(!text(&page).contains(inline), "{inline}");
    }
}

#[tokio::test]
async fn what_a_page_loads_is_there() {
    let page = get("/events/m1/accept-host").await;
    let mut wanted = vec!["/invitation/event.js".to_owned(), "/invitation/shell.js".to_owned()];
    wanted.extend(text(&page).split('"').filter(|part| part.starts_with("/invitation/")).map(str::to_owned));
    assert_eq!(wanted.len(), 4);
    for path in wanted {
        let file = get(&path).await;
        assert_eq!(file.status(), 200, "{path}");
        assert_eq!(header(&file, "x-content-type-options"), "nosniff");
        let media_type =
            if path.ends_with(".css") { "text/css; charset=utf-8" } else { "text/javascript; charset=utf-8" };
        assert_eq!(header(&file, "content-type"), media_type);
    }
}

#[tokio::test]
async fn the_address_of_the_sign_in_cannot_break_out() {
    let request = Request::new(Body::Empty).with_raw_http_path("/events/m1");
    let page = handle(&app(r#"https://x.example/?a=1&b="><script>alert(1)</script>"#), request).await.unwrap();
    assert!(
        text(&page).contains(r#"data-sign-in="https://x.example/?a=1&amp;b=&quot;>&lt;script>"#),
        "{}",
        text(&page)
    );
}

#[tokio::test]
async fn there_is_nothing_else() {
    for path in [
        "/",
        "/events",
        "/events/",
        "/accept-invite",
        "/invitation/page.html",
        "/invitation/../page.css",
        "/events/a/b",
    ] {
        assert_eq!(get(path).await.status(), 404, "{path}");
    }
}
