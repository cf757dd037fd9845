//! Floods from one connection, told apart without the table: a token bucket per connection in this environment's memory.
//!
//! In the cloud several environments serve one connection, so a flood is noticed later there; the stage's throttle bounds
//! it meanwhile. The bucket is large enough for a real client, which sends about 10 + 4(N−1) messages when it joins a room
//! of N, and one `get-socket-id-for-user` per participant for every list it is sent.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use dais_domain::{ConnectionId, Timestamp};

/// Messages that a connection may send at once.
const BURST: f64 = 400.0;
/// Messages per second that it may send for ever.
const PER_SECOND: f64 = 30.0;
/// Buckets kept; beyond it all begin anew, which only forgives.
const MAX_BUCKETS: usize = 20_000;

/// What to do with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Handle it.
    Pass,
    /// The first one too many: say so and close the connection.
    Refuse,
    /// One after that: do nothing at all.
    Drop,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    capacity: f64,
    at: Timestamp,
    refused: bool,
}

/// Token buckets of the connections that this environment serves.
#[derive(Debug, Default)]
pub struct FloodGuard {
    buckets: Mutex<HashMap<ConnectionId, Bucket>>,
}

impl FloodGuard {
    /// Counts one message.
    pub fn take(&self, connection: &ConnectionId, now: Timestamp) -> Verdict {
        self.with(connection, now, |bucket| {
            let elapsed_ms = now.as_ms().saturating_sub(bucket.at.as_ms());
            // Events come in any order: time that has been counted is not counted again.
            bucket.at = bucket.at.max(now);
            #[expect(clippy::cast_precision_loss, reason = "milliseconds between two messages")]
            let refill = elapsed_ms as f64 / 1000.0 * PER_SECOND;
            bucket.tokens = (bucket.tokens + refill).min(bucket.capacity);
            if bucket.refused {
                Verdict::Drop
            } else if bucket.tokens >= 1.0 {
                bucket.tokens -= 1.0;
                Verdict::Pass
            } else {
                bucket.refused = true;
                Verdict::Refuse
            }
        })
    }

    /// Allows `messages` more, because we sent something that real clients answer.
    pub fn credit(&self, connection: &ConnectionId, messages: usize, now: Timestamp) {
        self.with(connection, now, |bucket| {
            #[expect(clippy::cast_precision_loss, reason = "a number of participants")]
            let messages = messages as f64;
            bucket.capacity = bucket.capacity.max(BURST + messages);
            bucket.tokens = (bucket.tokens + messages).min(bucket.capacity);
        });
    }

    /// Forgets a connection that has closed.
    pub fn forget(&self, connection: &ConnectionId) {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner).remove(connection);
    }

    fn with<T>(&self, connection: &ConnectionId, now: Timestamp, act: impl FnOnce(&mut Bucket) -> T) -> T {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() > MAX_BUCKETS {
            buckets.clear();
        }
        let fresh = || Bucket { tokens: BURST, capacity: BURST, at: now, refused: false };
        act(buckets.entry(connection.clone()).or_insert_with(fresh))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_flood_is_refused_once_and_then_dropped() {
        let guard = FloodGuard::default();
        let connection = ConnectionId::new("c").unwrap();
        let now = Timestamp::from_ms(1_000_000);
        let verdicts: Vec<_> = (0..500).map(|_| guard.take(&connection, now)).collect();
        assert_eq!(verdicts.iter().filter(|verdict| **verdict == Verdict::Pass).count(), 400);
        assert_eq!(verdicts.iter().filter(|verdict| **verdict == Verdict::Refuse).count(), 1);
    }

    #[test]
    fn a_flood_whose_messages_come_in_any_order_gains_nothing() {
        let guard = FloodGuard::default();
        let connection = ConnectionId::new("c").unwrap();
        let passed = (0..1000).filter(|number| {
            let now = Timestamp::from_ms(1_000_000 + number % 2 * 1000);
            guard.take(&connection, now) == Verdict::Pass
        });
        assert_eq!(
            passed.count(),
            400 + 1,
            "one is refilled for the first message, and at most a second's worth in all"
        );
    }

    #[test]
    fn the_join_of_a_large_room_is_no_flood() {
        let guard = FloodGuard::default();
        let connection = ConnectionId::new("c").unwrap();
        let now = Timestamp::from_ms(1_000_000);
        let messages = 10 + 4 * 999;
        guard.credit(&connection, messages, now);
        assert!((0..messages).all(|_| guard.take(&connection, now) == Verdict::Pass));
    }
}
