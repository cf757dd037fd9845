//! `POST /_aws/dynamodb/{function}`: what `AWS_ENDPOINT_URL_DYNAMODB` of a function points to.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
    routing::post,
};

use super::{Table, WireAnswer, WireCall};

/// What DynamoDB takes at most.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// The endpoint, for a function's process. The SDK may or may not add a slash.
pub fn routes(table: Table) -> Router {
    Router::new()
        .route("/_aws/dynamodb/{function}", post(answer))
        .route("/_aws/dynamodb/{function}/", post(answer))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .with_state(table)
}

async fn answer(State(table): State<Table>, Path(function): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let call = WireCall {
        function: &function,
        invocation: text("x-dais-invocation"),
        target: text("x-amz-target").unwrap_or_default(),
        body: &body,
    };
    let WireAnswer { status, body } = table.answer(call).await;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
    if let Ok(id) = HeaderValue::from_str(&nanoid::nanoid!(52)) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}
