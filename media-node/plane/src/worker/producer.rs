//! A producer and its streams.

use std::time::{Duration, Instant};

use dais_media::{ortc::Published, rtp::RtcpFeedback};

use crate::{
    codec::Codec,
    keys::{ConsumerKey, RoomKey, TransportKey},
    stream::{Missing, Reception, Store},
};

/// A round trip, before one was measured.
const FIRST_RTT: Duration = Duration::from_millis(100);

/// One stream of a producer.
pub(super) struct Layer {
    pub ssrc: Option<u32>,
    pub rtx_ssrc: Option<u32>,
    pub rid: Option<String>,
    pub reception: Reception,
    pub missing: Missing,
    pub store: Store,
    /// From a request to its answer.
    pub rtt: Duration,
    pub recovered: u64,
    /// When a key frame was asked for last.
    pub asked: Option<Instant>,
    /// A key frame is wanted, and has not come yet.
    pub wants_key: bool,
    /// It has not even been asked for: the last request is too young, or the transport not up.
    pub is_pending: bool,
    pub plis: u64,
    /// When its last packet came.
    pub last_packet: Option<Instant>,
}

impl Layer {
    /// Its sender has begun with another SSRC: other numbers, another clock.
    pub(super) fn restart(&mut self, now: Instant, clock_rate: u32) {
        self.reception = Reception::new(clock_rate, now);
        self.missing.clear();
        self.store.clear();
    }
}

/// What a client publishes.
pub(super) struct Producer {
    pub transport: TransportKey,
    pub room: RoomKey,
    pub published: Published,
    pub codec: Codec,
    pub asks_again: bool,
    pub is_paused: bool,
    pub layers: Vec<Layer>,
    pub consumers: Vec<ConsumerKey>,
    /// How many of its consumers know retransmissions.
    pub repairing: usize,
}

impl Producer {
    pub(super) fn new(
        now: Instant,
        transport: TransportKey,
        room: RoomKey,
        published: Published,
        kept: usize,
        kept_for: Duration,
    ) -> Self {
        let clock_rate = published.codec.clock_rate;
        let layer = |encoding: &dais_media::rtp::RtpEncoding| Layer {
            ssrc: encoding.ssrc,
            rtx_ssrc: encoding.rtx.map(|rtx| rtx.ssrc),
            rid: encoding.rid.clone(),
            reception: Reception::new(clock_rate, now),
            missing: Missing::default(),
            store: Store::new(kept, kept_for),
            rtt: FIRST_RTT,
            recovered: 0,
            asked: None,
            wants_key: false,
            is_pending: false,
            plis: 0,
            last_packet: None,
        };
        let codec = Codec::of(&published.codec.mime_type);
        let feedback = &published.codec.rtcp_feedback;
        let layers = published.encodings.iter().map(layer).collect();
        Self {
            transport,
            room,
            codec,
            asks_again: codec.is_video() && feedback.iter().any(RtcpFeedback::asks_for_packets),
            is_paused: false,
            layers,
            consumers: Vec::new(),
            repairing: 0,
            published,
        }
    }

    /// Its layers that send, the smallest first, with their bits per second.
    pub(super) fn alive(&self, now: Instant) -> impl Iterator<Item = (u8, u64)> {
        let is_alive = move |layer: &Layer| {
            layer.last_packet.is_some_and(|last| now.saturating_duration_since(last) < Duration::from_secs(2))
        };
        self.layers
            .iter()
            .enumerate()
            .filter(move |(_, layer)| is_alive(layer))
            .map(|(at, layer)| (at as u8, layer.reception.bitrate))
    }
}
