//! `GET /api/openapi.json`, `GET /api/asyncapi.json` and `GET /api/health`: without a token, and without a look at the table.

use dais_rest::{Answer, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use crate::openapi;

/// Read this document
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    operation_id = "readOpenApi",
    tag = "service",
    security(()),
    responses((status = 200, description = "OpenAPI 3.1", body = Object, content_type = "application/json"))
)]
pub async fn openapi() -> Result<Answer, Problem> {
    Ok(Answer::json(openapi::WHOLE.to_owned()))
}

/// The description of the socket, as JSON. `make openapi` writes it from the types of `dais-asyncapi`.
const SOCKET: &str = include_str!("../asyncapi.json");

/// Read the description of the socket
#[utoipa::path(
    get,
    path = "/api/asyncapi.json",
    operation_id = "readAsyncApi",
    tag = "service",
    security(()),
    responses((status = 200, description = "AsyncAPI 3.0", body = Object, content_type = "application/json"))
)]
pub async fn asyncapi() -> Result<Answer, Problem> {
    Ok(Answer::json(SOCKET.to_owned()))
}

/// Ask whether the function runs
#[utoipa::path(
    get,
    path = "/api/health",
    operation_id = "readHealth",
    tag = "service",
    security(()),
    responses((status = 200, description = "It runs", body = Health))
)]
pub async fn health() -> Result<Answer, Problem> {
    Answer::ok(&Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// That the function runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Always "ok".
    status: &'static str,
    /// Release of the function.
    version: &'static str,
}
