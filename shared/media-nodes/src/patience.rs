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
}
