//! Packet indices: 48 bits, of which packets carry the lower 16 (RFC 3711, 3.3.1).

/// Which indices have occurred: the highest, and some below it.
#[derive(Debug, Clone)]
pub(crate) struct Seen<const WORDS: usize> {
    /// One more than the highest; 0 before the first.
    next: u64,
    /// Bit of an index, modulo the length: it has occurred.
    bits: [u64; WORDS],
}

/// What SRTP remembers: 128 indices.
pub(crate) type Received = Seen<2>;

impl<const WORDS: usize> Default for Seen<WORDS> {
    fn default() -> Self {
        Self { next: 0, bits: [0; WORDS] }
    }
}

impl<const WORDS: usize> Seen<WORDS> {
    const LENGTH: u64 = 64 * WORDS as u64;

    /// The index after the highest.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// The index that a sequence number most likely stands for.
    pub(crate) fn guess(&self, sequence: u16) -> u64 {
        let Some(highest) = self.next.checked_sub(1) else { return u64::from(sequence) };
        extend(highest, sequence)
    }

    /// Whether an index may be accepted: it has neither occurred already nor is it too old to know.
    pub(crate) fn admits(&self, index: u64) -> bool {
        index >= self.next || self.next - index <= Self::LENGTH && self.word(index) & Self::bit(index) == 0
    }

    /// It has occurred. False if it is not admitted.
    pub(crate) fn accept(&mut self, index: u64) -> bool {
        if !self.admits(index) {
            return false;
        }
        if index >= self.next {
            let first = (index + 1).saturating_sub(Self::LENGTH).max(self.next);
            for skipped in first..=index {
                *self.word_mut(skipped) &= !Self::bit(skipped);
            }
            self.next = index + 1;
        }
        *self.word_mut(index) |= Self::bit(index);
        true
    }

    fn bit(index: u64) -> u64 {
        1 << (index % 64)
    }

    // The place is always in the array: it is a remainder of its length.
    fn word(&self, index: u64) -> u64 {
        self.bits[(index / 64) as usize % WORDS]
    }

    fn word_mut(&mut self, index: u64) -> &mut u64 {
        &mut self.bits[(index / 64) as usize % WORDS]
    }
}

/// The index nearest to `reference` whose lower 16 bits are `sequence`. Not below 0.
pub(crate) fn extend(reference: u64, sequence: u16) -> u64 {
    let distance = sequence.wrapping_sub(reference as u16) as i16;
    reference.checked_add_signed(i64::from(distance)).unwrap_or_else(|| u64::from(sequence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_received_once() {
        let mut received = Received::default();
        for sequence in [65_530_u16, 65_535, 3, 0, 65_534] {
            let index = received.guess(sequence);
            assert!(received.admits(index), "{sequence}");
            received.accept(index);
            assert!(!received.admits(index), "{sequence}");
        }
        assert_eq!(received.guess(4), 0x1_0004);
        assert_eq!(received.guess(65_533), 65_533);
        received.accept(0x1_0100);
        assert!(!received.admits(received.guess(4)), "too old to know");
        assert!(received.admits(0x1_0100 - 127) && !received.admits(0x1_0100 - 128));
        received.accept(5_000_000);
        assert!((5_000_000 - 127..5_000_000).all(|index| received.admits(index)), "nothing old shines through");
    }
}
