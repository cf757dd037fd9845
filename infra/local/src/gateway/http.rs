//! The HTTP API: routes from template.yaml, payload format 2.0, the service's own answers where a function gives none.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    response::Response,
};
use futures::StreamExt;
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use serde_json::json;
use tokio::time::timeout;

use crate::{
    ids,
    invoke::{InvokeError, Order},
    template::HttpApi,
};

use super::{
    Gateway, cors, http_answer,
    http_event::Context,
    limits::{HTTP_HEADERS, HTTP_INTEGRATION, HTTP_PAYLOAD},
};

/// Reading on after too much has come, so that the client reads the answer instead of a reset connection, in bytes.
const MOST_READ: usize = 4 * HTTP_PAYLOAD;

/// Answers a request whose path, after the edge, is `path`.
pub(super) async fn answer(gateway: &Arc<Gateway>, request: Request, path: &str, peer: SocketAddr) -> Response {
    let Some(api) = &gateway.template.http else { return message(StatusCode::NOT_FOUND, "Not Found") };
    let (parts, body) = request.into_parts();
    let request_id = ids::gateway();
    if size(&parts) > HTTP_HEADERS {
        return message(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large");
    }
    if let Some(answer) = api.cors.as_ref().and_then(|cors| cors::preflight(cors, &parts.method, &parts.headers)) {
        return answer;
    }
    let mut response = match read(body).await {
        Ok(body) => routed(gateway, api, &parts, body, path, &request_id, peer).await,
        Err(response) => response,
    };
    if let Some(cors) = &api.cors {
        cors::apply(cors, &parts.headers, response.headers_mut());
    }
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert("apigw-requestid", id);
    }
    response
}

async fn routed(
    gateway: &Arc<Gateway>,
    api: &HttpApi,
    parts: &Parts,
    body: Bytes,
    path: &str,
    request_id: &str,
    peer: SocketAddr,
) -> Response {
    let Some(found) = gateway.routes.find(&parts.method, path) else {
        return message(StatusCode::NOT_FOUND, "Not Found");
    };
    if !has_sound_host(&parts.headers) {
        return message(StatusCode::BAD_REQUEST, "Bad Request");
    }
    if !gateway.may_pass(found.key) {
        return message(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests");
    }
    let source_ip = peer.ip().to_string();
    let context = Context {
        api: &api.id,
        route: found.key,
        parameters: &found.parameters,
        path,
        source_ip: &source_ip,
        request_id,
        now_ms: gateway.clock.now_ms(),
    };
    let order = Order {
        function: found.function.to_owned(),
        label: format!("{} {path}", parts.method),
        event: context.event(parts, &body),
        at_least_once: false,
    };
    match timeout(HTTP_INTEGRATION, gateway.lambda.invoke(order)).await {
        Err(_) => message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        Ok(Err(InvokeError::TooLarge { .. })) => message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
        Ok(Err(InvokeError::Throttled)) => message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        Ok(Err(_)) => message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
        Ok(Ok(answer)) => http_answer::response(&answer)
            .unwrap_or_else(|| message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")),
    }
}

/// The body, or the answer to one that is too large or broken.
async fn read(body: Body) -> Result<Bytes, Response> {
    let mut stream = body.into_data_stream();
    let mut whole = Vec::new();
    let mut length = 0;
    while let Some(part) = stream.next().await {
        let part = part.map_err(|_| message(StatusCode::BAD_REQUEST, "Bad Request"))?;
        length += part.len();
        if length <= HTTP_PAYLOAD {
            whole.extend_from_slice(&part);
        } else if length > MOST_READ {
            break;
        }
    }
    if length > HTTP_PAYLOAD {
        return Err(message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"));
    }
    Ok(Bytes::from(whole))
}

/// Request line and headers, in bytes.
fn size(parts: &Parts) -> usize {
    let line = parts.method.as_str().len() + parts.uri.path_and_query().map_or(1, |path| path.as_str().len()) + 12;
    line + parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum::<usize>()
}

/// The service finds its API by the host, so that a host that is no name does not get far.
fn has_sound_host(headers: &HeaderMap) -> bool {
    headers.get(header::HOST).and_then(|host| host.to_str().ok()).is_some_and(|host| {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:-_[]".contains(&byte))
    })
}

/// An answer of the service itself.
fn message(status: StatusCode, text: &str) -> Response {
    let mut response = Response::new(Body::from(json!({ "message": text }).to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
