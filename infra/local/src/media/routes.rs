//! `/_local/media`, and the nodes' own way to the sockets.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{Method, StatusCode},
    middleware,
    response::Response,
    routing::{get, post},
};
use serde_json::json;

use super::{MediaNodes, NAME};
use crate::{
    answer,
    gateway::connections::{self, Caller, ConnectionsApi},
};

/// `GET /_local/media`, `POST /_local/media/kill {"node": 1}`, and the @connections API for the nodes.
pub fn routes(nodes: MediaNodes, sockets: Option<Arc<ConnectionsApi>>) -> Router {
    let tools = Router::new()
        .route("/_local/media", get(show))
        .route("/_local/media/kill", post(kill))
        .layer(middleware::from_fn(answer::readable_anywhere))
        .with_state(nodes);
    match sockets {
        None => tools,
        Some(api) => tools.merge(
            Router::new()
                .route(
                    "/_media/connections/{stage}/@connections/{id}",
                    get(connection).post(connection).delete(connection),
                )
                .with_state(api),
        ),
    }
}

async fn show(State(nodes): State<MediaNodes>) -> Response {
    answer::json(&nodes.states())
}

async fn kill(State(nodes): State<MediaNodes>, body: Bytes) -> Response {
    let node = match answer::object(&body) {
        Ok(fields) => fields.get("node").and_then(|node| usize::try_from(node.as_u64()?).ok()),
        Err(sentence) => return answer::bad_request(&sentence),
    };
    let Some(node) = node else { return answer::bad_request("node must be a number: see GET /_local/media") };
    match nodes.kill(node) {
        Some(killed) => answer::json(&killed),
        None => answer::with_status(StatusCode::NOT_FOUND, &json!({ "error": format!("no node {node} is running") })),
    }
}

async fn connection(
    State(api): State<Arc<ConnectionsApi>>,
    Path((stage, id)): Path<(String, String)>,
    method: Method,
    body: Bytes,
) -> Response {
    let caller = Caller { function: Some(NAME.to_owned()), invocation: None };
    connections::answer(&api, &caller, &method, &stage, &id, body).await
}
