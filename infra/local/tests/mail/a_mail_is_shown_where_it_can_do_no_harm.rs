use aws_sdk_sesv2::types::Body;

use crate::{
    client::Answer,
    post_office::{SENDER, message, part, post_office, sending},
};

fn policy(answer: &Answer) -> String {
    answer.headers("content-security-policy").join(" ")
}

#[tokio::test]
async fn the_page_loads_nothing_but_its_own() {
    let office = post_office().await;
    for path in ["/_local/outbox", "/_local/outbox/"] {
        let page = office.ask(&format!("GET {path}"), "").await;
        assert_eq!(page.status, 200);
        assert!(policy(&page).starts_with("default-src 'none'"), "{}", policy(&page));
        assert!(!policy(&page).contains("unsafe") && !policy(&page).contains("http"));
        assert!(page.body.contains("sandbox=\"allow-popups allow-popups-to-escape-sandbox\""));
    }
    for (file, kind) in [("outbox.css", "text/css; charset=utf-8"), ("outbox.js", "text/javascript; charset=utf-8")] {
        let answer = office.ask(&format!("GET /_local/outbox/{file}"), "").await;
        assert_eq!((answer.status, answer.headers("content-type")), (200, vec![kind]));
    }
}

#[tokio::test]
async fn a_mails_html_runs_nothing_and_its_links_open_outside() {
    let office = post_office().await;
    let id = office.send("bo@example.com").await.unwrap();
    let shown = office.ask(&format!("GET /_local/outbox/{id}/html"), "").await;
    assert_eq!(shown.status, 200);
    assert!(shown.body.starts_with("<!doctype html><html><head><base target=\"_blank\"><title>"), "{}", shown.body);
    let policy = policy(&shown);
    assert!(policy.contains("default-src 'none'") && policy.contains("sandbox allow-popups"), "{policy}");
    assert!(!policy.contains("script") && !policy.contains("same-origin"), "{policy}");
}

#[tokio::test]
async fn a_mail_is_shown_as_in_the_dark() {
    let office = post_office().await;
    let styled = "<style>@media (prefers-color-scheme: dark) { p { color: white } }</style><p>Hello</p>";
    let body = Body::builder().html(part(styled)).build();
    let request = sending(&office.client("PostFunction"), SENDER, "bo@example.com", message().body(body).build());
    let id = request.send().await.unwrap().message_id.unwrap();
    for (query, condition) in
        [("", "(prefers-color-scheme: dark)"), ("?scheme=dark", "(min-width: 0)"), ("?scheme=light", "(max-width: 0)")]
    {
        let shown = office.ask(&format!("GET /_local/outbox/{id}/html{query}"), "").await;
        assert!(shown.body.contains(&format!("@media {condition} {{")), "{}", shown.body);
    }
}

#[tokio::test]
async fn an_attachment_is_saved_and_not_shown() {
    let office = post_office().await;
    let id = office.send("bo@example.com").await.unwrap();
    let file = office.ask(&format!("GET /_local/outbox/{id}/attachments/0"), "").await;
    assert_eq!(file.body, "BEGIN:VCALENDAR");
    assert_eq!(file.headers("content-disposition"), ["attachment; filename=\"event.ics\""]);
    assert_eq!(file.headers("x-content-type-options"), ["nosniff"]);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let office = post_office().await;
    let id = office.send("bo@example.com").await.unwrap();
    for path in ["none/html".to_owned(), "none/attachments/0".to_owned(), format!("{id}/attachments/1")] {
        assert_eq!(office.ask(&format!("GET /_local/outbox/{path}"), "").await.status, 404, "{path}");
    }
}
