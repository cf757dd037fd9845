//! The WebSocket function: sessions, rooms and live roles over Socket.IO.
//!
//! A message travels `handle` → `Engine` (packets) → [`Signaling`] (which event?) → [`Rooms`] (what it does) → store, and the
//! answer goes back the same way. Work after the answer is deferred.

mod application;
mod connect;
mod media;
mod rooms;

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use dais_function::{AfterAnswer, Settings, SettingsError};
use dais_identity::Verifier;
use dais_media::transport::IceServer;
use dais_media_nodes::{HttpsNodes, InTime, Nodes, Sleeping, machine_time};
use dais_realtime::{ApiGateway, Engine, EngineSettings, FloodGuard};
use dais_store::DynamoStore;
use lambda_runtime::{Error, LambdaEvent};

pub use application::Signaling;
pub use media::{Asked, Media, MediaError, Reach};
pub use rooms::{Outcome, Rooms};

/// The function with everything it holds between invocations.
#[derive(Debug)]
pub struct App {
    engine: Engine<Signaling<DynamoStore, ApiGateway>, ApiGateway>,
}

impl App {
    /// Reads TABLE_NAME, WS_MANAGEMENT_URL, ICE_SERVERS and the settings of identity and engine.
    pub fn new(settings: &Settings, aws: &SdkConfig, after: AfterAnswer) -> Result<Self, SettingsError> {
        let store = DynamoStore::new(aws, settings.required("TABLE_NAME")?);
        let sockets = ApiGateway::new(aws, settings.required("WS_MANAGEMENT_URL")?);
        let engine = EngineSettings::read(settings)?;
        let verifier = Verifier::from_settings(settings)?;
        let floods = Arc::new(FloodGuard::default());
        let patience = Arc::new(Sleeping);
        let nodes = Nodes::new(store.clone(), Arc::new(HttpsNodes::default()), patience.clone(), machine_time());
        let media = Media::new(nodes.clone(), ice_servers(settings)?);
        let plane = Arc::new(InTime(nodes));
        let rooms = Rooms::new(store, sockets.clone(), floods.clone(), patience, plane);
        let app = Signaling::new(rooms, media, verifier, engine.clone());
        Ok(Self { engine: Engine::new(app, sockets, after, engine, floods) })
    }
}

/// STUN and TURN servers for the clients, as a JSON list of `RTCIceServer`s.
fn ice_servers(settings: &Settings) -> Result<Vec<IceServer>, SettingsError> {
    let Some(list) = settings.optional("ICE_SERVERS") else { return Ok(Vec::new()) };
    serde_json::from_str(list).map_err(|error| SettingsError::Invalid {
        name: "ICE_SERVERS",
        // It may quote a credential, the place does not.
        reason: format!("it is not a list of {{urls, username, credential}} at column {}", error.column()),
    })
}

/// Handles one event of the WebSocket API. Failures are answered, so it never fails itself.
pub async fn handle(
    app: &App,
    event: LambdaEvent<ApiGatewayWebsocketProxyRequest>,
) -> Result<ApiGatewayProxyResponse, Error> {
    Ok(app.engine.handle(event.payload).await)
}
