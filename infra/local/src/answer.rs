//! What the tools under `/_local/` have in common: JSON answers, sentences for mistakes, readable from any page.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// 200 with `value` as JSON.
pub fn json<T: Serialize>(value: &T) -> Response {
    with_status(StatusCode::OK, value)
}

/// 400 `{"error": sentence}`.
pub fn bad_request(sentence: &str) -> Response {
    with_status(StatusCode::BAD_REQUEST, &json!({ "error": sentence }))
}

/// `value` as JSON with a status of the caller's choice.
pub fn with_status<T: Serialize>(status: StatusCode, value: &T) -> Response {
    let body = serde_json::to_vec(value).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The fields of a JSON object; an empty body counts as `{}`. The content type does not matter, so that plain `curl -d` works.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn object(body: &[u8]) -> Result<Map<String, Value>, String> {
    if body.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err("the body must be a JSON object".to_owned()),
        Err(error) => Err(format!("the body is not JSON: {error}")),
    }
}

/// A middleware that lets a page of any origin read the answers to its GETs.
///
/// The front end under test has its own origin. There is nothing here to protect: the tokens open nothing but this process.
pub async fn readable_anywhere(request: Request, next: Next) -> Response {
    let reads = request.method() == Method::GET || request.method() == Method::HEAD;
    let mut response = next.run(request).await;
    if reads {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    response
}
