//! Which packet of the publisher a subscriber's sequence number was.

/// Numbers that are remembered: two seconds of 2.5 Mbit/s.
const LENGTH: usize = 512;

/// A packet as it was sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    /// The subscriber's sequence number.
    pub sequence: u16,
    /// The publisher's.
    pub original: u16,
    pub picture: u16,
    pub base: u8,
    pub layer: u8,
    pub timestamp: u32,
    /// How often it was repeated.
    pub repeats: u8,
    pub is_used: bool,
    /// When it was last repeated: milliseconds of the worker's time, modulo 2^16.
    pub repeated: u16,
}

/// The last packets sent to a subscriber. Takes no memory before the first.
#[derive(Default)]
pub(crate) struct History {
    ring: Vec<Sent>,
}

impl History {
    pub(crate) fn insert(&mut self, sent: Sent) {
        if self.ring.is_empty() {
            self.ring.resize(LENGTH, Sent::default());
        }
        if let Some(slot) = self.ring.get_mut(usize::from(sent.sequence) % LENGTH) {
            *slot = Sent { is_used: true, ..sent };
        }
    }

    pub(crate) fn get_mut(&mut self, sequence: u16) -> Option<&mut Sent> {
        let slot = self.ring.get_mut(usize::from(sequence) % LENGTH)?;
        (slot.is_used && slot.sequence == sequence).then_some(slot)
    }
}
