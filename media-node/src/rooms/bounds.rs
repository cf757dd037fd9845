//! Bounds of what one node takes on. Each has a refusal that names it.

use dais_media::control::Problem;

/// Clients of one room. API Gateway's fan-out and one worker's packets end near there.
pub const PEERS_PER_ROOM: usize = 1_000;
/// Producers of one client: a microphone, a camera, a screen with its sound, and as many while they are being replaced.
pub const PRODUCERS_PER_PEER: usize = 8;
/// Consumers of one client.
pub const CONSUMERS_PER_PEER: usize = 1_000;
/// Rooms of one node.
pub const ROOMS: usize = 10_000;

/// Refuses what is over a bound.
pub fn check(what: &str, count: usize, max: usize) -> Result<(), Problem> {
    (count < max).then_some(()).ok_or_else(|| Problem::TooMany { what: what.to_owned(), max })
}
