//! Sequence numbers, timestamps and VP8 picture numbers that go on without a break through pauses, layer switches and frames left out.

use std::time::Instant;

use crate::codec::vp8::Descriptor;

/// From a publisher's packet number on, these are the differences to the subscriber's numbers.
#[derive(Debug, Clone, Copy, Default)]
struct Segment {
    from: u64,
    sequence: u64,
    picture: u16,
    base: u8,
}

/// So many changes are remembered for packets that come late.
const SEGMENTS: usize = 8;

/// The numbers of a packet for a subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// Its 48-bit index; the sequence number is its lower half.
    pub index: u64,
    pub timestamp: u32,
    pub picture: u16,
    pub base: u8,
}

/// With what a subscriber begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start {
    /// The publisher's number.
    pub sequence: u64,
    /// The subscriber's index for it.
    pub next: u64,
    /// The publisher's timestamp.
    pub timestamp: u32,
    /// The difference of timestamps, if it is known from the publisher's clocks.
    pub time: Option<u32>,
}

/// The numbers of one subscriber.
pub(crate) struct Mapper {
    segments: [Segment; SEGMENTS],
    count: usize,
    /// Added to the publisher's timestamps.
    time: u32,
    /// The highest packet of the publisher that was forwarded or left out.
    highest: u64,
    last_timestamp: u32,
    last_sent: Option<Instant>,
    last_picture: u16,
    last_base: u8,
    is_begun: bool,
}

impl Mapper {
    pub(crate) fn new(picture: u16, base: u8) -> Self {
        Self {
            segments: [Segment::default(); SEGMENTS],
            count: 0,
            time: 0,
            highest: 0,
            last_timestamp: 0,
            last_sent: None,
            last_picture: picture & 0x7fff,
            last_base: base,
            is_begun: false,
        }
    }

    /// The difference of timestamps, once there is one.
    pub(crate) fn time(&self) -> Option<u32> {
        self.is_begun.then_some(self.time)
    }

    /// Begins with a packet, at the very start or after a break. Its timestamp is the one that the publisher's clocks say, or
    /// goes on as the time does.
    pub(crate) fn begin(&mut self, now: Instant, start: &Start, descriptor: Option<&Descriptor>, clock_rate: u32) {
        let Start { sequence, next, timestamp, time } = *start;
        let picture = descriptor.and_then(Descriptor::picture).unwrap_or_default();
        let base = descriptor.and_then(Descriptor::base).unwrap_or_default();
        self.segments = [Segment::default(); SEGMENTS];
        self.segments[0] = Segment {
            from: sequence,
            sequence: next.wrapping_sub(sequence),
            picture: self.last_picture.wrapping_add(1).wrapping_sub(picture),
            base: self.last_base.wrapping_add(1).wrapping_sub(base),
        };
        self.count = 1;
        self.highest = sequence;
        if let Some(last_sent) = self.last_sent {
            let elapsed = now.saturating_duration_since(last_sent).as_micros() as u64;
            let elapsed = (elapsed.saturating_mul(u64::from(clock_rate)) / 1_000_000) as u32;
            let by_arrival = self.last_timestamp.wrapping_add(elapsed.max(1)).wrapping_sub(timestamp);
            // What the clocks say must not go back, nor be far from what is seen.
            let ahead = |time: u32| timestamp.wrapping_add(time).wrapping_sub(self.last_timestamp) as i32;
            let plausible = |time: &u32| ahead(*time) > 0 && ahead(*time).abs_diff(ahead(by_arrival)) < clock_rate;
            self.time = time.filter(plausible).unwrap_or(by_arrival);
        }
        self.is_begun = true;
    }

    /// The numbers of a packet, or `None` if it is older than what the subscriber began with.
    pub(crate) fn map(
        &mut self,
        now: Instant,
        sequence: u64,
        timestamp: u32,
        descriptor: Option<&Descriptor>,
    ) -> Option<Numbers> {
        let segments = self.segments.get(..self.count)?;
        let segment = segments.iter().rev().find(|segment| segment.from <= sequence)?;
        let picture = descriptor.and_then(Descriptor::picture).unwrap_or_default().wrapping_add(segment.picture);
        let numbers = Numbers {
            index: sequence.wrapping_add(segment.sequence),
            timestamp: timestamp.wrapping_add(self.time),
            picture: picture & 0x7fff,
            base: descriptor.and_then(Descriptor::base).unwrap_or_default().wrapping_add(segment.base),
        };
        if sequence >= self.highest {
            self.highest = sequence;
            self.last_timestamp = numbers.timestamp;
            self.last_sent = Some(now);
            self.last_picture = numbers.picture;
            self.last_base = numbers.base;
        }
        Some(numbers)
    }

    /// Which packet of the publisher an index stands for, if it was made by what is remembered.
    pub(crate) fn original(&self, index: u64) -> Option<u64> {
        let segments = self.segments.get(..self.count)?;
        let mut end = self.highest.checked_add(1)?;
        for segment in segments.iter().rev() {
            let sequence = index.wrapping_sub(segment.sequence);
            if (segment.from..end).contains(&sequence) {
                return Some(sequence);
            }
            end = segment.from;
        }
        None
    }

    /// Leaves a packet out, so that the subscriber sees no gap. `ends_picture`: with it a picture number is left out.
    /// A packet that comes late cannot be left out: its successors have their numbers.
    pub(crate) fn leave_out(&mut self, sequence: u64, with_picture: bool) {
        let Some(last) = self.count.checked_sub(1).and_then(|at| self.segments.get_mut(at)) else { return };
        if sequence <= self.highest {
            return;
        }
        self.highest = sequence;
        let next = Segment {
            from: sequence + 1,
            sequence: last.sequence.wrapping_sub(1),
            picture: last.picture.wrapping_sub(u16::from(with_picture)),
            base: last.base,
        };
        if last.from == sequence {
            *last = next;
            return;
        }
        if self.count == SEGMENTS {
            self.segments.rotate_left(1);
            self.count -= 1;
        }
        if let Some(slot) = self.segments.get_mut(self.count) {
            *slot = next;
            self.count += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn index(mapper: &mut Mapper, now: Instant, sequence: u64) -> Option<u64> {
        mapper.map(now, sequence, sequence as u32 * 100, None).map(|numbers| numbers.index)
    }

    #[test]
    fn what_is_left_out_leaves_no_gap() {
        let now = Instant::now();
        let mut mapper = Mapper::new(0, 0);
        mapper.begin(now, &Start { sequence: 1000, next: 7, timestamp: 0, time: None }, None, 90_000);
        assert_eq!(index(&mut mapper, now, 999), None, "before the beginning");
        assert_eq!(index(&mut mapper, now, 1000), Some(7));
        mapper.leave_out(1001, false);
        mapper.leave_out(1002, false);
        assert_eq!(index(&mut mapper, now, 1005), Some(10));
        assert_eq!(index(&mut mapper, now, 1003), Some(8), "late");
        mapper.leave_out(1004, false);
        assert_eq!(index(&mut mapper, now, 1006), Some(11), "a late packet cannot be left out");
        assert_eq!(
            [7, 8, 9, 10, 11, 12].map(|index| mapper.original(index)),
            [Some(1000), Some(1003), Some(1004), Some(1005), Some(1006), None]
        );
    }

    #[test]
    fn timestamps_go_on_as_the_time_does() {
        let start = Instant::now();
        let mut mapper = Mapper::new(0, 0);
        mapper.begin(start, &Start { sequence: 1, next: 1, timestamp: 5000, time: None }, None, 90_000);
        let first = mapper.map(start, 1, 5000, None).expect("mapped").timestamp;
        let later = start + Duration::from_millis(100);
        mapper.begin(later, &Start { sequence: 70_000, next: 2, timestamp: 4_000_000_000, time: None }, None, 90_000);
        let second = mapper.map(later, 70_000, 4_000_000_000, None).expect("mapped");
        assert_eq!(second.index, 2);
        assert_eq!(second.timestamp.wrapping_sub(first), 9000);
        // The clocks say 50 ms: they know better, as long as it is plausible.
        let time = (first + 4500).wrapping_sub(1000);
        let mut mapper = Mapper::new(0, 0);
        mapper.begin(start, &Start { sequence: 1, next: 1, timestamp: 5000, time: None }, None, 90_000);
        mapper.map(start, 1, 5000, None);
        mapper.begin(later, &Start { sequence: 9, next: 2, timestamp: 1000, time: Some(time) }, None, 90_000);
        assert_eq!(mapper.map(later, 9, 1000, None).expect("mapped").timestamp, 5000 + 4500);
    }
}
