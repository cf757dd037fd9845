//! The REST function: invitations to be host or co-host.
//!
//! A request travels [`handle`] → [`Rest::answer`] (which route? whose token?) → one of `operations` → store. `inviting` takes
//! many people at once and answers for each by himself. Mails are sent after the answer; what is left of them the `mailer`
//! function sends. What may be done with an invitation is decided in `dais_domain::invitation`.

mod ids;
mod inviting;
mod openapi;
mod operations;
mod problem;
mod rest;
mod routes;
mod rules;
mod wire;

use aws_config::SdkConfig;
use dais_courier::Courier;
use dais_function::{AfterAnswer, Settings, SettingsError};
use dais_identity::Verifier;
use dais_mail::Ses;
use dais_realtime::ApiGateway;
use dais_store::DynamoStore;
use lambda_http::{Body, Error, Request, Response};

pub use openapi::document;
pub use rest::Rest;
pub use routes::{Operation, ROUTES};
pub use rules::{Rules, Unregistered};

/// The function with everything it holds between invocations.
#[derive(Debug)]
pub struct App {
    rest: Rest<DynamoStore, ApiGateway, Ses>,
}

impl App {
    /// Reads TABLE_NAME, WS_MANAGEMENT_URL and the settings of identity, mail and limits.
    pub fn new(settings: &Settings, aws: &SdkConfig, after: AfterAnswer) -> Result<Self, SettingsError> {
        let store = DynamoStore::new(aws, settings.required("TABLE_NAME")?);
        let sockets = ApiGateway::new(aws, settings.required("WS_MANAGEMENT_URL")?);
        let verifier = Verifier::from_settings(settings)?;
        let courier = Courier::from_settings(settings, aws, store.clone())?;
        Ok(Self { rest: Rest::new(store, sockets, courier, verifier, Rules::read(settings)?, after) })
    }
}

/// Answers one request of the HTTP API. Failures are answered too, so it never fails itself.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Error> {
    Ok(app.rest.answer(&request).await)
}
