//! The WebSocket function: sessions, rooms and live roles over Socket.IO.
//!
//! A message travels `handle` → `Engine` (packets) → [`Signaling`] (which event?) → [`Rooms`] (what it does) → store, and the
//! answer goes back the same way. Work after the answer is deferred.

mod application;
mod connect;
mod media_plane;
mod patience;
mod rooms;

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use dais_function::{AfterAnswer, Settings, SettingsError};
use dais_identity::Verifier;
use dais_realtime::{ApiGateway, Engine, EngineSettings, FloodGuard};
use dais_store::DynamoStore;
use lambda_runtime::{Error, LambdaEvent};

pub use application::Signaling;
pub use media_plane::{InTime, MediaPlane, NoMedia};
pub use patience::{Patience, Sleeping};
pub use rooms::{Outcome, Rooms};

/// The function with everything it holds between invocations.
#[derive(Debug)]
pub struct App {
    engine: Engine<Signaling<DynamoStore, ApiGateway>, ApiGateway>,
}

impl App {
    /// Reads TABLE_NAME, WS_MANAGEMENT_URL and the settings of identity and engine.
    pub fn new(settings: &Settings, aws: &SdkConfig, after: AfterAnswer) -> Result<Self, SettingsError> {
        let store = DynamoStore::new(aws, settings.required("TABLE_NAME")?);
        let sockets = ApiGateway::new(aws, settings.required("WS_MANAGEMENT_URL")?);
        let engine = EngineSettings::read(settings)?;
        let verifier = Verifier::from_settings(settings)?;
        let floods = Arc::new(FloodGuard::default());
        let media = Arc::new(InTime(NoMedia));
        let rooms = Rooms::new(store, sockets.clone(), floods.clone(), Arc::new(Sleeping), media);
        let app = Signaling::new(rooms, verifier, engine.clone());
        Ok(Self { engine: Engine::new(app, sockets, after, engine, floods) })
    }
}

/// Handles one event of the WebSocket API. Failures are answered, so it never fails itself.
pub async fn handle(
    app: &App,
    event: LambdaEvent<ApiGatewayWebsocketProxyRequest>,
) -> Result<ApiGatewayProxyResponse, Error> {
    Ok(app.engine.handle(event.payload).await)
}
