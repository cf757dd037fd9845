//! What rtc-dtls is not shown.
//!
//! Before its handshake is done, the component ends an association for any record that it cannot read, keeps up to 2 MB of fragments, and joins
//! them by recursion, one level for each. So records that no client sends are dropped before, and fragments are counted.

/// Records of handshakes that one association may send in all. A handshake has about 10, and some are repeated.
const MAX_RECORDS: u32 = 256;
/// Longest handshake message. Certificates of browsers have 300 bytes, their greeting with post-quantum keys 1,700.
const MAX_MESSAGE: usize = 16_384;
/// Shortest fragment that is not the last of its message.
const MIN_FRAGMENT: usize = 64;
/// Highest sequence number of a handshake message.
const MAX_SEQUENCE: u16 = 32;

const RECORD_HEADER: usize = 13;
const FRAGMENT_HEADER: usize = 12;

#[derive(Default)]
pub(super) struct Filter {
    records: u32,
}

impl Filter {
    /// Whether a datagram is one that a client would send.
    pub(super) fn admits(&mut self, datagram: &[u8], is_established: bool) -> bool {
        let mut rest = datagram;
        while !rest.is_empty() {
            let Some((header, after)) = rest.split_first_chunk::<RECORD_HEADER>() else { return false };
            let length = usize::from(u16::from_be_bytes([header[11], header[12]]));
            let Some((body, after)) = after.split_at_checked(length) else { return false };
            let epoch = u16::from_be_bytes([header[3], header[4]]);
            if header[1] != 0xfe || !self.record(header[0], epoch, body, is_established) {
                return false;
            }
            rest = after;
        }
        !datagram.is_empty()
    }

    fn record(&mut self, kind: u8, epoch: u16, body: &[u8], is_established: bool) -> bool {
        if !is_established || kind == 22 {
            self.records += 1;
            if self.records > MAX_RECORDS {
                return false;
            }
        }
        match (kind, epoch) {
            (20, 0) => body == [1],
            (21, 0) => !is_established && matches!(body, [1 | 2, _]),
            (22, 0) => fragments_are_sound(body),
            (23, 0) => false,
            (20..=23, 1) => !body.is_empty(),
            _ => false,
        }
    }
}

fn fragments_are_sound(mut body: &[u8]) -> bool {
    if body.is_empty() {
        return false;
    }
    while !body.is_empty() {
        let Some((header, after)) = body.split_first_chunk::<FRAGMENT_HEADER>() else { return false };
        let number = |at: usize| -> usize {
            header.get(at..at + 3).unwrap_or_default().iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
        };
        let (length, offset, fragment) = (number(1), number(6), number(9));
        let sequence = u16::from_be_bytes([header[4], header[5]]);
        let is_last = offset + fragment == length;
        let is_sound = sequence <= MAX_SEQUENCE
            && length <= MAX_MESSAGE
            && offset + fragment <= length
            && (is_last || fragment >= MIN_FRAGMENT);
        let Some((_, after)) = after.split_at_checked(fragment) else { return false };
        if !is_sound {
            return false;
        }
        body = after;
    }
    true
}
