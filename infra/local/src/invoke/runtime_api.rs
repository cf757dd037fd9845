//! Lambda's Runtime API (2018-06-01) and Extensions API (2020-01-01), for each process under its own path.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use crate::{
    gateway::connections::{self, Caller, ConnectionsApi},
    mail::{self, Ses},
    table::{Table, WireCall},
    template::ACCOUNT,
};

use super::{InvokeError, LARGEST_PAYLOAD, process::Process, spawned::Spawned};

const REQUEST_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-request-id");
const DEADLINE: HeaderName = HeaderName::from_static("lambda-runtime-deadline-ms");
const FUNCTION_ARN: HeaderName = HeaderName::from_static("lambda-runtime-invoked-function-arn");
const TRACE_ID: HeaderName = HeaderName::from_static("lambda-runtime-trace-id");
const EXTENSION_ID: HeaderName = HeaderName::from_static("lambda-extension-identifier");

#[derive(Clone)]
struct Api {
    spawned: Spawned,
    table: Table,
    connections: Option<Arc<ConnectionsApi>>,
    ses: Ses,
}

/// What a spawned process reaches: the two APIs, and its ways to the table, to the sockets and to the mail service, which are
/// its own so that calls can be told apart.
pub fn routes(spawned: Spawned, table: Table, connections: Option<Arc<ConnectionsApi>>, ses: Ses) -> Router {
    let mail = post(send_mail).layer(DefaultBodyLimit::max(mail::MOST_BYTES));
    Router::new()
        .route("/_lambda/{process}/2018-06-01/runtime/invocation/next", get(next))
        .route("/_lambda/{process}/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/_lambda/{process}/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/_lambda/{process}/2018-06-01/runtime/init/error", post(init_error))
        .route("/_lambda/{process}/2020-01-01/extension/register", post(register))
        .route("/_lambda/{process}/2020-01-01/extension/event/next", get(extension_next))
        .route("/_lambda/{process}/2020-01-01/extension/init/error", post(extension_error))
        .route("/_lambda/{process}/2020-01-01/extension/exit/error", post(extension_error))
        .route("/_lambda/{process}/dynamodb", post(dynamodb))
        .route("/_lambda/{process}/dynamodb/", post(dynamodb))
        .route(
            "/_lambda/{process}/connections/{stage}/@connections/{id}",
            get(connection).post(connection).delete(connection),
        )
        .layer(DefaultBodyLimit::max(LARGEST_PAYLOAD + 1024))
        .route("/_lambda/{process}/ses/v2/email/outbound-emails", mail)
        .with_state(Api { spawned, table, connections, ses })
}

/// No process has this number: it was given up a moment ago.
fn gone() -> Response {
    (StatusCode::FORBIDDEN, Json(json!({ "errorType": "InvalidProcess", "errorMessage": "this process has ended" })))
        .into_response()
}

fn accepted() -> Response {
    (StatusCode::ACCEPTED, Json(json!({ "status": "OK" }))).into_response()
}

async fn next(State(api): State<Api>, Path(number): Path<u64>) -> Response {
    let Some(process) = api.spawned.process(number) else { return gone() };
    let Ok(work) = process.runtime_next().await else { return gone() };
    let arn = format!("arn:aws:lambda:{}:{ACCOUNT}:function:{}", api.spawned.region(), process.function.id);
    let trace = format!("Root=1-{:08x}-{};Sampled=0", work.deadline_ms / 1000, "0".repeat(24));
    let mut response = Response::new(work.event.into());
    for (name, value) in [
        (REQUEST_ID, work.id),
        (DEADLINE, work.deadline_ms.to_string()),
        (FUNCTION_ARN, arn),
        (TRACE_ID, trace),
        (axum::http::header::CONTENT_TYPE, "application/json".to_owned()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

async fn response(State(api): State<Api>, Path((number, id)): Path<(u64, String)>, body: Bytes) -> Response {
    answered(&api, number, &id, Ok(body))
}

async fn error(State(api): State<Api>, Path((number, id)): Path<(u64, String)>, body: Bytes) -> Response {
    answered(&api, number, &id, Err(reported(&body)))
}

fn answered(api: &Api, number: u64, id: &str, answer: Result<Bytes, InvokeError>) -> Response {
    match api.spawned.process(number) {
        Some(process) if process.answer(id, answer) => accepted(),
        Some(_) => {
            let body = json!({ "errorType": "InvalidRequestID", "errorMessage": "this is not what you work on" });
            (StatusCode::BAD_REQUEST, Json(body)).into_response()
        }
        None => gone(),
    }
}

async fn init_error(State(api): State<Api>, Path(number): Path<u64>, body: Bytes) -> Response {
    match api.spawned.process(number) {
        Some(process) => end(&process, reported(&body)),
        None => gone(),
    }
}

async fn extension_error(State(api): State<Api>, Path(number): Path<u64>, body: Bytes) -> Response {
    match api.spawned.process(number) {
        Some(process) => end(&process, reported(&body)),
        None => gone(),
    }
}

fn end(process: &Arc<Process>, why: InvokeError) -> Response {
    process.end(why);
    process.kill.notify_one();
    accepted()
}

/// What a runtime or an extension says went wrong: `{"errorType", "errorMessage"}`.
fn reported(body: &[u8]) -> InvokeError {
    let report: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str, default: &str| report.get(name).and_then(Value::as_str).unwrap_or(default).to_owned();
    InvokeError::failed(text("errorType", "Unhandled"), text("errorMessage", "no message"))
}

async fn register(State(api): State<Api>, Path(number): Path<u64>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(process) = api.spawned.process(number) else { return gone() };
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let events: Vec<&str> =
        request.get("events").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    // Lambda takes internal extensions, those inside the runtime's process, for INVOKE only.
    if !headers.contains_key("lambda-extension-name") || events.iter().any(|event| *event != "INVOKE") {
        let body =
            json!({ "errorType": "InvalidEventType", "errorMessage": "an internal extension registers for INVOKE" });
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    }
    let id = process.register_extension();
    let body = json!({
        "functionName": process.function.id,
        "functionVersion": "$LATEST",
        "handler": "bootstrap",
        "accountId": ACCOUNT,
    });
    let mut response = Json(body).into_response();
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(EXTENSION_ID, id);
    }
    response
}

async fn extension_next(State(api): State<Api>, Path(number): Path<u64>, headers: HeaderMap) -> Response {
    let Some(process) = api.spawned.process(number) else { return gone() };
    let id = headers.get(&EXTENSION_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    let Some(waiting) = process.extension_next(id) else {
        let body = json!({ "errorType": "UnknownExtension", "errorMessage": "register first" });
        return (StatusCode::FORBIDDEN, Json(body)).into_response();
    };
    let Ok(work) = waiting.await else { return gone() };
    Json(json!({
        "eventType": "INVOKE",
        "deadlineMs": work.deadline_ms,
        "requestId": work.id,
        "invokedFunctionArn":
            format!("arn:aws:lambda:{}:{ACCOUNT}:function:{}", api.spawned.region(), process.function.id),
        "tracing": { "type": "X-Amzn-Trace-Id", "value": "Sampled=0" },
    }))
    .into_response()
}

async fn dynamodb(State(api): State<Api>, Path(number): Path<u64>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(process) = api.spawned.process(number) else { return gone() };
    let current = process.current();
    let call = WireCall {
        function: &process.function.id,
        invocation: current.as_deref(),
        target: headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default(),
        body: &body,
    };
    let answer = api.table.answer(call).await;
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(axum::http::header::CONTENT_TYPE, "application/x-amz-json-1.0")], answer.body).into_response()
}

async fn send_mail(State(api): State<Api>, Path(number): Path<u64>, body: Bytes) -> Response {
    let Some(process) = api.spawned.process(number) else { return gone() };
    let current = process.current();
    let caller = mail::Caller { function: &process.function.id, invocation: current.as_deref() };
    mail::answer(&api.ses, caller, &body)
}

async fn connection(
    State(api): State<Api>,
    Path((number, stage, id)): Path<(u64, String, String)>,
    method: axum::http::Method,
    body: Bytes,
) -> Response {
    let (Some(process), Some(connections)) = (api.spawned.process(number), &api.connections) else { return gone() };
    let caller = Caller { function: Some(process.function.id.clone()), invocation: process.current() };
    connections::answer(connections, &caller, &method, &stage, &id, body).await
}
