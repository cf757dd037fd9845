//! CORS as an HTTP API with a `CorsConfiguration` does it: it answers preflights itself, and on other answers its own headers
//! replace those of the function.

use axum::{body::Body, response::Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use crate::template::Cors;

const OURS: [HeaderName; 6] = [
    header::ACCESS_CONTROL_ALLOW_ORIGIN,
    header::ACCESS_CONTROL_ALLOW_METHODS,
    header::ACCESS_CONTROL_ALLOW_HEADERS,
    header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
    header::ACCESS_CONTROL_EXPOSE_HEADERS,
    header::ACCESS_CONTROL_MAX_AGE,
];

/// The answer to a preflight; None if the request is none.
pub(super) fn preflight(cors: &Cors, method: &Method, headers: &HeaderMap) -> Option<Response> {
    let origin = headers.get(header::ORIGIN)?;
    if method != Method::OPTIONS || !headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
        return None;
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    if allows(cors, origin) {
        let answer = response.headers_mut();
        mark(cors, origin, answer);
        list(answer, header::ACCESS_CONTROL_ALLOW_METHODS, &cors.allow_methods);
        list(answer, header::ACCESS_CONTROL_ALLOW_HEADERS, &cors.allow_headers);
        if let Some(seconds) = cors.max_age_s {
            answer.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(seconds));
        }
    }
    Some(response)
}

/// Puts the API's CORS headers on the answer to a request with these headers.
pub(super) fn apply(cors: &Cors, request: &HeaderMap, answer: &mut HeaderMap) {
    for name in OURS {
        answer.remove(name);
    }
    if let Some(origin) = request.get(header::ORIGIN).filter(|origin| allows(cors, origin)) {
        mark(cors, origin, answer);
    }
}

fn mark(cors: &Cors, origin: &HeaderValue, answer: &mut HeaderMap) {
    let everybody = !cors.allow_credentials && cors.allow_origins.iter().any(|allowed| allowed == "*");
    let allowed = if everybody { HeaderValue::from_static("*") } else { origin.clone() };
    answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    if cors.allow_credentials {
        answer.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    list(answer, header::ACCESS_CONTROL_EXPOSE_HEADERS, &cors.expose_headers);
}

fn list(answer: &mut HeaderMap, name: HeaderName, values: &[String]) {
    if let Ok(value) = HeaderValue::from_str(&values.join(","))
        && !values.is_empty()
    {
        answer.insert(name, value);
    }
}

/// A configured origin is exact, or ends in `*` (`https://*`, and here `http://localhost:*`).
fn allows(cors: &Cors, origin: &HeaderValue) -> bool {
    let Ok(origin) = origin.to_str() else { return false };
    cors.allow_origins.iter().any(|allowed| match allowed.strip_suffix('*') {
        Some(beginning) => origin.starts_with(beginning),
        None => allowed.eq_ignore_ascii_case(origin),
    })
}
