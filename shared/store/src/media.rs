//! Media nodes, as they stand in the table.

use std::fmt;

use dais_domain::{NodeId, Timestamp};
use serde::{Deserialize, Serialize};

/// How much a node has to do. Measured by the node, for those who choose one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeLoad {
    /// Rooms that it has claimed.
    pub rooms: u64,
    /// WebRTC transports.
    pub transports: u64,
    /// Sources of media.
    pub producers: u64,
    /// Subscriptions.
    pub consumers: u64,
    /// Packets sent per second, over the last few seconds.
    pub packets_per_second: u64,
}

/// A node, from when it is ready until it retires.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaNodeRecord {
    /// One life of its process.
    pub id: NodeId,
    /// Where its control API is: `https://`, address and port.
    pub control_url: String,
    /// SHA-256 of the certificate that it shows there, as hexadecimal digits.
    pub fingerprint: String,
    /// The key of its tickets, as text. A secret: who has it may give the node orders.
    pub ticket_key: String,
    /// How much it has to do.
    pub load: NodeLoad,
    /// It takes no new rooms.
    pub draining: bool,
    /// When its process started.
    pub started_at: Timestamp,
    /// From then on it counts as dead, unless it has renewed this.
    pub lease_until: Timestamp,
}

impl MediaNodeRecord {
    /// Whether its lease holds.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.lease_until > now
    }

    /// Whether it may be given a room.
    pub fn takes_rooms(&self, now: Timestamp) -> bool {
        self.is_live(now) && !self.draining
    }
}

impl fmt::Debug for MediaNodeRecord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MediaNodeRecord")
            .field("id", &self.id)
            .field("control_url", &self.control_url)
            .field("load", &self.load)
            .field("draining", &self.draining)
            .field("lease_until", &self.lease_until)
            .finish_non_exhaustive()
    }
}
