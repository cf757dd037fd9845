//! Many datagrams with one system call: recvmmsg(2), sendmmsg(2). What they need is allocated once.

use std::{
    io::{IoSlice, IoSliceMut},
    net::SocketAddr,
    os::fd::RawFd,
};

use dais_media_plane::Datagram;
use nix::{
    errno::Errno,
    sys::socket::{ControlMessage, MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg, sendmmsg, sendmsg},
};

/// Datagrams per call.
pub(super) const BATCH: usize = 64;
/// Datagrams in one message that the kernel cuts up (its UDP_MAX_SEGMENTS was 64 until Linux 6.9).
const SEGMENTS: usize = 64;
/// Bytes of such a message: what an IPv4 packet can carry, less its headers.
const MESSAGE_BYTES: usize = 65_000;
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
    /// Places in the egress, by receiver.
    order: Vec<usize>,
    /// The kernel cuts one long datagram into equal ones (UDP_SEGMENT, Linux 4.18).
    segments: bool,
}

/// What became of a batch.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sent {
    /// Handed to the kernel.
    pub(super) sent: u64,
    /// Refused by it: its buffer is full, or there is no way to the receiver.
    pub(super) dropped: u64,
}

/// Datagrams that wait to be sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiting<'a> {
    /// Where each goes, and where it is in the buffer.
    pub(super) datagrams: &'a [Datagram],
    /// All their bytes.
    pub(super) buffer: &'a [u8],
}

impl<'a> Waiting<'a> {
    fn to(&self, at: usize) -> SocketAddr {
        self.datagrams[at].to
    }

    pub(super) fn bytes(&self, at: usize) -> &'a [u8] {
        self.buffer.get(self.datagrams[at].range.clone()).unwrap_or_default()
    }
}

impl Sender {
    pub(super) fn new() -> Self {
        Self {
            headers: MultiHeaders::preallocate(BATCH, None),
            addresses: Vec::with_capacity(BATCH),
            order: Vec::new(),
            segments: true,
        }
    }

    /// Sends datagrams; those of one stream to one receiver in their order. One that cannot be sent is dropped, as a network would, and
    /// holds up no other. Several of one length to one receiver, such as the packets of a video frame, are one message.
    /// `keeps`: whether to send the one at a place at all.
    pub(super) fn send(&mut self, socket: RawFd, waiting: Waiting<'_>, keeps: impl FnMut(&usize) -> bool) -> Sent {
        let mut sent = Sent::default();
        let mut order = std::mem::take(&mut self.order);
        order.clear();
        order.extend((0..waiting.datagrams.len()).filter(keeps));
        // Sound last: between the packets of frames it would end their message.
        order.sort_unstable_by_key(|at| (waiting.to(*at), waiting.datagrams[*at].is_audio, *at));
        let mut slices = [[IoSlice::new(&[])]; BATCH];
        self.addresses.clear();
        let mut rest = order.as_slice();
        while let Some((first, _)) = rest.split_first() {
            let (run, after) = rest.split_at(if self.segments { run(waiting, rest) } else { 1 });
            rest = after;
            if run.len() > 1 {
                // What went before it to the same receiver goes first.
                self.flush(socket, &slices, &mut sent);
                if self.send_segments(socket, waiting, run, &mut sent) {
                    continue;
                }
            }
            for at in if run.len() > 1 { run } else { std::slice::from_ref(first) } {
                slices[self.addresses.len()] = [IoSlice::new(waiting.bytes(*at))];
                self.addresses.push(Some(waiting.to(*at).into()));
                if self.addresses.len() == BATCH {
                    self.flush(socket, &slices, &mut sent);
                }
            }
        }
        self.flush(socket, &slices, &mut sent);
        self.order = order;
        sent
    }

    /// Sends a run as one message. False: the kernel cannot, and nothing has been sent.
    fn send_segments(&mut self, socket: RawFd, waiting: Waiting<'_>, run: &[usize], sent: &mut Sent) -> bool {
        let Some(first) = run.first() else { return true };
        let mut slices = [IoSlice::new(&[]); SEGMENTS];
        for (slice, at) in slices.iter_mut().zip(run) {
            *slice = IoSlice::new(waiting.bytes(*at));
        }
        let length = u16::try_from(waiting.bytes(*first).len()).unwrap_or(u16::MAX);
        let control = [ControlMessage::UdpGsoSegments(&length)];
        let to = SockaddrStorage::from(waiting.to(*first));
        loop {
            match sendmsg(socket, &slices[..run.len()], &control, MsgFlags::MSG_DONTWAIT, Some(&to)) {
                Ok(_) => {
                    sent.sent += run.len() as u64;
                    return true;
                }
                Err(Errno::EINTR) => {}
                Err(Errno::EINVAL | Errno::EIO | Errno::ENOPROTOOPT | Errno::EMSGSIZE) => {
                    // An old kernel, or an interface that cannot: one by one from now on.
                    self.segments = false;
                    return false;
                }
                Err(_) => {
                    sent.dropped += run.len() as u64;
                    return true;
                }
            }
        }
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

/// How many of `order` begin a run: one receiver, one length, only the last one shorter.
fn run(waiting: Waiting<'_>, order: &[usize]) -> usize {
    let Some(first) = order.first() else { return 0 };
    let (to, length) = (waiting.to(*first), waiting.bytes(*first).len());
    let mut count = 1;
    for at in order.iter().skip(1).take(SEGMENTS - 1) {
        let next = waiting.bytes(*at).len();
        if waiting.to(*at) != to || next > length || (count + 1) * length > MESSAGE_BYTES {
            break;
        }
        count += 1;
        if next < length {
            break;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::{net::UdpSocket, os::fd::AsRawFd};

    use super::*;

    /// Datagrams with their buffer.
    fn egress(datagrams: &[(SocketAddr, &[u8])]) -> (Vec<Datagram>, Vec<u8>) {
        let mut buffer = Vec::new();
        let placed = datagrams.iter().map(|(to, bytes)| {
            let start = buffer.len();
            buffer.extend_from_slice(bytes);
            Datagram { to: *to, range: start..buffer.len(), is_audio: false }
        });
        (placed.collect(), buffer)
    }

    fn pair() -> (UdpSocket, UdpSocket) {
        let bind = || UdpSocket::bind("127.0.0.1:0").unwrap();
        (bind(), bind())
    }

    #[test]
    fn more_than_a_batch_arrives_in_order() {
        in_order(Sender::new());
        in_order(Sender { segments: false, ..Sender::new() });
    }

    fn in_order(mut sender: Sender) {
        let (from, to) = pair();
        let address = to.local_addr().unwrap();
        let payloads: Vec<[u8; 4]> = (0..100u32).map(u32::to_be_bytes).collect();
        let datagrams: Vec<_> = payloads.iter().map(|payload| (address, &payload[..])).collect();
        let (datagrams, buffer) = egress(&datagrams);
        let waiting = Waiting { datagrams: &datagrams, buffer: &buffer };
        assert_eq!(sender.send(from.as_raw_fd(), waiting, |_| true), Sent { sent: 100, dropped: 0 });

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
    fn sound_goes_after_the_frames_and_each_stream_keeps_its_order() {
        let (from, to) = pair();
        let address = to.local_addr().unwrap();
        let packets = [b"frame 1", b"sound 1", b"frame 2", b"sound 2", b"frame 3"];
        let (mut datagrams, buffer) = egress(&packets.map(|packet| (address, &packet[..])));
        for (datagram, packet) in datagrams.iter_mut().zip(packets) {
            datagram.is_audio = packet.starts_with(b"sound");
        }
        let waiting = Waiting { datagrams: &datagrams, buffer: &buffer };
        assert_eq!(Sender::new().send(from.as_raw_fd(), waiting, |_| true), Sent { sent: 5, dropped: 0 });

        let (mut receiver, mut seen) = (Receiver::new(), Vec::new());
        while receiver.fill(to.as_raw_fd()).unwrap() > 0 {
            receiver.each(|_, datagram| seen.push(String::from_utf8_lossy(datagram).into_owned()));
        }
        assert_eq!(seen, ["frame 1", "frame 2", "frame 3", "sound 1", "sound 2"]);
    }

    #[test]
    fn what_cannot_be_sent_holds_up_no_other() {
        let (from, to) = pair();
        let good = to.local_addr().unwrap();
        // No address of this family can be reached from this socket.
        let bad: SocketAddr = "[2001:db8::1]:9".parse().unwrap();
        let datagrams = [(good, &b"a"[..]), (bad, &b"b"[..]), (good, &b"c"[..])];
        let (datagrams, buffer) = egress(&datagrams);
        let sent = Sender::new().send(from.as_raw_fd(), Waiting { datagrams: &datagrams, buffer: &buffer }, |_| true);
        assert_eq!(sent, Sent { sent: 2, dropped: 1 });
    }

    #[test]
    fn a_run_is_of_one_receiver_and_one_length_with_a_shorter_end() {
        let at = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
        let lengths =
            |to: &[(u16, usize)]| to.iter().map(|(port, length)| (*port, vec![0u8; *length])).collect::<Vec<_>>();
        for (datagrams, expected) in [
            (vec![(1, 100), (1, 100), (1, 40), (1, 40)], 3),
            (vec![(1, 100), (2, 100)], 1),
            (vec![(1, 40), (1, 100)], 1),
            (vec![(1, 1_200); 70], 54),
            (vec![(1, 100); 70], 64),
        ] {
            let owned = lengths(&datagrams);
            let datagrams: Vec<_> = owned.iter().map(|(port, bytes)| (at(*port), bytes.as_slice())).collect();
            let (datagrams, buffer) = egress(&datagrams);
            let order: Vec<_> = (0..datagrams.len()).collect();
            let waiting = Waiting { datagrams: &datagrams, buffer: &buffer };
            assert_eq!(run(waiting, &order), expected, "{:?}", owned.len());
        }
    }

    #[test]
    fn nothing_to_read_is_no_error() {
        let (_, to) = pair();
        assert_eq!(Receiver::new().fill(to.as_raw_fd()), Ok(0));
    }
}
