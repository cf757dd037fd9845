//! `$connect`: the function decides before the upgrade, and its refusal is the HTTP status of the handshake.

use std::{net::SocketAddr, sync::Arc};

use axum::{body::Body, extract::Request, response::Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};
use hyper::upgrade::OnUpgrade;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::{
    ids,
    invoke::{InvokeError, Order},
    template::WebSocketApi,
};

use super::{
    Gateway,
    limits::{WEBSOCKET_INTEGRATION, WEBSOCKET_URL},
    registry::{Connection, Peer},
    websocket,
    websocket_event::Context,
};

/// Whether a request asks for a WebSocket.
pub(super) fn wants_upgrade(headers: &HeaderMap) -> bool {
    has_token(headers, &header::UPGRADE, "websocket")
}

/// Answers a handshake; on success the connection goes on in a task of its own.
pub(super) async fn answer(gateway: &Arc<Gateway>, request: Request, peer: SocketAddr) -> Response {
    let Some(api) = &gateway.template.websocket else { return refused(StatusCode::NOT_FOUND, "Not Found") };
    let (mut request, _) = request.into_parts();
    let headers = &request.headers;
    let key = headers.get(header::SEC_WEBSOCKET_KEY).map(|key| derive_accept_key(key.as_bytes()));
    let sound = request.method == Method::GET
        && wants_upgrade(headers)
        && has_token(headers, &header::CONNECTION, "upgrade")
        && headers.get(header::SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13");
    let (Some(key), true) = (key, sound) else {
        let mut response = refused(StatusCode::UPGRADE_REQUIRED, "Upgrade Required");
        response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        response.headers_mut().insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        return response;
    };
    if request.uri.path_and_query().is_some_and(|path| path.as_str().len() > WEBSOCKET_URL) {
        return refused(StatusCode::URI_TOO_LONG, "URI Too Long");
    }
    if !gateway.connects.take() || !gateway.may_pass("$connect") {
        return refused(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests");
    }
    let Some(upgrade) = request.extensions.remove::<OnUpgrade>() else {
        return refused(StatusCode::UPGRADE_REQUIRED, "Upgrade Required");
    };
    let text = |name: header::HeaderName| request.headers.get(name).and_then(|value| value.to_str().ok());
    let peer = Peer {
        source_ip: peer.ip().to_string(),
        user_agent: text(header::USER_AGENT).map(str::to_owned),
        domain_name: text(header::HOST).unwrap_or_default().to_owned(),
    };
    let (connection, outgoing) = Connection::new(ids::gateway(), gateway.clock.now_ms(), peer);
    let protocol = match connect(gateway, api, &connection, &request).await {
        Ok(protocol) => protocol,
        Err(response) => return *response,
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let answer = response.headers_mut();
    answer.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    answer.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(key) = HeaderValue::from_str(&key) {
        answer.insert(header::SEC_WEBSOCKET_ACCEPT, key);
    }
    if let Some(protocol) = protocol {
        answer.insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    tokio::spawn(websocket::run(Arc::clone(gateway), connection, outgoing, upgrade));
    response
}

/// Asks the function of `$connect`; gives the subprotocol that it chose, or the refusal.
async fn connect(
    gateway: &Gateway,
    api: &WebSocketApi,
    connection: &Connection,
    request: &Parts,
) -> Result<Option<HeaderValue>, Box<Response>> {
    let Some(route) = api.routes.get("$connect") else { return Ok(None) };
    let request_id = ids::gateway();
    let context =
        Context { api, connection, route: "$connect", request_id: request_id.clone(), now_ms: gateway.clock.now_ms() };
    let order = Order {
        function: route.function.clone(),
        label: "CONNECT $connect".to_owned(),
        event: context.connect(&request.headers, request.uri.query().unwrap_or_default()),
        at_least_once: false,
    };
    let failed = |status: StatusCode, text: &str| {
        let body = json!({ "message": text, "connectionId": connection.id, "requestId": request_id });
        Box::new(with_body(status, body.to_string()))
    };
    let answer = match timeout(WEBSOCKET_INTEGRATION, gateway.lambda.invoke(order)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(InvokeError::Throttled)) => return Err(failed(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests")),
        Ok(Err(_)) => return Err(failed(StatusCode::BAD_GATEWAY, "Internal server error")),
        Err(_) => return Err(failed(StatusCode::GATEWAY_TIMEOUT, "Endpoint request timed out")),
    };
    let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
    let status = answer.get("statusCode").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
    match status.and_then(|status| StatusCode::from_u16(status).ok()) {
        Some(status) if status.is_success() => Ok(chosen_protocol(&answer)),
        Some(status) => {
            let body = answer.get("body").and_then(Value::as_str).unwrap_or_default();
            Err(Box::new(with_body(status, body.to_owned())))
        }
        None => Err(failed(StatusCode::BAD_GATEWAY, "Internal server error")),
    }
}

/// `Sec-WebSocket-Protocol` among the headers of the function's answer.
fn chosen_protocol(answer: &Value) -> Option<HeaderValue> {
    let headers = answer.get("headers")?.as_object()?;
    let (_, value) = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-protocol"))?;
    HeaderValue::from_str(value.as_str()?).ok()
}

fn has_token(headers: &HeaderMap, name: &header::HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|part| part.trim().eq_ignore_ascii_case(token))
}

fn refused(status: StatusCode, text: &str) -> Response {
    with_body(status, json!({ "message": text }).to_string())
}

fn with_body(status: StatusCode, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
