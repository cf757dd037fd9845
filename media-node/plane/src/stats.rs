//! Statistics: of a worker for Prometheus, of each transport, producer and consumer for people and tests.

use serde::Serialize;

/// Why datagrams were dropped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Drops {
    /// From an address that no ICE check has validated.
    pub unknown_address: u64,
    /// Not STUN, DTLS, RTP or RTCP, or badly formed.
    pub malformed: u64,
    /// STUN that was not answered, or answered with an error.
    pub stun: u64,
    /// Media before the handshake was done and the certificate checked.
    pub not_ready: u64,
    /// SRTP or SRTCP that failed authentication.
    pub srtp: u64,
    /// SRTP or SRTCP that came again, or too late.
    pub replayed: u64,
    /// Of an SSRC that no producer has announced.
    pub unknown_stream: u64,
    /// Of a payload type that the producer has not announced.
    pub unknown_payload: u64,
    /// From a paused producer.
    pub paused: u64,
    /// Above the bound of bits per second.
    pub bitrate: u64,
}

/// Counters of a worker since its start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counters {
    /// Datagrams received.
    pub packets_in: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Datagrams sent.
    pub packets_out: u64,
    /// Bytes sent.
    pub bytes_out: u64,
    /// RTP packets accepted from publishers, retransmissions included.
    pub rtp_in: u64,
    /// RTP packets to subscribers, retransmissions included.
    pub rtp_out: u64,
    /// Retransmissions that were accepted from publishers and filled a gap.
    pub recovered: u64,
    /// Retransmissions to subscribers.
    pub retransmitted: u64,
    /// Sequence numbers asked of publishers.
    pub nacks_sent: u64,
    /// Sequence numbers asked by subscribers.
    pub nacks_received: u64,
    /// Key frames asked of publishers.
    pub plis_sent: u64,
    /// Key frames asked by subscribers.
    pub plis_received: u64,
    /// ICE checks answered with success.
    pub ice_checks: u64,
    /// DTLS handshakes done.
    pub handshakes: u64,
    /// DTLS handshakes failed.
    pub handshakes_failed: u64,
    /// Transports that were closed because what they sent made the worker panic.
    pub evicted: u64,
    /// Datagrams dropped, by reason.
    pub drops: Drops,
}

/// Statistics of a transport.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransportStats {
    /// ICE and DTLS are done.
    pub up: bool,
    /// Where its client is.
    pub remote: Option<std::net::SocketAddr>,
    /// The SRTP profile in use.
    pub srtp_profile: Option<&'static str>,
    /// Datagrams received.
    pub packets_in: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Datagrams sent.
    pub packets_out: u64,
    /// Bytes sent.
    pub bytes_out: u64,
    /// Round-trip time in milliseconds, from RTCP.
    pub rtt_ms: Option<f64>,
    /// Bits per second that its client can receive, as estimated.
    pub estimate: Option<u64>,
}

/// Statistics of one stream of a producer.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamStats {
    /// Its SSRC, once known.
    pub ssrc: Option<u32>,
    /// Its restriction identifier.
    pub rid: Option<String>,
    /// Packets received.
    pub packets: u64,
    /// Bytes of payload received.
    pub bytes: u64,
    /// Packets that never came.
    pub lost: u64,
    /// Jitter (RFC 3550) in milliseconds.
    pub jitter_ms: f64,
    /// Packets that a retransmission brought.
    pub recovered: u64,
    /// Sequence numbers asked again.
    pub nacks: u64,
    /// Key frames asked.
    pub plis: u64,
    /// Bits per second over the last second.
    pub bitrate: u64,
}

/// Statistics of a producer.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProducerStats {
    /// Its node does not forward it.
    pub paused: bool,
    /// Its streams, the smallest picture first.
    pub streams: Vec<StreamStats>,
}

/// Statistics of a consumer.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsumerStats {
    /// Its client wants nothing for now.
    pub paused: bool,
    /// Packets sent, without retransmissions.
    pub packets: u64,
    /// Bytes of payload sent.
    pub bytes: u64,
    /// Share of packets that its client lost, 0 to 1, as last reported.
    pub fraction_lost: f64,
    /// Packets that its client lost, as last reported.
    pub lost: i64,
    /// Jitter in milliseconds, as last reported.
    pub jitter_ms: f64,
    /// Sequence numbers that its client asked for.
    pub nacks: u64,
    /// Retransmissions.
    pub retransmitted: u64,
    /// Key frames that its client asked for.
    pub plis: u64,
    /// Which layer it gets.
    pub spatial: Option<u8>,
}
