//! A message of a client: its route, its function, and the answer that may go back.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::{sync::OwnedSemaphorePermit, time::timeout};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::{
    ids,
    invoke::{InvokeError, Order},
    template::WebSocketApi,
};

use super::{
    Gateway,
    limits::WEBSOCKET_INTEGRATION,
    registry::Connection,
    websocket_event::{self, Context},
};

/// Takes a message on. It is handled beside those before it: the cloud keeps no order within a connection either.
/// `place` is one of the connection's.
pub(super) fn receive(
    gateway: &Arc<Gateway>,
    connection: &Arc<Connection>,
    text: Utf8Bytes,
    place: OwnedSemaphorePermit,
) {
    gateway.ledger.message_in(text.len());
    let (gateway, connection) = (Arc::clone(gateway), Arc::clone(connection));
    tokio::spawn(async move {
        let request_id = ids::gateway();
        let Some(api) = &gateway.template.websocket else { return };
        let answer = match handle(&gateway, api, &connection, &text, &request_id).await {
            Ok(answer) => answer,
            Err(message) => {
                let body = json!({ "message": message, "connectionId": connection.id, "requestId": request_id });
                Some(body.to_string())
            }
        };
        if let Some(answer) = answer {
            let bytes = answer.len();
            // A client that has gone misses its answer.
            if connection.send(answer.into()).is_ok() {
                gateway.ledger.message_out(bytes);
            }
        }
        drop(place);
    });
}

/// What goes back to the client, or what the service says instead.
async fn handle(
    gateway: &Gateway,
    api: &WebSocketApi,
    connection: &Connection,
    text: &str,
    request_id: &str,
) -> Result<Option<String>, &'static str> {
    let Some((key, route)) = websocket_event::select(api, text).and_then(|key| api.routes.get_key_value(key)) else {
        return Err("Forbidden");
    };
    if !gateway.may_pass(key) {
        return Err("Too Many Requests");
    }
    let context =
        Context { api, connection, route: key, request_id: request_id.to_owned(), now_ms: gateway.clock.now_ms() };
    let order = Order {
        function: route.function.clone(),
        label: format!("MESSAGE {key}"),
        event: context.message(text),
        at_least_once: true,
    };
    let answer = match timeout(WEBSOCKET_INTEGRATION, gateway.lambda.invoke(order)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(InvokeError::Throttled)) => return Err("Too Many Requests"),
        Ok(Err(_)) => return Err("Internal server error"),
        Err(_) => return Err("Endpoint request timed out"),
    };
    if !route.answers {
        return Ok(None);
    }
    let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
    if answer.get("statusCode").and_then(Value::as_u64).is_none() {
        return Err("Internal server error");
    }
    match answer.get("body") {
        Some(Value::String(body)) if !body.is_empty() => Ok(Some(body.clone())),
        _ => Ok(None),
    }
}
