//! Datagrams to send, in one buffer.

use std::{net::SocketAddr, ops::Range};

/// Datagrams to send: one contiguous buffer, used again and again, and where each datagram is in it.
///
/// The order is the order of sending. Datagrams to one address need not be neighbours; for UDP GSO the shell may sort them by
/// address, stably.
#[derive(Debug, Default)]
pub struct Egress {
    buffer: Vec<u8>,
    entries: Vec<(SocketAddr, Range<usize>)>,
}

impl Egress {
    /// How many datagrams wait.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All bytes; the ranges of [`Egress::entries`] are in it.
    pub fn buffer(&self) -> &[u8] {
        &self.buffer
    }

    /// Where each datagram goes, and where it is in [`Egress::buffer`].
    pub fn entries(&self) -> &[(SocketAddr, Range<usize>)] {
        &self.entries
    }

    /// The datagrams.
    pub fn iter(&self) -> impl Iterator<Item = (SocketAddr, &[u8])> {
        self.entries.iter().map(|(to, range)| (*to, self.buffer.get(range.clone()).unwrap_or_default()))
    }

    /// Forgets them, after they have been sent. Keeps the memory.
    pub fn clear(&mut self) {
        self.buffer.clear();
        self.entries.clear();
    }

    /// Where the next datagram begins.
    pub(crate) fn begin(&mut self) -> (&mut Vec<u8>, usize) {
        let start = self.buffer.len();
        (&mut self.buffer, start)
    }

    /// How much was appended since `start`.
    pub(crate) fn since(&self, start: usize) -> usize {
        self.buffer.len().saturating_sub(start)
    }

    /// What was appended since `start` is a datagram to `to`.
    pub(crate) fn commit(&mut self, to: SocketAddr, start: usize) -> usize {
        let end = self.buffer.len();
        self.entries.push((to, start..end));
        end - start
    }

    /// What was appended since `start` is thrown away.
    pub(crate) fn rollback(&mut self, start: usize) {
        self.buffer.truncate(start);
    }

    pub(crate) fn push(&mut self, to: SocketAddr, datagram: &[u8]) {
        let start = self.buffer.len();
        self.buffer.extend_from_slice(datagram);
        self.commit(to, start);
    }
}
