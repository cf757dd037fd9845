//! Settings of a worker.

use std::{net::SocketAddr, time::Duration};

/// Settings of a worker. [`WorkerConfig::new`] fills in the defaults.
#[derive(Debug, Clone)]
pub struct WorkerConfig {
    /// Addresses that clients are told, the best first. At least one.
    pub candidates: Vec<SocketAddr>,
    /// The address of the worker's socket.
    pub local: SocketAddr,
    /// A transport that has never been up is given up after this: 30 s.
    pub connect_timeout: Duration,
    /// A transport from which nothing valid came for this long is dead: no consent (RFC 7675), no media. 15 s.
    /// Chromium checks every 2.5 s, Firefox about every 5 s; one check may get lost.
    pub ice_timeout: Duration,
    /// Least time between two requests for a key frame of one stream: 500 ms.
    pub pli_interval: Duration,
    /// How long packets are kept for retransmission: 1 s.
    pub retransmission_time: Duration,
    /// Bits per second that a subscriber is thought to be able to receive before anything is known: 3 Mbit/s, a camera in full.
    /// The estimate falls at once when packets are late or lost, and rises by 8 % a second.
    pub initial_estimate: u64,
    /// How much there may be of everything.
    pub bounds: Bounds,
}

impl WorkerConfig {
    /// The defaults, for a worker whose socket has the address `local` and whose clients are told `candidates`.
    pub fn new(local: SocketAddr, candidates: Vec<SocketAddr>) -> Self {
        Self {
            candidates,
            local,
            connect_timeout: Duration::from_secs(30),
            ice_timeout: Duration::from_secs(15),
            pli_interval: Duration::from_millis(500),
            retransmission_time: Duration::from_secs(1),
            initial_estimate: 3_000_000,
            bounds: Bounds::default(),
        }
    }
}

/// How much there may be of everything. Beyond a bound, calls answer [`PlaneError::TooMany`](crate::PlaneError::TooMany).
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Rooms of the worker: 4096.
    pub rooms: usize,
    /// Transports of a room: 2048.
    pub transports: usize,
    /// Producers of a transport: 16.
    pub producers: usize,
    /// Consumers of a transport: 512.
    pub consumers: usize,
    /// Packets kept for retransmission, per stream: 1024. A power of two.
    pub retransmissions: usize,
    /// Events not yet taken by [`Worker::poll_event`](crate::Worker::poll_event); later speakers are dropped first: 8192.
    pub events: usize,
    /// Bits per second that one publisher may send on one transport: 20 Mbit/s. What is above is dropped.
    pub bitrate: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            rooms: 4096,
            transports: 2048,
            producers: 16,
            consumers: 512,
            retransmissions: 1024,
            events: 8192,
            bitrate: 20_000_000,
        }
    }
}
