//! Randomness from outside: a system's, or that of a simulation with a seed.

/// A source of random bytes: for credentials, SSRCs and first sequence numbers. (DTLS keys come from aws-lc's own generator.)
pub trait Random: Send {
    /// Fills `bytes`.
    fn fill(&mut self, bytes: &mut [u8]);
}

/// The system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&mut self, bytes: &mut [u8]) {
        // aws-lc aborts the process itself if the system has no entropy; there is no error to handle.
        let _ = aws_lc_rs::rand::fill(bytes);
    }
}

pub(crate) fn u32_of(random: &mut dyn Random) -> u32 {
    let mut bytes = [0; 4];
    random.fill(&mut bytes);
    u32::from_be_bytes(bytes)
}

/// `N` random characters of the ICE alphabet without `+` and `/`, 5 bits each (RFC 8445, 5.3 asks for 24 and 128 bits).
pub(crate) fn text<const N: usize>(random: &mut dyn Random) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect()
}
