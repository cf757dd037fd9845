//! `GET /api/openapi.json` and `GET /api/health`: without a token, and without a look at the table.

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
