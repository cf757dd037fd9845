//! When a worker waits for company before it reads again. docs/decisions/a-busy-worker-gathers.md says why.

use std::time::{Duration, Instant};

/// Datagrams out of one turn from which on waiting can pay. Below it are handshakes and calls of two.
const BUSY: u64 = 8;

/// What one turn of a worker did.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    /// When it began.
    pub(super) began: Instant,
    /// Datagrams that it read.
    pub(super) received: u64,
    /// Datagrams that it sent.
    pub(super) sent: u64,
}

/// Tells busy turns from others.
#[derive(Debug)]
pub(super) struct Gathering {
    apart: Duration,
    previous: Option<Instant>,
}

impl Gathering {
    /// Busy turns will begin `apart` from each other. Zero: nobody waits.
    pub(super) fn new(apart: Duration) -> Self {
        Self { apart, previous: None }
    }

    /// How long to wait after a turn. Not at all when little was sent, or when what was read was alone and long awaited: the next
    /// would be alone too, and a wait for nothing costs more than it saves.
    pub(super) fn pause(&mut self, turn: Turn, now: Instant) -> Duration {
        let previous = self.previous.replace(turn.began);
        let soon = previous.is_some_and(|previous| turn.began.saturating_duration_since(previous) < self.apart / 2);
        if turn.sent < BUSY || (turn.received < 2 && !soon) {
            return Duration::ZERO;
        }
        self.apart.saturating_sub(now.saturating_duration_since(turn.began))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APART: Duration = Duration::from_millis(2);

    /// The pauses after turns that begin at these microseconds, read and send so much, and take 100 µs.
    fn pauses(turns: &[(u64, u64, u64)]) -> Vec<u64> {
        let (mut gathering, start) = (Gathering::new(APART), Instant::now());
        let pause = |(at, received, sent): &(u64, u64, u64)| {
            let began = start + Duration::from_micros(*at);
            let turn = Turn { began, received: *received, sent: *sent };
            u64::try_from(gathering.pause(turn, began + Duration::from_micros(100)).as_micros()).unwrap_or(u64::MAX)
        };
        turns.iter().map(pause).collect()
    }

    #[test]
    fn what_comes_alone_goes_at_once() {
        assert_eq!(pauses(&[(0, 1, 200), (3_200, 1, 200), (6_400, 1, 200)]), [0, 0, 0]);
    }

    #[test]
    fn what_comes_close_together_waits_for_company() {
        assert_eq!(pauses(&[(0, 1, 9), (300, 1, 9), (2_300, 6, 54), (4_300, 5, 45)]), [0, 1_900, 1_900, 1_900]);
    }

    #[test]
    fn a_wait_in_vain_is_the_last() {
        assert_eq!(pauses(&[(0, 2, 18), (2_000, 1, 9), (4_000, 1, 9)]), [1_900, 0, 0]);
    }

    #[test]
    fn little_work_never_waits() {
        assert_eq!(pauses(&[(0, 1, 1), (100, 1, 1), (200, 3, 3)]), [0, 0, 0]);
    }

    #[test]
    fn a_turn_that_took_long_is_followed_by_the_next() {
        let (mut gathering, began) = (Gathering::new(APART), Instant::now());
        assert_eq!(gathering.pause(Turn { began, received: 64, sent: 640 }, began + 2 * APART), Duration::ZERO);
    }
}
