//! Repeats a flight when rtc-dtls does not.
//!
//! The component forgets its timer as soon as any handshake record comes, also one that does not help: a repeated greeting, after which it
//! never sends its lost flight again (`tests/plane/the_dtls_component_stops_retransmitting.rs`). Records that the other side has seen
//! already are dropped there, so the same bytes can be sent again.

use std::time::{Duration, Instant};

use bytes::BytesMut;

/// Time after which a flight is repeated, once the other side has shown that it waits.
const PATIENCE: Duration = Duration::from_millis(100);
/// Flights of one handshake that are repeated at most: as many as fit into ten seconds.
const MAX_REPEATS: u32 = 20;

#[derive(Default)]
pub(super) struct Flight {
    /// The datagrams of the last flight, and when it was sent.
    datagrams: Vec<BytesMut>,
    sent: Option<Instant>,
    at: Option<Instant>,
    pending: usize,
    repeats: u32,
}

impl Flight {
    /// A datagram of a flight goes out.
    pub(super) fn sent(&mut self, now: Instant, datagram: &BytesMut) {
        if self.sent != Some(now) {
            self.datagrams.clear();
        }
        self.sent = Some(now);
        self.at = None;
        self.datagrams.push(datagram.clone());
    }

    /// The other side sends, but does not go on, and the component has no timer.
    pub(super) fn wake(&mut self, now: Instant) {
        if !self.datagrams.is_empty() && self.at.is_none() {
            self.at = Some(now + PATIENCE);
        }
    }

    pub(super) fn is_done(&mut self) {
        *self = Self::default();
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.at
    }

    /// False when it was repeated in vain too often.
    pub(super) fn advance(&mut self, now: Instant) -> bool {
        if self.at.is_some_and(|at| at <= now) {
            self.repeats += 1;
            if self.repeats > MAX_REPEATS {
                return false;
            }
            self.pending = self.datagrams.len();
            self.at = Some(now + PATIENCE * 5);
        }
        true
    }

    pub(super) fn poll_transmit(&mut self) -> Option<BytesMut> {
        let at = self.datagrams.len().checked_sub(self.pending)?;
        self.pending = self.pending.checked_sub(1)?;
        self.datagrams.get(at).cloned()
    }
}
