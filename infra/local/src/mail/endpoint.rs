//! `POST /_aws/ses/{function}/v2/email/outbound-emails`: what the SDK's SendEmail of a function reaches.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::json;

use super::{Caller, Ses};
use crate::invoke::attribution::INVOCATION_HEADER;

/// Above what the service takes, so that it is the service that refuses: 40 MB and Base64.
pub(crate) const MOST_BYTES: usize = 64 * 1024 * 1024;

/// The endpoint, for functions in this process.
pub fn routes(ses: Ses) -> Router {
    Router::new()
        .route("/_aws/ses/{function}/v2/email/outbound-emails", post(send))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .with_state(ses)
}

async fn send(State(ses): State<Ses>, Path(function): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let invocation = headers.get(INVOCATION_HEADER).and_then(|value| value.to_str().ok());
    answer(&ses, Caller { function: &function, invocation }, &body)
}

/// Answers one call.
pub(crate) fn answer(ses: &Ses, caller: Caller<'_>, body: &Bytes) -> Response {
    match ses.send(caller, body) {
        Ok(id) => Json(json!({ "MessageId": id })).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}
