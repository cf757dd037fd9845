//! Many datagrams with one system call: recvmmsg(2), sendmmsg(2). What they need is allocated once.

use std::{
    io::{IoSlice, IoSliceMut},
    net::SocketAddr,
    os::fd::RawFd,
};

use nix::{
    errno::Errno,
    sys::socket::{MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg, sendmmsg},
};

/// Datagrams per call.
pub(super) const BATCH: usize = 64;
/// Bytes of the longest datagram that is taken whole: Ethernet's 1,500 and some room for tunnels.
pub(super) const DATAGRAM_BYTES: usize = 2_048;

/// Receives datagrams.
pub(super) struct Receiver {
    buffers: Box<[[u8; DATAGRAM_BYTES]; BATCH]>,
    headers: MultiHeaders<SockaddrStorage>,
    /// Length and sender of what is in each buffer.
    received: Vec<(usize, Option<SocketAddr>)>,
}

impl Receiver {
    pub(super) fn new() -> Self {
        Self {
            buffers: Box::new([[0; DATAGRAM_BYTES]; BATCH]),
            headers: MultiHeaders::preallocate(BATCH, None),
            received: Vec::with_capacity(BATCH),
        }
    }

    /// Takes what is there, at most [`BATCH`]. 0: nothing was.
    pub(super) fn fill(&mut self, socket: RawFd) -> Result<usize, Errno> {
        self.received.clear();
        let mut slices = self.buffers.each_mut().map(|buffer| [IoSliceMut::new(buffer)]);
        let results = match recvmmsg(socket, &mut self.headers, slices.iter_mut(), MsgFlags::MSG_DONTWAIT, None) {
            Ok(results) => results,
            Err(Errno::EAGAIN | Errno::EINTR) => return Ok(0),
            // What ICMP said about somebody whom we sent something: his transport ends by itself.
            Err(Errno::ECONNREFUSED | Errno::EHOSTUNREACH | Errno::ENETUNREACH) => return Ok(0),
            Err(error) => return Err(error),
        };
        for message in results {
            self.received.push((message.bytes, message.address.as_ref().and_then(std_address)));
        }
        Ok(self.received.len())
    }

    /// The datagrams of the last [`Receiver::fill`] with their senders, to be changed in place.
    pub(super) fn each(&mut self, mut take: impl FnMut(SocketAddr, &mut [u8])) {
        for (buffer, (bytes, from)) in self.buffers.iter_mut().zip(&self.received) {
            if let (Some(from), Some(datagram)) = (from, buffer.get_mut(..*bytes)) {
                take(*from, datagram);
            }
        }
    }
}

fn std_address(address: &SockaddrStorage) -> Option<SocketAddr> {
    if let Some(v4) = address.as_sockaddr_in() {
        return Some(SocketAddr::from((v4.ip(), v4.port())));
    }
    address.as_sockaddr_in6().map(|v6| SocketAddr::from((v6.ip(), v6.port())))
}

/// Sends datagrams.
pub(super) struct Sender {
    headers: MultiHeaders<SockaddrStorage>,
    addresses: Vec<Option<SockaddrStorage>>,
}

/// What became of a batch.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sent {
    /// Handed to the kernel.
    pub(super) sent: u64,
    /// Refused by it: its buffer is full, or there is no way to the receiver.
    pub(super) dropped: u64,
}

impl Sender {
    pub(super) fn new() -> Self {
        Self { headers: MultiHeaders::preallocate(BATCH, None), addresses: Vec::with_capacity(BATCH) }
    }

    /// Sends datagrams in their order. One that cannot be sent is dropped, as a network would, and holds up no other.
    pub(super) fn send<'a>(&mut self, socket: RawFd, datagrams: impl Iterator<Item = (SocketAddr, &'a [u8])>) -> Sent {
        let mut sent = Sent::default();
        let mut slices = [[IoSlice::new(&[])]; BATCH];
        self.addresses.clear();
        for (to, datagram) in datagrams {
            if let Some(slice) = slices.get_mut(self.addresses.len()) {
                *slice = [IoSlice::new(datagram)];
                self.addresses.push(Some(to.into()));
            }
            if self.addresses.len() == BATCH {
                self.flush(socket, &slices, &mut sent);
            }
        }
        self.flush(socket, &slices, &mut sent);
        sent
    }

    fn flush(&mut self, socket: RawFd, slices: &[[IoSlice<'_>; 1]; BATCH], sent: &mut Sent) {
        let count = self.addresses.len();
        let mut done = 0;
        while done < count {
            let (slices, addresses) = (&slices[done..count], &self.addresses[done..count]);
            match sendmmsg(socket, &mut self.headers, slices, addresses, [], MsgFlags::MSG_DONTWAIT) {
                Ok(results) => {
                    let taken = results.count().max(1);
                    sent.sent += taken as u64;
                    done += taken;
                }
                Err(Errno::EINTR) => {}
                Err(_) => {
                    // The first of the rest is the one that was refused.
                    sent.dropped += 1;
                    done += 1;
                }
            }
        }
        self.addresses.clear();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::{net::UdpSocket, os::fd::AsRawFd};

    use super::*;

    fn pair() -> (UdpSocket, UdpSocket) {
        let bind = || UdpSocket::bind("127.0.0.1:0").unwrap();
        (bind(), bind())
    }

    #[test]
    fn more_than_a_batch_arrives_in_order() {
        let (from, to) = pair();
        let address = to.local_addr().unwrap();
        let datagrams: Vec<[u8; 4]> = (0..100u32).map(u32::to_be_bytes).collect();
        let sent = Sender::new().send(from.as_raw_fd(), datagrams.iter().map(|datagram| (address, &datagram[..])));
        assert_eq!(sent, Sent { sent: 100, dropped: 0 });

        let (mut receiver, mut seen) = (Receiver::new(), Vec::new());
        while receiver.fill(to.as_raw_fd()).unwrap() > 0 {
            receiver.each(|sender, datagram| {
                assert_eq!(sender, from.local_addr().unwrap());
                seen.push(u32::from_be_bytes(datagram.try_into().unwrap()));
            });
        }
        assert_eq!(seen, (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn what_cannot_be_sent_holds_up_no_other() {
        let (from, to) = pair();
        let good = to.local_addr().unwrap();
        // No address of this family can be reached from this socket.
        let bad: SocketAddr = "[2001:db8::1]:9".parse().unwrap();
        let datagrams = [(good, &b"a"[..]), (bad, &b"b"[..]), (good, &b"c"[..])];
        let sent = Sender::new().send(from.as_raw_fd(), datagrams.into_iter());
        assert_eq!(sent, Sent { sent: 2, dropped: 1 });
    }

    #[test]
    fn nothing_to_read_is_no_error() {
        let (_, to) = pair();
        assert_eq!(Receiver::new().fill(to.as_raw_fd()), Ok(0));
    }
}
