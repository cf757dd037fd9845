//! RED (RFC 2198): an Opus packet together with those before it, so that a lost one costs nothing.

/// More than anybody sends: libwebrtc repeats at most 9 packets, and reads at most 32.
const MAX_BLOCKS: usize = 32;

/// A payload that is a row of headers, the repeated packets, and the packet itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Red {
    /// Headers of repeated packets.
    repeated: usize,
    /// Where the packet itself begins.
    primary: usize,
}

impl Red {
    /// Reads the headers, or gives `None` if they are unsound, or one of them names another payload type than `inside`.
    pub(crate) fn read(payload: &[u8], inside: u8) -> Option<Self> {
        let (mut repeated, mut bytes, mut rest) = (0, 0, payload);
        loop {
            let (&first, after) = rest.split_first()?;
            if first & 0x7f != inside {
                return None;
            }
            if first & 0x80 == 0 {
                break;
            }
            // 14 bits say how much earlier it was, 10 how long it is.
            let ([_, high, low], after) = after.split_first_chunk()?;
            bytes += usize::from(u16::from_be_bytes([high & 0x03, *low]));
            repeated += 1;
            rest = after;
            if repeated == MAX_BLOCKS {
                return None;
            }
        }
        let primary = 4 * repeated + 1 + bytes;
        (primary <= payload.len()).then_some(Self { repeated, primary })
    }

    /// The packet itself.
    pub(crate) fn primary(self, payload: &[u8]) -> &[u8] {
        payload.get(self.primary..).unwrap_or_default()
    }

    /// Writes the payload type that a subscriber knows into all headers of a copy.
    pub(crate) fn rewrite(self, copy: &mut [u8], inside: u8) {
        for header in copy.iter_mut().step_by(4).take(self.repeated + 1) {
            *header = *header & 0x80 | inside & 0x7f;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two packets repeated, of 2 bytes and 1, and one of 3.
    const PAYLOAD: [u8; 15] = [0xef, 0x1e, 0x00, 2, 0xef, 0x0f, 0x00, 1, 0x6f, 1, 2, 3, 4, 5, 6];

    #[test]
    fn the_packet_itself_is_what_is_behind_all_others() {
        let red = Red::read(&PAYLOAD, 111).expect("sound");
        assert_eq!(red.primary(&PAYLOAD), [4, 5, 6]);
        let alone = Red::read(&[0x6f, 9], 111).expect("nothing is repeated");
        assert_eq!(alone.primary(&[0x6f, 9]), [9]);
    }

    #[test]
    fn lengths_have_ten_bits() {
        let mut long = vec![0xef, 0xff, 0xff, 0xff, 0x6f];
        long.resize(5 + 1023, 1);
        long.push(7);
        assert_eq!(Red::read(&long, 111).expect("sound").primary(&long), [7]);
    }

    #[test]
    fn only_payload_types_are_rewritten() {
        let mut copy = PAYLOAD;
        Red::read(&PAYLOAD, 111).expect("sound").rewrite(&mut copy, 100);
        assert_eq!(copy, [0xe4, 0x1e, 0x00, 2, 0xe4, 0x0f, 0x00, 1, 0x64, 1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn what_is_unsound_is_refused() {
        assert_eq!(Red::read(&PAYLOAD, 100), None, "another codec inside");
        assert_eq!(Red::read(&[], 111), None);
        for end in 0..12 {
            assert_eq!(Red::read(&PAYLOAD[..end], 111), None, "cut after {end} bytes");
        }
        let endless = [0xef, 0, 0, 0].repeat(MAX_BLOCKS);
        assert_eq!(Red::read(&[&endless[..], &[0x6f]].concat(), 111), None, "too many");
    }
}
