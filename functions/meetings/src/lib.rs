//! The REST function: meetings, their hosts and their log.
//!
//! A request travels [`handle`] → [`Rest::answer`] (which route? whose token?) → one of `operations` → store. What goes wrong
//! on the way is a [`dais_rest::Problem`], answered as `{error, code, message}`. Rooms are told after the answer, and their media nodes before them.

mod answer;
mod change;
mod headers;
mod openapi;
mod operations;
mod problem;
mod rest;
mod routes;
mod wire;

use aws_config::SdkConfig;
use dais_function::{AfterAnswer, Settings, SettingsError};
use dais_identity::Verifier;
use dais_media_nodes::Nodes;
use dais_realtime::ApiGateway;
use dais_store::DynamoStore;
use lambda_http::{Body, Error, Request, Response};

pub use openapi::document;
pub use rest::Rest;
pub use routes::{Operation, ROUTES};

/// The function with everything it holds between invocations.
#[derive(Debug)]
pub struct App {
    rest: Rest<DynamoStore, ApiGateway>,
}

impl App {
    /// Reads TABLE_NAME, WS_MANAGEMENT_URL and the settings of identity.
    pub fn new(settings: &Settings, aws: &SdkConfig, after: AfterAnswer) -> Result<Self, SettingsError> {
        let store = DynamoStore::new(aws, settings.required("TABLE_NAME")?);
        let sockets = ApiGateway::new(aws, settings.required("WS_MANAGEMENT_URL")?);
        let verifier = Verifier::from_settings(settings)?;
        let media = Nodes::to_be_told(store.clone());
        Ok(Self { rest: Rest::new(store, sockets, media, verifier, after) })
    }
}

/// Answers one request of the HTTP API. Failures are answered too, so it never fails itself.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Error> {
    Ok(app.rest.answer(&request).await)
}
