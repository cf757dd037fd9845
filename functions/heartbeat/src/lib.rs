//! The scheduled function: pings connections, and ends the leases of those that do not answer.
//!
//! `$disconnect` is only a hint; a lease that runs out is the proof. Runs may overlap or die in the middle: each ping is
//! claimed by a conditional write, and a departure ends its lease last.

mod round;

use std::sync::Arc;

use aws_config::SdkConfig;
use dais_domain::Timestamp;
use dais_function::{AfterAnswer, Settings, SettingsError};
use dais_realtime::{Announcer, ApiGateway, EngineSettings, FloodGuard};
use dais_store::DynamoStore;
use lambda_runtime::{Error, LambdaEvent};
use serde::Deserialize;
use serde_json::{Value, json};

pub use round::{Heartbeat, Round};

/// The part of an EventBridge scheduled event that matters.
#[derive(Debug, Deserialize)]
pub struct Tick {
    /// When it was due, RFC 3339.
    pub time: String,
}

/// The function with everything it holds between invocations.
#[derive(Debug)]
pub struct App {
    heartbeat: Heartbeat<DynamoStore, ApiGateway>,
}

impl App {
    /// Reads TABLE_NAME, WS_MANAGEMENT_URL and the engine's settings.
    pub fn new(settings: &Settings, aws: &SdkConfig, _after: AfterAnswer) -> Result<Self, SettingsError> {
        let store = DynamoStore::new(aws, settings.required("TABLE_NAME")?);
        let sockets = ApiGateway::new(aws, settings.required("WS_MANAGEMENT_URL")?);
        let announcer = Announcer::new(store.clone(), sockets.clone(), Arc::new(FloodGuard::default()));
        Ok(Self { heartbeat: Heartbeat::new(store, sockets, announcer, EngineSettings::read(settings)?) })
    }
}

/// Handles one tick of the schedule.
pub async fn handle(app: &App, event: LambdaEvent<Tick>) -> Result<Value, Error> {
    let now = Timestamp::parse_rfc3339(&event.payload.time)?;
    let round = app.heartbeat.run(now, event.context.deadline()).await?;
    if round != Round::default() {
        tracing::info!(pinged = round.pinged, ended = round.ended, "💓 Heartbeat");
    }
    Ok(json!({ "pinged": round.pinged, "ended": round.ended }))
}
