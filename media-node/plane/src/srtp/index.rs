//! Packet indices: 48 bits, of which packets carry the lower 16 (RFC 3711, 3.3.1).

/// Which indices of one SSRC have been received: the highest, and 128 below it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Received {
    /// One more than the highest; 0 before the first packet.
    next: u64,
    /// Bit n: `next - 1 - n` was received.
    window: u128,
}

impl Received {
    /// The index that a sequence number most likely stands for.
    pub(crate) fn guess(&self, sequence: u16) -> u64 {
        let Some(highest) = self.next.checked_sub(1) else { return u64::from(sequence) };
        extend(highest, sequence)
    }

    /// Whether an index may be accepted: neither received already nor too old to know.
    pub(crate) fn admits(&self, index: u64) -> bool {
        match self.next.checked_sub(index + 1) {
            None => true,
            Some(age) => age < 128 && self.window >> age & 1 == 0,
        }
    }

    /// It was received, and authenticated.
    pub(crate) fn accept(&mut self, index: u64) {
        if index >= self.next {
            let shift = index + 1 - self.next;
            self.window = if shift < 128 { self.window << shift | 1 } else { 1 };
            self.next = index + 1;
        } else {
            let age = self.next - 1 - index;
            if age < 128 {
                self.window |= 1 << age;
            }
        }
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
    }
}
