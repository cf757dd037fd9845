//! Waiting between tries; a parameter, so that tests need no clock.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use futures::future::BoxFuture;

/// How to wait before another try.
pub trait Patience: Send + Sync + 'static {
    /// Waits after the given number of tries.
    fn pause(&self, tries: u32) -> BoxFuture<'static, ()>;

    /// Waits until a fan-out to so many connections that began before should have ended.
    fn settle(&self, connections: usize) -> BoxFuture<'static, ()>;
}

/// Waits a random time of up to 20 ms after the first try, doubling up to 640 ms: full jitter, as AWS advises for conflicts.
#[derive(Debug, Clone, Copy)]
pub struct Sleeping;

impl Patience for Sleeping {
    fn pause(&self, tries: u32) -> BoxFuture<'static, ()> {
        let bound_ms = 20_u64 << tries.min(5);
        let random = RandomState::new().hash_one(tries);
        Box::pin(tokio::time::sleep(Duration::from_millis(random % bound_ms)))
    }

    fn settle(&self, connections: usize) -> BoxFuture<'static, ()> {
        let ms = 150 + u64::try_from(connections).unwrap_or(u64::MAX).min(10_000);
        Box::pin(tokio::time::sleep(Duration::from_millis(ms)))
    }
}
