//! Packets kept for retransmission: one store per stream of a producer, shared by all its consumers.

use std::time::{Duration, Instant};

use crate::rtp::Carried;

/// A packet as its publisher sent it.
pub(crate) struct Stored {
    pub sequence: u64,
    at: Instant,
    pub timestamp: u32,
    pub marker: bool,
    pub carried: Carried,
    pub payload: Vec<u8>,
}

/// A ring of packets by sequence number. It grows with what comes in a second, and keeps its buffers.
pub(crate) struct Store {
    slots: Vec<Option<Stored>>,
    max: usize,
    lifetime: Duration,
}

const FIRST: usize = 64;

impl Store {
    /// `max` is rounded up to a power of two.
    pub(crate) fn new(max: usize, lifetime: Duration) -> Self {
        Self { slots: Vec::new(), max: max.clamp(FIRST, 16_384).next_power_of_two(), lifetime }
    }

    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.slots.clear();
    }

    pub(crate) fn insert(
        &mut self,
        now: Instant,
        sequence: u64,
        timestamp: u32,
        marker: bool,
        carried: Carried,
        payload: &[u8],
    ) {
        if self.slots.is_empty() {
            self.slots.resize_with(FIRST, || None);
        }
        let young = |slot: &Option<Stored>, lifetime| {
            slot.as_ref()
                .is_some_and(|old| old.sequence != sequence && now.saturating_duration_since(old.at) < lifetime)
        };
        if self.slots.len() < self.max
            && self.slots.get(self.at(sequence)).is_some_and(|slot| young(slot, self.lifetime))
        {
            self.grow();
        }
        let at = self.at(sequence);
        let Some(slot) = self.slots.get_mut(at) else { return };
        match slot {
            Some(old) if old.sequence > sequence => {}
            Some(old) => {
                old.payload.clear();
                old.payload.extend_from_slice(payload);
                (old.sequence, old.at, old.timestamp) = (sequence, now, timestamp);
                (old.marker, old.carried) = (marker, carried);
            }
            None => {
                // With room for the rest of the stream's packets, so that they need no other buffer.
                let mut buffer = Vec::with_capacity(payload.len().max(1232));
                buffer.extend_from_slice(payload);
                *slot = Some(Stored { sequence, at: now, timestamp, marker, carried, payload: buffer });
            }
        }
    }

    /// The packet with the sequence number that ends like this, if it is still of use.
    pub(crate) fn get(&self, now: Instant, sequence: u16) -> Option<&Stored> {
        let mask = self.slots.len().checked_sub(1)?;
        let stored = self.slots.get(usize::from(sequence) & mask)?.as_ref()?;
        let is_it = stored.sequence as u16 == sequence && now.saturating_duration_since(stored.at) <= self.lifetime;
        is_it.then_some(stored)
    }

    fn at(&self, sequence: u64) -> usize {
        sequence as usize & (self.slots.len() - 1)
    }

    fn grow(&mut self) {
        let doubled = self.slots.len() * 2;
        let old = std::mem::take(&mut self.slots);
        self.slots.resize_with(doubled, || None);
        for stored in old.into_iter().flatten() {
            let at = self.at(stored.sequence);
            if let Some(slot) = self.slots.get_mut(at) {
                *slot = Some(stored);
            }
        }
    }
}
