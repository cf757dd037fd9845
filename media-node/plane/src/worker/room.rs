//! A room.

use crate::{
    keys::{ProducerKey, TransportKey},
    speaker::Speakers,
};

/// A room: who publishes in it is heard in it.
#[derive(Default)]
pub(super) struct Room {
    pub transports: Vec<TransportKey>,
    pub speakers: Speakers<ProducerKey>,
}
