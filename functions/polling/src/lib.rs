//! Engine.IO over HTTP, for as long as a client needs it: stock clients begin with long-polling and move to WebSocket
//! once the server offers it. This function offers it at once, keeps the CONNECT packet that comes meanwhile, and
//! answers polls with nothing. See docs/decisions/polling-first.md.
//!
//! Nothing is written for a stranger: only a CONNECT with a good token is kept.

mod http;
mod session;

use aws_config::SdkConfig;
use dais_domain::Timestamp;
use dais_function::{AfterAnswer, Settings, SettingsError};
use dais_identity::Verifier;
use dais_realtime::EngineSettings;
use dais_store::DynamoStore;
use lambda_http::{Body, Error, Request, RequestExt, Response, request::RequestContext};

use http::{Refused, not_found, text};
use session::Sid;

/// The function with everything it holds between invocations.
#[derive(Debug)]
pub struct App {
    store: DynamoStore,
    verifier: Verifier,
    settings: EngineSettings,
}

impl App {
    /// Reads TABLE_NAME and the settings of identity and engine.
    pub fn new(settings: &Settings, aws: &SdkConfig, _after: AfterAnswer) -> Result<Self, SettingsError> {
        Ok(Self {
            store: DynamoStore::new(aws, settings.required("TABLE_NAME")?),
            verifier: Verifier::from_settings(settings)?,
            settings: EngineSettings::read(settings)?,
        })
    }
}

/// Handles one request of a polling client.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Error> {
    let now = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => {
            Timestamp::from_ms(u64::try_from(context.time_epoch).unwrap_or_default())
        }
        _ => return Ok(not_found()),
    };
    Ok(answer(app, &request, now).await.unwrap_or_else(|refused| refused.response()))
}

async fn answer(app: &App, request: &Request, now: Timestamp) -> Result<Response<Body>, Refused> {
    let query = request.query_string_parameters();
    if query.first("transport") != Some("polling") {
        return Err(Refused::UnknownTransport);
    }
    if query.first("EIO") != Some("4") {
        return Err(Refused::UnsupportedVersion);
    }
    let sid = query.first("sid").map(|sid| Sid::read(sid, now)).transpose()?;
    match (request.method().as_str(), sid) {
        ("GET", None) => Ok(text(&session::handshake(&app.settings, now))),
        ("GET", Some(_)) => {
            session::poll().await;
            Ok(text(&dais_socketio::EnginePacket::Noop.encode()))
        }
        ("POST", Some(sid)) => {
            let body = std::str::from_utf8(request.body()).map_err(|_| Refused::BadRequest)?;
            session::receive(&app.store, &app.verifier, &sid, body, now).await?;
            Ok(text("ok"))
        }
        _ => Err(Refused::BadHandshakeMethod),
    }
}
