//! Numbered packets of one track, and what must be true of them when they arrive.

use std::{collections::BTreeSet, ops::Range};

use dais_media::{MediaKind, RtpParameters};
use dais_media_client::rtp::{Header, Packet};

/// A track on its way from its publisher to a subscriber.
pub struct Flow {
    kind: MediaKind,
    sent: RtpParameters,
    consumed: RtpParameters,
    /// How many packets it has sent.
    pub count: u32,
    arrived: Vec<Packet>,
}

impl Flow {
    pub fn new(kind: MediaKind, sent: RtpParameters, consumed: RtpParameters) -> Self {
        Self { kind, sent, consumed, count: 0, arrived: Vec::new() }
    }

    /// Its next packet: a frame of its own, every tenth of a camera a key frame.
    pub fn next(&mut self) -> Packet {
        let number = self.count;
        self.count += 1;
        let header = Header {
            version: 2,
            marker: true,
            payload_type: self.sent.codecs[0].payload_type,
            // Soon over the end of the numbers.
            sequence_number: (65_500 + number) as u16,
            timestamp: number.wrapping_mul(self.ticks()),
            ssrc: self.sent.encodings[0].ssrc.unwrap(),
            ..Header::default()
        };
        Packet { header, payload: self.payload(number).into() }
    }

    fn ticks(&self) -> u32 {
        self.sent.codecs[0].clock_rate / 50
    }

    fn payload(&self, number: u32) -> Vec<u8> {
        let head: &[u8] = match self.kind {
            MediaKind::Audio => &[0xfc],
            // The beginning of a frame; the bit that says whether it is a key frame.
            MediaKind::Video => &[0x10, !number.is_multiple_of(10) as u8],
        };
        let body = (0..100).map(|at| (number + at) as u8);
        head.iter().copied().chain(number.to_be_bytes()).chain(body).collect()
    }

    /// Takes a packet that a subscriber got, if it is of this track.
    pub fn takes(&mut self, packet: &Packet) -> bool {
        let is_own = Some(packet.header.ssrc) == self.consumed.encodings[0].ssrc;
        if is_own {
            self.arrived.push(packet.clone());
        }
        is_own
    }

    /// How many have arrived.
    pub fn arrivals(&self) -> usize {
        self.arrived.len()
    }

    /// Whether so many have arrived from the first one on, in any order and however often, and nothing is missing between them.
    pub fn has_all_of(&self, count: u32) -> bool {
        let Some(first) = self.arrived.first() else { return false };
        let begin = self.number(first);
        let numbers: BTreeSet<u32> = self.arrived.iter().map(|packet| self.number(packet)).collect();
        (begin..begin + count).all(|number| numbers.contains(&number))
    }

    fn number(&self, packet: &Packet) -> u32 {
        let head = self.payload(0).len() - 100;
        let bytes = packet.payload.get(head - 4..head).unwrap();
        u32::from_be_bytes(bytes.try_into().unwrap())
    }

    /// Which have arrived, from the first to the last: all, once, in their order, as they were sent, and with the numbers that the
    /// subscriber was told.
    pub fn check(&self) -> Range<u32> {
        let first = &self.arrived[0];
        let begin = self.number(first);
        if self.kind == MediaKind::Video {
            assert!(begin.is_multiple_of(10), "begins with a key frame");
        }
        for (packet, at) in self.arrived.iter().zip(0..) {
            assert_eq!(packet.payload, self.payload(begin + at), "{:?} {at}", self.kind);
            assert_eq!(packet.header.payload_type, self.consumed.codecs[0].payload_type);
            assert!(packet.header.marker);
            assert_eq!(packet.header.sequence_number, first.header.sequence_number.wrapping_add(at as u16));
            assert_eq!(packet.header.timestamp, first.header.timestamp.wrapping_add(at * self.ticks()));
        }
        begin..begin + self.arrived.len() as u32
    }
}
