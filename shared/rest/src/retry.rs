//! Waiting between tries of a write that others were quicker with.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

/// Tries of a change that meets others. With the pauses between them well under the 15 s that the function may take.
pub const MAX_TRIES: u32 = 12;

/// Tries of a write whose fate is unknown. The SDK has tried each of them several times.
pub const MAX_FAILURES: u32 = 3;

/// Waits a random time of up to 20 ms after the first try, doubling up to 640 ms: full jitter, as AWS advises for conflicts.
pub async fn pause(tries: u32) {
    let bound_ms = 20_u64 << tries.min(5);
    let random = RandomState::new().hash_one(tries);
    tokio::time::sleep(Duration::from_millis(random % bound_ms)).await;
}
