//! The media plane of one SFU worker: ICE-lite, DTLS, SRTP and forwarding, for all rooms of one UDP port.
//!
//! There is no I/O in it. A [`Worker`] is handed datagrams ([`Worker::receive`]) and the time ([`Worker::advance`]), and fills an
//! [`Egress`] with datagrams to send. Time and randomness come from outside, so that a simulation with a seed can run it.
//! Rooms, transports, producers and consumers are made by synchronous calls of the thread that owns the worker.
//!
//! Data channels are not offered: mediasoup-client makes none unless it is told to, and Dais sends everything else over its socket.
#![cfg_attr(test, allow(clippy::expect_used))]

#[cfg(feature = "client")]
pub mod client;
mod codec;
mod config;
mod congestion;
mod dtls;
mod egress;
mod error;
mod event;
mod forward;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod ice;
mod identity;
mod keys;
mod random;
mod rtp;
mod speaker;
mod srtp;
pub mod stats;
mod stream;
mod worker;

pub use config::{Bounds, WorkerConfig};
pub use egress::{Datagram, Egress};
pub use error::PlaneError;
pub use event::{DownReason, Event};
pub use identity::{Identity, IdentityError};
pub use keys::{ConsumerKey, ProducerKey, RoomKey, TransportKey};
pub use random::{Random, SystemRandom};
pub use stats::{ConsumerStats, Counters, ProducerStats, TransportStats};
#[cfg(feature = "panics")]
pub use worker::PANIC;
pub use worker::{NewConsumer, NewTransport, PreferredLayers, Worker};
