//! What has arrived at all subscribers together.

use std::{
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Instant, SystemTime},
};

use crate::delays::Delays;

/// Where in a payload stands when it was sent: behind what a VP8 packet must begin with.
const STAMP: Range<usize> = 8..16;

/// Counts packets and how long they took.
pub struct Arrivals {
    begun: Instant,
    seen: Mutex<Seen>,
}

/// What has arrived since it was last asked.
#[derive(Debug, Clone)]
pub struct Seen {
    pub received: u64,
    pub last: Option<SystemTime>,
    pub delays: Delays,
}

impl Arrivals {
    pub fn new(begun: Instant) -> Self {
        Self { begun, seen: Mutex::new(Seen::new()) }
    }

    /// Writes into a payload when it is sent.
    pub fn stamp(&self, payload: &mut [u8]) {
        if let Some(stamp) = payload.get_mut(STAMP) {
            stamp.copy_from_slice(&(self.begun.elapsed().as_nanos() as u64).to_be_bytes());
        }
    }

    /// A packet has arrived.
    pub fn take(&self, payload: &[u8]) {
        let now_ns = self.begun.elapsed().as_nanos() as u64;
        let sent_ns = payload.get(STAMP).and_then(|stamp| Some(u64::from_be_bytes(stamp.try_into().ok()?)));
        let mut seen = self.lock();
        seen.received += 1;
        seen.last = Some(SystemTime::now());
        if let Some(ns) = sent_ns.and_then(|sent_ns| now_ns.checked_sub(sent_ns)) {
            seen.delays.add(ns as f64 / 1_000.0);
        }
    }

    /// Begins to count anew; gives what was counted.
    pub fn reset(&self) -> Seen {
        std::mem::replace(&mut *self.lock(), Seen::new())
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn new() -> Self {
        Self { received: 0, last: None, delays: Delays::new() }
    }
}
