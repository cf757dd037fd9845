//! What a worker has to say.

use std::time::Duration;

use crate::keys::{ConsumerKey, ProducerKey, RoomKey, TransportKey};

/// What a worker has to say. Taken with [`Worker::poll_event`](crate::Worker::poll_event).
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// ICE and DTLS are done, the client's certificate is the announced one: media flows.
    TransportUp {
        /// Which.
        transport: TransportKey,
        /// Time since its first valid ICE check.
        took: Duration,
    },
    /// A transport is dead and has been closed with all that it had: `closed` lists the producers. Said once, and not for
    /// transports that a call has closed.
    TransportDown {
        /// Which.
        transport: TransportKey,
        /// Why.
        reason: DownReason,
        /// The producers that went with it.
        producers: Vec<ProducerKey>,
        /// The consumers that went with it.
        consumers: Vec<ConsumerKey>,
    },
    /// Another one speaks, or nobody any more. At most every 300 ms for a room.
    DominantSpeaker {
        /// Where.
        room: RoomKey,
        /// His microphone.
        producer: Option<ProducerKey>,
    },
    /// A consumer of a simulcast producer gets another layer.
    LayersChanged {
        /// Which.
        consumer: ConsumerKey,
        /// The layer, 0 is the smallest; `None` while none is chosen.
        spatial: Option<u8>,
    },
}

/// Why a transport went down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DownReason {
    /// Nothing valid came for [`WorkerConfig::ice_timeout`](crate::WorkerConfig::ice_timeout).
    IceTimeout,
    /// It was not up in [`WorkerConfig::connect_timeout`](crate::WorkerConfig::connect_timeout).
    ConnectTimeout,
    /// The client closed its side (`close_notify`).
    DtlsClosed,
    /// The handshake failed: no common parameters, or retransmitted in vain.
    DtlsFailed,
    /// The client's certificate is not the one announced.
    WrongCertificate,
    /// What it sent made the worker panic ([`Worker::evict`](crate::Worker::evict)).
    Evicted,
}
