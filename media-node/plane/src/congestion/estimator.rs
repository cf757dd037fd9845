//! How many bits per second a subscriber can receive: the estimator of rtc-interceptor (GCC), without its chain.

use std::time::Instant;

use rtc_interceptor::{BandwidthEstimator, Gcc, PacketReport, convert_twcc};
use rtc_rtcp::transport_feedbacks::transport_layer_cc::TransportLayerCc;

use crate::srtp::extend;

/// Packets that wait for feedback at most: a second of 10 Mbit/s.
const LENGTH: usize = 1024;
const MIN: f64 = 50_000.0;
const MAX: f64 = 50_000_000.0;

/// The estimate of one subscriber, and what it is made from.
pub(crate) struct Estimator {
    algorithm: Gcc,
    /// By the lower bits of the transport-wide number.
    sent: Vec<Sent>,
    next: u64,
    reports: Vec<PacketReport>,
    has_feedback: bool,
}

#[derive(Clone, Copy)]
struct Sent {
    number: u64,
    size: u32,
    /// Not before feedback about it came.
    at: Option<Instant>,
}

impl Estimator {
    pub(crate) fn new(initial: u64) -> Self {
        Self {
            algorithm: Gcc::new(initial as f64, MIN, MAX),
            sent: Vec::new(),
            next: 1,
            reports: Vec::new(),
            has_feedback: false,
        }
    }

    /// The number of the next packet.
    pub(crate) fn number(&self) -> u16 {
        self.next as u16
    }

    /// The packet with that number goes out.
    pub(crate) fn sent(&mut self, now: Instant, size: usize) {
        if self.sent.is_empty() {
            self.sent.resize(LENGTH, Sent { number: 0, size: 0, at: None });
        }
        if let Some(slot) = self.sent.get_mut(self.next as usize % LENGTH) {
            *slot = Sent { number: self.next, size: size as u32, at: Some(now) };
        }
        self.next += 1;
    }

    /// The subscriber says what came.
    pub(crate) fn feedback(&mut self, now: Instant, feedback: &TransportLayerCc) {
        self.reports.clear();
        // Nobody waits so long with feedback; and reading it takes memory.
        if usize::from(feedback.packet_status_count) > 4 * LENGTH {
            return;
        }
        // The component takes the unused places of the last chunk for lost packets.
        let spoken_of = usize::from(feedback.packet_status_count);
        for acknowledgement in convert_twcc(feedback).into_iter().take(spoken_of) {
            let number = extend(self.next, acknowledgement.sequence_number);
            let Some(slot) = self.sent.get_mut(number as usize % LENGTH) else { return };
            if slot.number != number {
                continue;
            }
            let Some(departure) = slot.at else { continue };
            if acknowledgement.arrived {
                slot.at = None;
            }
            self.reports.push(PacketReport {
                ssrc: 0,
                id: number,
                rtp_sequence_number: number as u16,
                is_twcc: true,
                twcc_sequence_number: number as u16,
                size: slot.size as usize,
                arrived: acknowledgement.arrived,
                departure,
                arrival: acknowledgement.arrival,
                ecn: acknowledgement.ecn,
            });
        }
        self.has_feedback |= !self.reports.is_empty();
        self.algorithm.on_reports(now, &self.reports);
    }

    /// Bits per second, once there was feedback.
    pub(crate) fn estimate(&self) -> Option<u64> {
        self.has_feedback.then(|| self.algorithm.target_bitrate() as u64)
    }
}
