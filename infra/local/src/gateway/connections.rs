//! The @connections API of the WebSocket API: post to a connection, look at it, end it.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::json;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::{
    clock::rfc3339,
    ids,
    invoke::attribution::{FUNCTION_HEADER, INVOCATION_HEADER},
    ledger::{CallResult, Ledger},
    template::{ACCOUNT, Policies},
};

use super::{
    limits::{Bucket, WEBSOCKET_MESSAGE},
    registry::{Connections, NotSent},
};

/// What the ledger calls a caller that is no function.
const OUTSIDE: &str = "(outside)";

/// What the API works with.
pub struct ConnectionsApi {
    pub(super) connections: Connections,
    pub(super) policies: Policies,
    pub(super) ledger: Ledger,
    pub(super) account: Arc<Bucket>,
    /// Logical id of the WebSocket API.
    pub(super) api: String,
    pub(super) stage: String,
    pub(super) region: String,
}

/// Who calls.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// Logical id of the function; None for somebody outside, who may do everything.
    pub function: Option<String>,
    /// Request id of its invocation.
    pub invocation: Option<String>,
}

/// An error of the service: status, name and text.
struct Refusal(StatusCode, &'static str, String);

/// The API under `/_aws/connections`, for functions of this process and for curl.
pub fn routes(api: Arc<ConnectionsApi>) -> Router {
    Router::new()
        .route("/_aws/connections/{stage}/@connections/{id}", get(endpoint).post(endpoint).delete(endpoint))
        .layer(DefaultBodyLimit::max(4 * WEBSOCKET_MESSAGE))
        .with_state(api)
}

async fn endpoint(
    State(api): State<Arc<ConnectionsApi>>,
    Path((stage, id)): Path<(String, String)>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let caller = Caller { function: text(FUNCTION_HEADER), invocation: text(INVOCATION_HEADER) };
    answer(&api, &caller, &method, &stage, &id, body).await
}

/// Answers one call and enters it in the ledger. `id` is decoded: ids end in `=`.
pub async fn answer(
    api: &ConnectionsApi,
    caller: &Caller,
    method: &Method,
    stage: &str,
    id: &str,
    body: Bytes,
) -> Response {
    let operation = match *method {
        Method::POST => "PostToConnection",
        Method::DELETE => "DeleteConnection",
        _ => "GetConnection",
    };
    let function = caller.function.as_deref().unwrap_or(OUTSIDE);
    let entry = api.ledger.start_call(caller.invocation.as_deref(), function, "execute-api", operation);
    let done = call(api, caller, method, stage, id, body);
    let (response, error) = match done {
        Ok(response) => (response, None),
        Err(Refusal(status, name, message)) => {
            let mut response = (status, Json(json!({ "message": message }))).into_response();
            response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(name));
            (response, Some(name.to_owned()))
        }
    };
    entry.finish(CallResult { status: response.status().as_u16(), error, ..CallResult::default() });
    response
}

fn call(
    api: &ConnectionsApi,
    caller: &Caller,
    method: &Method,
    stage: &str,
    id: &str,
    body: Bytes,
) -> Result<Response, Refusal> {
    let forbidden = |message| Refusal(StatusCode::FORBIDDEN, "ForbiddenException", message);
    if stage != api.stage {
        return Err(forbidden(format!("there is no stage {stage}")));
    }
    if let Some(function) = &caller.function {
        let arn =
            format!("arn:aws:execute-api:{}:{ACCOUNT}:{}/{stage}/{method}/@connections/{id}", api.region, api.api);
        if !api.policies.allow(function, "execute-api:ManageConnections", &arn) {
            return Err(forbidden(format!(
                "{function} is not authorized to perform execute-api:ManageConnections on {arn}"
            )));
        }
    }
    if !ids::is_gateway(id) {
        let message = format!("Invalid connectionId: {id}");
        return Err(Refusal(StatusCode::BAD_REQUEST, "BadRequestException", message));
    }
    let gone = || Refusal(StatusCode::GONE, "GoneException", "410".to_owned());
    let full = |what: &str| Refusal(StatusCode::TOO_MANY_REQUESTS, "LimitExceededException", what.to_owned());
    if !api.account.take() {
        return Err(full("Rate exceeded"));
    }
    if *method == Method::POST && body.len() > WEBSOCKET_MESSAGE {
        let message = "Message too long".to_owned();
        return Err(Refusal(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLargeException", message));
    }
    let connection = api.connections.get(id).ok_or_else(gone)?;
    match *method {
        Method::POST => {
            let bytes = body.len();
            let text = Utf8Bytes::try_from(body)
                .map_err(|_| Refusal(StatusCode::BAD_REQUEST, "BadRequestException", "it is not text".to_owned()))?;
            connection.send(text).map_err(|error| match error {
                NotSent::Gone => gone(),
                NotSent::Full => full("the client does not read"),
            })?;
            api.ledger.message_out(bytes);
            Ok(Response::new(Body::empty()))
        }
        Method::DELETE => {
            api.connections.remove(id);
            connection.close(1000, "");
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        _ => Ok(Json(json!({
            "connectedAt": rfc3339(connection.connected_at_ms),
            "identity": { "sourceIp": connection.source_ip, "userAgent": connection.user_agent },
            "lastActiveAt": rfc3339(connection.last_active_ms()),
        }))
        .into_response()),
    }
}
