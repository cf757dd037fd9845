//! `/_local/outbox` for people, `/_local/outbox.json` for tests, and `/_local/mail` to make trouble.
//!
//! A mail is somebody else's HTML: it is shown in a sandboxed frame of its own, without scripts, forms and the network, and
//! its links open outside of it.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, Query, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware,
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Feedback, Ses};
use crate::answer;

/// The page loads its own two files, asks for the mails, and shows them in frames; nothing else.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; \
    img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A mail runs nothing and loads nothing but pictures; its links open in windows of their own.
const MAIL_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";

/// What a mail's style sheet asks its reader's device.
const ASKS_FOR_DARK: &str = "(prefers-color-scheme: dark)";

/// Pages and tools.
pub fn routes(ses: Ses) -> Router {
    let json = Router::new()
        .route("/_local/outbox.json", get(list))
        .layer(middleware::from_fn(answer::readable_anywhere))
        .with_state(ses.clone());
    Router::new()
        .route("/_local/outbox", get(page).delete(clear))
        .route("/_local/outbox/", get(page))
        .route(
            "/_local/outbox/outbox.css",
            get(|| async { file("text/css; charset=utf-8", include_str!("page/outbox.css")) }),
        )
        .route(
            "/_local/outbox/outbox.js",
            get(|| async { file("text/javascript; charset=utf-8", include_str!("page/outbox.js")) }),
        )
        .route("/_local/outbox/{id}/html", get(html))
        .route("/_local/outbox/{id}/attachments/{number}", get(attachment))
        .route("/_local/mail", get(switches).post(switch))
        .route("/_local/mail/{id}/bounce", post(bounce))
        .route("/_local/mail/{id}/complaint", post(complaint))
        .with_state(ses)
        .merge(json)
}

async fn page() -> Response {
    let mut response = file("text/html; charset=utf-8", include_str!("page/outbox.html"));
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
    response
}

fn file(kind: &'static str, content: impl Into<Body>) -> Response {
    let mut response = Response::new(content.into());
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn list(State(ses): State<Ses>) -> Response {
    let mails: Vec<Value> = ses.outbox().mails().iter().map(|mail| mail.to_json()).collect();
    answer::json(&json!({ "messages": mails }))
}

async fn clear(State(ses): State<Ses>) -> Response {
    answer::json(&json!({ "deleted": ses.outbox().clear() }))
}

/// How a reader has set his device: `?scheme=dark`.
#[derive(Deserialize)]
struct Reader {
    scheme: Option<String>,
}

async fn html(State(ses): State<Ses>, Path(id): Path<String>, Query(reader): Query<Reader>) -> Response {
    let Some(mail) = ses.outbox().get(&id) else { return unknown() };
    let html = mail.html().unwrap_or_default();
    let (before, after) = html.split_at(html.find("<head>").map_or(0, |found| found + "<head>".len()));
    let content = format!("{before}<base target=\"_blank\">{after}");
    // A frame cannot be told which scheme its reader prefers, so its question is answered here.
    let content = match reader.scheme.as_deref() {
        Some("dark") => content.replace(ASKS_FOR_DARK, "(min-width: 0)"),
        Some("light") => content.replace(ASKS_FOR_DARK, "(max-width: 0)"),
        _ => content,
    };
    let mut response = file("text/html; charset=utf-8", content);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(MAIL_POLICY));
    response
}

async fn attachment(State(ses): State<Ses>, Path((id, number)): Path<(String, usize)>) -> Response {
    let found = ses.outbox().get(&id);
    let Some(attached) = found.as_ref().and_then(|mail| mail.letter.attachments.get(number)) else { return unknown() };
    let mut response = file("application/octet-stream", attached.content.clone());
    let name: String = attached.name.chars().filter(|char| char.is_ascii_graphic() && *char != '"').collect();
    let disposition = format!("attachment; filename=\"{name}\"");
    for (header, value) in [
        (header::CONTENT_TYPE, attached.content_type.as_str()),
        (header::CONTENT_DISPOSITION, disposition.as_str()),
        (HeaderName::from_static("content-security-policy"), "sandbox; default-src 'none'"),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(header, value);
        }
    }
    response
}

async fn switches(State(ses): State<Ses>) -> Response {
    let current = ses.switches().current();
    answer::json(&json!({ "next": current.map(|(next, _)| next), "count": current.map_or(0, |(_, count)| count) }))
}

async fn switch(State(ses): State<Ses>, body: Bytes) -> Response {
    match ses.switches().set_from_json(&body) {
        Ok(()) => switches(State(ses)).await,
        Err(sentence) => answer::bad_request(&sentence),
    }
}

async fn bounce(State(ses): State<Ses>, Path(id): Path<String>, body: Bytes) -> Response {
    match Feedback::bounce_from_json(&body) {
        Ok(feedback) => feed_back(&ses, &id, feedback).await,
        Err(sentence) => answer::bad_request(&sentence),
    }
}

async fn complaint(State(ses): State<Ses>, Path(id): Path<String>) -> Response {
    feed_back(&ses, &id, Feedback::Complaint).await
}

async fn feed_back(ses: &Ses, id: &str, feedback: Feedback) -> Response {
    match ses.feed_back(id, feedback).await {
        Some(done) => answer::json(&done),
        None => unknown(),
    }
}

fn unknown() -> Response {
    answer::with_status(StatusCode::NOT_FOUND, &json!({ "error": "there is no such mail in the outbox" }))
}
