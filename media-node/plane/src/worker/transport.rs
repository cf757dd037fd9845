//! A transport.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use dais_media::{Direction, transport::DtlsFingerprint};

use crate::{
    congestion::{Arrivals, Estimator},
    dtls::{Dtls, Established},
    ice::{Credentials, Ice},
    keys::{ConsumerKey, ProducerKey, RoomKey},
    srtp::{Claims, Inbound, Received, Sealer},
};

/// Which stream of which producer an SSRC is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Binding {
    pub producer: ProducerKey,
    /// Index of the layer.
    pub layer: u8,
    /// It is the retransmission stream.
    pub repairs: bool,
}

/// An SSRC that the client sends.
pub(super) struct Source {
    pub binding: Binding,
    pub received: Received,
}

/// How far DTLS is.
pub(super) enum Handshake {
    /// Not begun. `is_client`: the node begins as soon as it knows where the client is.
    Idle { is_client: bool },
    /// Going on, or done.
    Begun(Box<Dtls>),
}

/// The keys of both directions.
pub(super) struct Keys {
    pub sealer: Sealer,
    pub inbound: Inbound,
    pub profile: &'static str,
}

/// Bytes that a publisher may still send.
pub(super) struct Allowance {
    bytes: u64,
    since: Instant,
}

impl Allowance {
    pub(super) fn new(now: Instant) -> Self {
        Self { bytes: 0, since: now }
    }

    /// Takes `length` bytes of `bitrate` per second, of which half a second may come at once.
    pub(super) fn take(&mut self, now: Instant, length: usize, bitrate: u64) -> bool {
        let most = bitrate / 16;
        let elapsed = now.saturating_duration_since(self.since);
        // `bytes` counts what was used: it flows off with time.
        let flowed = (elapsed.as_micros() as u64).saturating_mul(bitrate) / 8_000_000;
        if flowed > 0 {
            self.bytes = self.bytes.saturating_sub(flowed);
            self.since = now;
        }
        let used = self.bytes.saturating_add(length as u64);
        let is_allowed = used <= most;
        if is_allowed {
            self.bytes = used;
        }
        is_allowed
    }
}

/// A transport: one ICE, DTLS and SRTP association with a client.
pub(super) struct Transport {
    pub room: RoomKey,
    pub direction: Direction,
    pub ice: Ice,
    pub handshake: Handshake,
    /// Certificates that the client may show; nothing before it has said so.
    pub expected: Option<Vec<DtlsFingerprint>>,
    /// A finished handshake whose certificate could not be compared yet.
    pub unverified: Option<Box<Established>>,
    pub keys: Option<Keys>,
    pub claims: Claims,
    /// The node's own SSRC in RTCP.
    pub rtcp_ssrc: u32,
    /// What the client sends, by SSRC.
    pub sources: HashMap<u32, Source>,
    /// What it gets, by SSRC.
    pub sinks: HashMap<u32, ConsumerKey>,
    pub producers: Vec<ProducerKey>,
    pub consumers: Vec<ConsumerKey>,
    pub created: Instant,
    pub first_check: Option<Instant>,
    /// When something authentic came last.
    pub last_seen: Instant,
    pub is_up: bool,
    pub allowance: Allowance,
    /// Of packets with transport-wide numbers from the client.
    pub arrivals: Option<Box<Arrivals>>,
    /// Of packets with transport-wide numbers to the client.
    pub estimator: Option<Box<Estimator>>,
    pub rtt: Option<Duration>,
    /// When layers were chosen last because of feedback.
    pub chosen_at: Option<Instant>,
    /// When reports are due.
    pub reports_at: Instant,
    /// When feedback about arrivals is due.
    pub feedback_at: Option<Instant>,
    /// When missing packets or key frames are to be asked for.
    pub requests_at: Option<Instant>,
    /// The earliest time in the worker's queue for this transport.
    pub scheduled: Option<Instant>,
    pub packets_in: u64,
    pub bytes_in: u64,
    pub packets_out: u64,
    pub bytes_out: u64,
}

impl Transport {
    pub(super) fn new(
        now: Instant,
        room: RoomKey,
        direction: Direction,
        credentials: Credentials,
        owner: u64,
        rtcp_ssrc: u32,
    ) -> Self {
        Self {
            room,
            direction,
            ice: Ice::new(credentials),
            handshake: Handshake::Idle { is_client: false },
            expected: None,
            unverified: None,
            keys: None,
            claims: Claims::new(owner),
            rtcp_ssrc,
            sources: HashMap::new(),
            sinks: HashMap::new(),
            producers: Vec::new(),
            consumers: Vec::new(),
            created: now,
            first_check: None,
            last_seen: now,
            is_up: false,
            allowance: Allowance::new(now),
            arrivals: None,
            estimator: None,
            rtt: None,
            chosen_at: None,
            reports_at: now + Duration::from_secs(1),
            feedback_at: None,
            requests_at: None,
            scheduled: None,
            packets_in: 0,
            bytes_in: 0,
            packets_out: 0,
            bytes_out: 0,
        }
    }
}
