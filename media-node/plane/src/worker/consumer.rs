//! A consumer.

use std::time::Instant;

use crate::{
    codec::Codec,
    forward::{History, Mapper, Selection},
    keys::{ProducerKey, TransportKey},
    rtp::Wanted,
    srtp::Outbound,
};

use super::PreferredLayers;

/// Retransmissions to one client.
pub(super) struct Repair {
    pub stream: Outbound,
    pub payload_type: u8,
    pub first: u64,
}

/// What a client gets of a producer.
pub(super) struct Consumer {
    pub transport: TransportKey,
    pub producer: ProducerKey,
    pub codec: Codec,
    pub clock_rate: u32,
    pub payload_type: u8,
    /// Of RED, if he knows it and the publisher sends it.
    pub red_payload_type: Option<u8>,
    pub cname: String,
    pub stream: Outbound,
    /// The first index to use: anywhere in the lower half, so that the first packets cannot be taken for a wrap-around.
    pub first: u64,
    pub repair: Option<Repair>,
    pub wanted: Wanted,
    pub is_paused: bool,
    pub selection: Selection,
    pub preferred: PreferredLayers,
    pub mapper: Mapper,
    pub history: History,
    /// Middle 32 bits of the last sender reports' times, and when they were sent.
    pub reports: [Option<(u32, Instant)>; 2],
    pub packets: u64,
    pub bytes: u64,
    pub retransmitted: u64,
    pub nacks: u64,
    pub plis: u64,
    pub fraction_lost: u8,
    pub lost: i64,
    pub jitter: u32,
    /// Packets sent when the last sender report was.
    pub reported: u64,
}
