//! What API Gateway takes: sizes, times and rates. Source: its published quotas.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::template::Throttle;

/// Largest payload of the HTTP API, in bytes.
pub(super) const HTTP_PAYLOAD: usize = 10 * 1024 * 1024;

/// Largest request line and headers of the HTTP API together, in bytes.
pub(super) const HTTP_HEADERS: usize = 10_240;

/// How long the HTTP API waits for a function.
pub(super) const HTTP_INTEGRATION: Duration = Duration::from_secs(30);

/// Longest path and query of a WebSocket handshake, in bytes.
pub(super) const WEBSOCKET_URL: usize = 4_096;

/// Largest WebSocket frame from a client, in bytes.
pub(super) const WEBSOCKET_FRAME: usize = 32 * 1024;

/// Largest WebSocket message in either direction, in bytes.
pub(super) const WEBSOCKET_MESSAGE: usize = 128 * 1024;

/// How long the WebSocket API waits for a function.
pub(super) const WEBSOCKET_INTEGRATION: Duration = Duration::from_secs(29);

/// A connection without traffic for so long is closed, in ms.
pub(super) const WEBSOCKET_IDLE_MS: u64 = 10 * 60 * 1000;

/// A connection this old is closed, in ms.
pub(super) const WEBSOCKET_LIFETIME_MS: u64 = 2 * 60 * 60 * 1000;

/// Messages of one connection that are handled at a time; beyond it nothing more is read. The service publishes no such
/// number. Without one, a flood would use up the account's concurrency before the functions have seen any of it.
pub(super) const WEBSOCKET_IN_FLIGHT: usize = 128;

/// Messages that wait for a client that does not read.
pub(super) const WEBSOCKET_BACKLOG: usize = 16_384;

/// Requests of all APIs of an account and Region, posts to connections included.
pub(super) const ACCOUNT: Throttle = Throttle { rate: 10_000, burst: 5_000 };

/// New connections of an account and Region.
pub(super) const CONNECTS: Throttle = Throttle { rate: 500, burst: 500 };

/// A token bucket on the machine's time.
#[derive(Debug)]
pub(crate) struct Bucket {
    rate: f64,
    burst: f64,
    state: Mutex<(f64, Instant)>,
}

impl Bucket {
    /// A full bucket.
    pub(crate) fn new(throttle: Throttle) -> Self {
        let burst = f64::from(throttle.burst);
        Self { rate: f64::from(throttle.rate), burst, state: Mutex::new((burst, Instant::now())) }
    }

    /// Takes a token, if there is one.
    pub(crate) fn take(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (tokens, filled) = *state;
        let now = Instant::now();
        let tokens = (tokens + now.saturating_duration_since(filled).as_secs_f64() * self.rate).min(self.burst);
        let taken = tokens >= 1.0;
        *state = (if taken { tokens - 1.0 } else { tokens }, now);
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_and_no_more_at_once() {
        let bucket = Bucket::new(Throttle { rate: 0, burst: 3 });
        assert_eq!([bucket.take(), bucket.take(), bucket.take(), bucket.take()], [true, true, true, false]);
    }
}
