//! The application that the public Engine.IO and Socket.IO protocol test suites expect behind a server (`CONFORMANCE=1`):
//! it echoes. What is tested with it is our engine, codec and heartbeat, behind the local API Gateway, as deployed.

use std::sync::Arc;

use dais_domain::{SocketId, Timestamp};
use dais_function::{AfterAnswer, Settings, SettingsError};
use dais_realtime::{Answer, ApiGateway, Application, Engine, EngineSettings, FloodGuard, Frame, Packet, Sender};
use dais_socketio::encode;
use dais_store::{Connections, DynamoStore};
use serde_json::{Value, json};

/// The namespaces that the suites use.
const NAMESPACES: [&str; 2] = ["/", "/custom"];

/// An engine with the echo behind it.
pub type EchoEngine = Engine<Echo, ApiGateway>;

/// Builds it from the settings of the signaling function.
///
/// # Errors
/// A setting is missing or cannot be read.
pub fn engine(
    settings: &Settings,
    aws: &aws_config::SdkConfig,
    after: AfterAnswer,
) -> Result<EchoEngine, SettingsError> {
    let sockets = ApiGateway::new(aws, settings.required("WS_MANAGEMENT_URL")?);
    let engine = EngineSettings::read(settings)?;
    let echo = Echo { store: DynamoStore::new(aws, settings.required("TABLE_NAME")?), settings: engine.clone() };
    Ok(Engine::new(echo, sockets, after, engine, Arc::new(FloodGuard::default())))
}

/// Lets everybody in, tells him what he authenticated with, and sends back what he says.
#[derive(Debug)]
pub struct Echo {
    store: DynamoStore,
    settings: EngineSettings,
}

impl Echo {
    fn due(&self, now: Timestamp) -> Timestamp {
        now.plus(self.settings.lease())
    }
}

impl Application for Echo {
    async fn connect(&self, sender: &Sender, namespace: &str, auth: Option<Value>) -> Answer {
        if !NAMESPACES.contains(&namespace) {
            return Answer::unknown_namespace(namespace);
        }
        let sid = sender.connection_id.as_str();
        let auth = encode::event(namespace, "auth", &[auth.unwrap_or_else(|| json!({}))], None);
        // In order: the CONNECT answer, then the event.
        let then = std::iter::once(Frame::from(encode::connect(namespace, sid, None))).chain(auth.ok()).collect();
        Answer { then, ..Answer::nothing() }
    }

    async fn event(&self, _sender: &Sender, packet: Packet) -> Answer {
        let echoed = match (packet.name.as_str(), packet.id) {
            ("message", _) => encode::event(&packet.namespace, "message-back", &packet.args, None).ok(),
            ("message-with-ack", Some(id)) => encode::ack(&packet.namespace, id, &packet.args).ok().map(Frame::from),
            _ => None,
        };
        echoed.map_or_else(Answer::nothing, Answer::frame)
    }

    async fn leave(&self, _sender: &Sender, namespace: &str) -> Answer {
        Answer { close: namespace == "/", ..Answer::nothing() }
    }

    async fn pong(&self, sender: &Sender) {
        if let Err(error) = self.store.ponged(&sender.connection_id, self.due(sender.now)).await {
            tracing::warn!(%error, "a lease was not renewed");
        }
    }

    async fn guest(&self, sender: &Sender) {
        if let Err(error) = self.store.open_guest(&sender.connection_id, self.due(sender.now)).await {
            tracing::warn!(%error, "a guest will not be pinged");
        }
    }

    async fn upgrading(&self, _sender: &Sender, _sid: SocketId) {}

    async fn upgraded(&self, _sender: &Sender) -> Answer {
        Answer::nothing()
    }

    async fn gone(&self, sender: &Sender, _deliberate: bool) {
        if let Err(error) = self.store.close(&sender.connection_id, sender.now, false).await {
            tracing::warn!(%error, "a lease was not ended");
        }
    }
}
