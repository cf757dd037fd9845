//! What is asked again of a publisher (RFC 4585, 6.2.1).
//!
//! Own code: the generator of rtc-interceptor does not see what came in a retransmission stream, and asks for it again and again
//! (`tests/plane/the_nack_component_does_not_see_what_rtx_brings.rs`).

use std::time::{Duration, Instant};

/// A packet may be this much later than its successor before it is asked for: networks reorder.
const PATIENCE: Duration = Duration::from_millis(10);
/// …unless this many came after it.
const REORDERING: u64 = 3;
/// A packet is asked for this often.
const MAX_TRIES: u8 = 10;
/// After this it is of no use.
const LIFETIME: Duration = Duration::from_secs(1);
/// When more are missing, a key frame is cheaper.
const MAX_MISSING: usize = 256;
/// Least time between two requests for a packet.
const MIN_RETRY: Duration = Duration::from_millis(20);

struct Entry {
    sequence: u64,
    since: Instant,
    asked: Option<Instant>,
    tries: u8,
}

/// Packets that have not come. In ascending order.
#[derive(Default)]
pub(crate) struct Missing {
    entries: Vec<Entry>,
    /// Sequence numbers asked for, in all.
    pub asked: u64,
}

impl Missing {
    /// `gap` packets before `sequence` did not come. True if that is too much, and a key frame is to be asked for.
    pub(crate) fn note(&mut self, now: Instant, sequence: u64, gap: u64) -> bool {
        if gap as usize > MAX_MISSING || self.entries.len() + gap as usize > MAX_MISSING {
            self.entries.clear();
            return true;
        }
        let new = (sequence - gap..sequence).map(|sequence| Entry { sequence, since: now, asked: None, tries: 0 });
        self.entries.extend(new);
        // Only at the beginning of a stream may a gap be found before another one.
        self.entries.sort_unstable_by_key(|entry| entry.sequence);
        false
    }

    /// It came, by itself or as a retransmission. `Some` if it was missing, with the time since it was asked for, if that was done once.
    pub(crate) fn filled(&mut self, now: Instant, sequence: u64) -> Option<Option<Duration>> {
        let at = self.entries.binary_search_by_key(&sequence, |entry| entry.sequence).ok()?;
        let entry = self.entries.remove(at);
        let took = entry.asked.map(|asked| now.saturating_duration_since(asked));
        Some(took.filter(|_| entry.tries == 1))
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    /// When [`Missing::take_due`] is wanted.
    pub(crate) fn deadline(&self, highest: u64, rtt: Duration) -> Option<Instant> {
        self.entries.iter().map(|entry| due(entry, highest, rtt)).min()
    }

    /// What is to be asked for now. True if something has been given up, so that a key frame is to be asked for.
    pub(crate) fn take_due(&mut self, now: Instant, highest: u64, rtt: Duration, ask: &mut Vec<u16>) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| {
            entry.tries < MAX_TRIES && now.saturating_duration_since(entry.since) < LIFETIME
                || entry.asked.is_some_and(|asked| now < asked + MIN_RETRY)
        });
        let gave_up = self.entries.len() < before;
        for entry in &mut self.entries {
            if due(entry, highest, rtt) <= now {
                entry.asked = Some(now);
                entry.tries += 1;
                ask.push(entry.sequence as u16);
            }
        }
        self.asked += ask.len() as u64;
        gave_up
    }
}

fn due(entry: &Entry, highest: u64, rtt: Duration) -> Instant {
    match entry.asked {
        Some(asked) => asked + rtt.mul_f32(1.25).clamp(MIN_RETRY, Duration::from_millis(300)),
        None if highest >= entry.sequence + REORDERING => entry.since,
        None => entry.since + PATIENCE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_retransmission_has_brought_is_not_asked_for_again() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let rtt = Duration::from_millis(30);
        let mut missing = Missing::default();
        let mut ask = Vec::new();
        assert!(!missing.note(at(0), 10, 2));
        missing.take_due(at(1), 10, rtt, &mut ask);
        assert_eq!(ask, [] as [u16; 0], "they may only be late");
        assert_eq!(missing.filled(at(5), 9), Some(None), "one was late");
        missing.take_due(at(10), 10, rtt, &mut ask);
        assert_eq!(ask, [8]);
        missing.take_due(at(20), 11, rtt, &mut ask);
        assert_eq!(ask, [8], "the answer takes a round trip");
        missing.take_due(at(50), 12, rtt, &mut ask);
        assert_eq!(ask, [8, 8]);
        assert_eq!(missing.filled(at(60), 8), Some(None));
        assert_eq!(missing.deadline(12, rtt), None);
    }

    #[test]
    fn it_is_given_up_at_last() {
        let start = Instant::now();
        let mut missing = Missing::default();
        missing.note(start, 10, 1);
        let mut ask = Vec::new();
        let mut gave_up = false;
        for ms in (0..2000).step_by(5) {
            gave_up |= missing.take_due(start + Duration::from_millis(ms), 10, Duration::ZERO, &mut ask);
        }
        assert!(gave_up && missing.entries.is_empty());
        assert_eq!(ask.len(), usize::from(MAX_TRIES));
        assert!(missing.note(start, 10_000, 5000), "a hole that large needs a key frame");
    }
}
