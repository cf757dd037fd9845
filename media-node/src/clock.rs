//! The time of leases and tickets: the machine's, on nodes and in functions alike. What clocks of servers differ by is less than a
//! lease; the local cloud's clock, which can be moved forward, has no part in it.

use std::time::{SystemTime, UNIX_EPOCH};

use dais_domain::Timestamp;

/// Tells the time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock;

impl Clock {
    /// Now.
    pub fn now(self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_ms(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}
