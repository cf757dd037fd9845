//! The Runtime API and the Extensions API of Lambda, as far as a function with an internal extension needs them.
//!
//! Each request becomes a [`Call`], stamped when it came; whoever has the calls decides what is answered and when.

use std::time::Instant;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use crate::Error;

/// What a function's runtime or extension asked.
pub enum Call {
    /// The runtime waits for an event; send it here, with its request id.
    Next(Instant, oneshot::Sender<(String, Value)>),
    /// The runtime answers an event.
    Answer(Instant, String),
    /// The runtime reports an error.
    Failure(String),
    /// An extension registers.
    Registered,
    /// An extension waits for an event.
    ExtensionNext(Instant, oneshot::Sender<Value>),
}

type Calls = mpsc::UnboundedSender<Call>;

/// Starts the API on a port of its own. Gives its address for `AWS_LAMBDA_RUNTIME_API`, the calls, and itself to be aborted.
pub async fn start() -> Result<(String, mpsc::UnboundedReceiver<Call>, JoinHandle<()>), Error> {
    let (calls, received) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let runtime = "/2018-06-01/runtime";
    let router = Router::new()
        .route(&format!("{runtime}/invocation/next"), get(next))
        .route(&format!("{runtime}/invocation/{{id}}/response"), post(answer))
        .route(&format!("{runtime}/invocation/{{id}}/error"), post(failure))
        .route(&format!("{runtime}/init/error"), post(failure))
        .route("/2020-01-01/extension/register", post(register))
        .route("/2020-01-01/extension/event/next", get(extension_next))
        .with_state(calls);
    let server = tokio::spawn(async move {
        // Fails only by being aborted.
        let _ = axum::serve(listener, router).await;
    });
    Ok((address, received, server))
}

async fn next(State(calls): State<Calls>) -> Response {
    let (reply, event) = oneshot::channel();
    let _ = calls.send(Call::Next(Instant::now(), reply));
    // Without an event the function is being stopped.
    let Ok((id, event)) = event.await else { return StatusCode::GONE.into_response() };
    let headers = [
        (HeaderName::from_static("lambda-runtime-aws-request-id"), id),
        (HeaderName::from_static("lambda-runtime-deadline-ms"), deadline_ms().to_string()),
        (HeaderName::from_static("lambda-runtime-invoked-function-arn"), ARN.to_owned()),
        (header::CONTENT_TYPE, "application/json".to_owned()),
    ];
    (headers, event.to_string()).into_response()
}

async fn answer(State(calls): State<Calls>, Path(_): Path<String>, body: String) -> StatusCode {
    let _ = calls.send(Call::Answer(Instant::now(), body));
    StatusCode::ACCEPTED
}

async fn failure(State(calls): State<Calls>, body: String) -> StatusCode {
    let _ = calls.send(Call::Failure(body));
    StatusCode::ACCEPTED
}

async fn register(State(calls): State<Calls>) -> Response {
    let _ = calls.send(Call::Registered);
    let headers = [(HeaderName::from_static("lambda-extension-identifier"), "7f0e9c0a-5b0e-4f6e-9d43-0c3c4a1f1f11")];
    (headers, Json(json!({ "functionName": "bench", "functionVersion": "$LATEST", "handler": "bootstrap" })))
        .into_response()
}

async fn extension_next(State(calls): State<Calls>) -> Response {
    let (reply, event) = oneshot::channel();
    let _ = calls.send(Call::ExtensionNext(Instant::now(), reply));
    match event.await {
        Ok(event) => Json(event).into_response(),
        Err(_) => StatusCode::GONE.into_response(),
    }
}

const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:bench";

/// The event that tells an extension of an invocation.
pub fn invoke_event(id: &str) -> Value {
    json!({
        "eventType": "INVOKE",
        "deadlineMs": deadline_ms(),
        "requestId": id,
        "invokedFunctionArn": ARN,
        "tracing": { "type": "X-Amzn-Trace-Id", "value": "Root=1-00000000-000000000000000000000000" },
    })
}

fn deadline_ms() -> u128 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    now.as_millis() + 29_000
}
