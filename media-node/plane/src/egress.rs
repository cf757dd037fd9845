//! Datagrams to send, in one buffer.

use std::{net::SocketAddr, ops::Range};

/// A datagram to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datagram {
    /// Where it goes.
    pub to: SocketAddr,
    /// Where its bytes are in [`Egress::buffer`].
    pub range: Range<usize>,
    /// A packet of sound: short, and of another stream than all that is not.
    pub is_audio: bool,
}

/// Datagrams to send: one contiguous buffer, used again and again, and where each datagram is in it.
///
/// The order is the order of sending. Datagrams to one address need not be neighbours; for UDP GSO the shell may sort them, stably, by
/// address, and for one address by [`Datagram::is_audio`]: only the order within a stream means anything.
#[derive(Debug, Default)]
pub struct Egress {
    buffer: Vec<u8>,
    datagrams: Vec<Datagram>,
    /// The most bytes and the most datagrams at a time since the last [`Egress::trim`].
    most: (usize, usize),
}

/// Bytes and datagrams for which there is always room.
const KEPT: (usize, usize) = (64 * 1024, 64);

impl Egress {
    /// How many datagrams wait.
    pub fn len(&self) -> usize {
        self.datagrams.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.datagrams.is_empty()
    }

    /// All bytes; the ranges of [`Egress::datagrams`] are in it.
    pub fn buffer(&self) -> &[u8] {
        &self.buffer
    }

    /// The datagrams, without their bytes.
    pub fn datagrams(&self) -> &[Datagram] {
        &self.datagrams
    }

    /// Where each datagram goes, and its bytes.
    pub fn iter(&self) -> impl Iterator<Item = (SocketAddr, &[u8])> {
        self.datagrams.iter().map(|one| (one.to, self.buffer.get(one.range.clone()).unwrap_or_default()))
    }

    /// Forgets them, after they have been sent. Keeps the memory.
    pub fn clear(&mut self) {
        self.most = (self.most.0.max(self.buffer.len()), self.most.1.max(self.datagrams.len()));
        self.buffer.clear();
        self.datagrams.clear();
    }

    /// Gives back the memory of a burst: of more than four times what was needed at most since the last call, it keeps two. To be
    /// called now and then, with nothing waiting.
    pub fn trim(&mut self) {
        let (bytes, datagrams) = std::mem::take(&mut self.most);
        trim(&mut self.buffer, bytes.max(KEPT.0));
        trim(&mut self.datagrams, datagrams.max(KEPT.1));
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
    pub(crate) fn commit(&mut self, to: SocketAddr, start: usize, is_audio: bool) -> usize {
        let end = self.buffer.len();
        self.datagrams.push(Datagram { to, range: start..end, is_audio });
        end - start
    }

    /// What was appended since `start` is thrown away.
    pub(crate) fn rollback(&mut self, start: usize) {
        self.buffer.truncate(start);
    }

    pub(crate) fn push(&mut self, to: SocketAddr, datagram: &[u8]) {
        let start = self.buffer.len();
        self.buffer.extend_from_slice(datagram);
        self.commit(to, start, false);
    }
}

fn trim<T>(list: &mut Vec<T>, needed: usize) {
    if list.capacity() > 4 * needed {
        list.shrink_to(2 * needed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TO: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9);

    fn turn(egress: &mut Egress, datagrams: usize) {
        for _ in 0..datagrams {
            egress.push(TO, &[0; 1_200]);
        }
        egress.clear();
    }

    #[test]
    fn a_burst_is_given_back_and_what_flows_is_kept() {
        let mut egress = Egress::default();
        turn(&mut egress, 4_000);
        egress.trim();
        let burst = egress.buffer.capacity();
        assert!(burst >= 4_000 * 1_200, "it was needed since the last time");
        turn(&mut egress, 500);
        egress.trim();
        let flow = (egress.buffer.capacity(), egress.datagrams.capacity());
        assert!((600_000..=1_200_000).contains(&flow.0) && (500..=1_000).contains(&flow.1), "{flow:?}");
        turn(&mut egress, 500);
        egress.trim();
        assert_eq!((egress.buffer.capacity(), egress.datagrams.capacity()), flow, "nothing moves while as much flows");
        egress.trim();
        assert_eq!((egress.buffer.capacity(), egress.datagrams.capacity()), (2 * KEPT.0, 2 * KEPT.1));
    }
}
