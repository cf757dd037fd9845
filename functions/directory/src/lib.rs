//! The directory: who is known, and who has met whom.
//!
//! The identity provider tells of its users by webhooks: [`signature`] says whether it was he, `event` what he says, and
//! `webhook` writes it down; a deleted user goes by `farewell`. `network` answers people with whom they have met.

mod event;
mod farewell;
mod network;
mod openapi;
mod problem;
mod rest;
mod routes;
pub mod signature;
mod webhook;

use aws_config::SdkConfig;
use dais_function::{AfterAnswer, Settings, SettingsError};
use dais_identity::Verifier;
use dais_media_nodes::Nodes;
use dais_realtime::ApiGateway;
use dais_store::DynamoStore;
use lambda_http::{Body, Error, Request, Response};

pub use openapi::document;
pub use problem::WebhookProblem;
pub use rest::Rest;
pub use routes::{Operation, ROUTES};
use signature::Secrets;

/// The function with everything it holds between invocations.
#[derive(Debug)]
pub struct App {
    rest: Rest<DynamoStore, ApiGateway>,
}

impl App {
    /// Reads TABLE_NAME, WS_MANAGEMENT_URL, WEBHOOK_SECRETS and the settings of identity.
    pub fn new(settings: &Settings, aws: &SdkConfig, after: AfterAnswer) -> Result<Self, SettingsError> {
        let store = DynamoStore::new(aws, settings.required("TABLE_NAME")?);
        let sockets = ApiGateway::new(aws, settings.required("WS_MANAGEMENT_URL")?);
        let verifier = Verifier::from_settings(settings)?;
        let secrets = Secrets::new(&settings.list("WEBHOOK_SECRETS"))
            .map_err(|error| SettingsError::Invalid { name: "WEBHOOK_SECRETS", reason: error.to_string() })?;
        Ok(Self { rest: Rest::new(store.clone(), sockets, Nodes::to_be_told(store), verifier, secrets, after) })
    }
}

/// Answers one request of the HTTP API. Failures are answered too, so it never fails itself.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Error> {
    Ok(app.rest.answer(&request).await)
}
