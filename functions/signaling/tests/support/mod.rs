//! What the tests of this crate share: an executor without a clock, a bad day for the table, sockets that remember.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)] // Each test file uses a part of it.

pub mod client;
pub mod executor;
pub mod house;
pub mod identity;
pub mod nodes;
pub mod patience;
pub mod sky;
pub mod sockets;

use std::time::Duration;

use dais_domain::{ConnectionId, Meeting, MeetingId, RecoveryId, SocketId, Timestamp, UserId};
use dais_realtime::EngineSettings;
use dais_store::Connection;

/// When everything begins.
pub const START_MS: u64 = 1_800_000_000_000;

pub fn at(ms: u64) -> Timestamp {
    Timestamp::from_ms(START_MS + ms)
}

pub fn room() -> MeetingId {
    MeetingId::new("standup").unwrap()
}

pub fn user(name: &str) -> UserId {
    UserId::new(format!("user_{name}")).unwrap()
}

pub fn connection_id(name: &str) -> ConnectionId {
    ConnectionId::new(format!("c-{name}")).unwrap()
}

/// An open connection, named like its user with the number of the tab behind.
pub fn connection(user_name: &str, tab: usize) -> Connection {
    let name = format!("{user_name}{tab}");
    Connection {
        id: connection_id(&name),
        socket_id: SocketId::new(format!("s-{name}")).unwrap(),
        recovery_id: RecoveryId::new(format!("p-{name}")).unwrap(),
        user_id: user(user_name),
        name: dais_domain::DisplayName::lenient(user_name),
        image_url: None,
        connected_at: at(0),
        room: None,
        disconnected_at: None,
    }
}

/// The meeting of a creator with its first log entry.
pub fn meeting(creator: &str) -> (Meeting, dais_domain::LogEntry) {
    let name = dais_domain::DisplayName::lenient(creator);
    let description = dais_domain::Description::new("Stand-up").unwrap();
    Meeting::create(room(), user(creator), name, description, at(0), at(0))
}

pub fn settings() -> EngineSettings {
    EngineSettings {
        ping_interval: Duration::from_secs(300),
        ping_timeout: Duration::from_secs(60),
        max_payload_bytes: 131_072,
        track_guests: false,
        allowed_origins: Vec::new(),
    }
}
