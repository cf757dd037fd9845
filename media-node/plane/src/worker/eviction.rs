//! What becomes of a transport whose datagram made the worker panic.

use std::time::Instant;

use super::{Worker, transport::Handshake};
use crate::DownReason;

impl Worker {
    /// [`Worker::receive`] or [`Worker::advance`] has panicked, and the panic was caught. The transport that it was about is
    /// closed with all that it had, as nobody knows in which state it was left; its client, who may do it again, is not
    /// answered any more. False: it was about none.
    pub fn evict(&mut self, now: Instant) -> bool {
        let Some(key) = self.at_work.take() else { return false };
        let Some(transport) = self.transports.get_mut(key) else { return false };
        // No goodbye: what would say it may be what panicked.
        transport.handshake = Handshake::Idle { is_client: false };
        transport.keys = None;
        self.counters.evicted += 1;
        self.take_down(now, key, DownReason::Evicted);
        true
    }
}

/// The end of a packet that makes the worker panic. Only for tests of what happens then.
#[cfg(feature = "panics")]
pub const PANIC: &[u8] = b"panic, please";

#[cfg(feature = "panics")]
#[expect(clippy::panic, reason = "that is what it is for")]
pub(super) fn panic_if_told(packet: &[u8]) {
    if packet.ends_with(PANIC) {
        panic!("a packet has asked for it");
    }
}
