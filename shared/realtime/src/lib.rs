//! Socket.IO over API Gateway.
//!
//! [`Engine`] turns the WebSocket events of API Gateway into calls of an [`Application`]; [`Sockets`] posts to connections;
//! [`Announcer`] tells a room what happened and takes people out of it.

mod announce;
mod api_gateway;
mod engine;
mod flood;
mod outbox;
mod settings;
mod sockets;

pub use announce::{Announcer, LIST_UPDATE_MAX, Subject, Telling};
pub use api_gateway::ApiGateway;
pub use engine::{Answer, Application, Engine, Packet, Sender};
pub use flood::{FloodGuard, Verdict};
pub use outbox::{Frame, Outbox, frame, pages};
pub use settings::EngineSettings;
pub use sockets::{PostError, Sockets};
