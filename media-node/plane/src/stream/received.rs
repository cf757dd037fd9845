//! Statistics of reception (RFC 3550, 6.4 and A.8), and when a publisher's clock showed what.

use std::time::{Duration, Instant};

use crate::srtp::Seen;

/// A sender report, and when it came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SenderClock {
    /// 32.32 fixed point seconds.
    pub ntp: u64,
    pub rtp: u32,
    pub at: Instant,
}

/// What a packet is to its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// Newer than all before. `gap`: how many are missing right before it.
    New { gap: u64 },
    /// It fills a gap.
    Late,
    /// It was sent before the first that came. `gap`: how many are missing between them.
    Earlier { gap: u64, first: u64 },
    /// It came already, or far too late.
    Duplicate,
}

/// What has been received of a stream.
pub(crate) struct Reception {
    clock_rate: u32,
    /// 1,024 packets: a repeated one may come a second late.
    seen: Seen<16>,
    first: Option<u64>,
    highest: u64,
    pub packets: u64,
    pub bytes: u64,
    /// In units of the stream's clock, times 16.
    jitter: u64,
    last_transit: Option<i64>,
    epoch: Instant,
    reported: (u64, u64),
    pub clock: Option<SenderClock>,
    window: (Instant, u64),
    pub bitrate: u64,
}

impl Reception {
    pub(crate) fn new(clock_rate: u32, now: Instant) -> Self {
        Self {
            clock_rate,
            seen: Seen::default(),
            first: None,
            highest: 0,
            packets: 0,
            bytes: 0,
            jitter: 0,
            last_transit: None,
            epoch: now,
            reported: (0, 0),
            clock: None,
            window: (now, 0),
            bitrate: 0,
        }
    }

    /// The extended sequence number that a packet's stands for.
    pub(crate) fn extend(&self, sequence: u16) -> u64 {
        // Begins one cycle up, so that what comes before the first packet has a number, too.
        if self.first.is_none() { 0x1_0000 | u64::from(sequence) } else { self.seen.guess(sequence) }
    }

    /// A packet came. Retransmissions say nothing about jitter.
    pub(crate) fn arrived(
        &mut self,
        now: Instant,
        sequence: u64,
        timestamp: u32,
        length: usize,
        is_retransmission: bool,
    ) -> Arrival {
        let highest = self.first.map(|_| self.highest);
        let arrival = match highest {
            None => Arrival::New { gap: 0 },
            Some(highest) if sequence > highest => Arrival::New { gap: sequence - highest - 1 },
            Some(_) if !self.seen.admits(sequence) => return Arrival::Duplicate,
            Some(_) => match self.first {
                Some(first) if sequence < first => Arrival::Earlier { gap: first - sequence - 1, first },
                _ => Arrival::Late,
            },
        };
        self.seen.accept(sequence);
        self.first = Some(self.first.map_or(sequence, |first| first.min(sequence)));
        self.highest = self.highest.max(sequence);
        self.packets += 1;
        self.bytes += length as u64;
        self.window.1 += length as u64;
        let open = now.saturating_duration_since(self.window.0);
        if open >= Duration::from_secs(1) {
            self.bitrate = self.window.1.saturating_mul(8_000_000) / open.as_micros().max(1) as u64;
            self.window = (now, 0);
        }
        if !is_retransmission {
            self.measure(now, timestamp);
        }
        arrival
    }

    fn measure(&mut self, now: Instant, timestamp: u32) {
        let elapsed = now.saturating_duration_since(self.epoch).as_micros() as u64;
        let arrived = elapsed.wrapping_mul(u64::from(self.clock_rate)) / 1_000_000;
        let transit = i64::from((arrived as u32).wrapping_sub(timestamp) as i32);
        if let Some(last) = self.last_transit.replace(transit) {
            // Both wrap at 32 bits; so does their distance.
            let distance = u64::from((transit as i32).wrapping_sub(last as i32).unsigned_abs());
            // A sender that starts its clock anew is no jitter.
            if distance < u64::from(self.clock_rate) * 10 {
                self.jitter = self.jitter + distance - ((self.jitter + 8) >> 4).min(self.jitter + distance);
            }
        }
    }

    pub(crate) fn clock_rate(&self) -> u32 {
        self.clock_rate
    }

    /// In units of the stream's clock.
    pub(crate) fn jitter(&self) -> u32 {
        (self.jitter >> 4) as u32
    }

    pub(crate) fn jitter_ms(&self) -> f64 {
        f64::from(self.jitter()) * 1000.0 / f64::from(self.clock_rate.max(1))
    }

    fn expected(&self) -> u64 {
        self.first.map_or(0, |first| self.highest - first + 1)
    }

    pub(crate) fn lost(&self) -> u64 {
        self.expected().saturating_sub(self.packets)
    }

    pub(crate) fn highest(&self) -> u64 {
        self.highest
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.first.is_some()
    }

    /// The share lost since the last call, of 256.
    pub(crate) fn take_fraction_lost(&mut self) -> u8 {
        let now = (self.expected(), self.packets);
        let (expected, received) = (now.0.saturating_sub(self.reported.0), now.1.saturating_sub(self.reported.1));
        self.reported = now;
        let lost = expected.saturating_sub(received);
        lost.saturating_mul(256).checked_div(expected).unwrap_or(0).min(255) as u8
    }
}
