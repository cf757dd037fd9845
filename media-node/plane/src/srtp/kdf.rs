//! Session keys from master keys (RFC 3711, 4.3; RFC 7714, 11).

use rtc_crypto::{BlockCipherAlgorithm, RTCCrypto};

/// Which session key.
#[derive(Clone, Copy)]
pub(super) enum Label {
    RtpKey = 0,
    RtpSalt = 2,
    RtcpKey = 3,
    RtcpSalt = 5,
}

/// The first `N` ≤ 16 bytes of AES-CM under the master key, with a counter that the label is mixed into.
pub(super) fn derive<const N: usize>(
    key: &[u8; 16],
    salt: &[u8],
    label: Label,
    crypto: &dyn RTCCrypto,
) -> Option<[u8; N]> {
    let mut block = [0; 16];
    block.iter_mut().zip(salt).for_each(|(byte, salt)| *byte = *salt);
    // A salt of 96 bits counts as one of 112 that ends in zeros; the label stands 7 bytes from that end.
    block[7] ^= label as u8;
    crypto.block_encrypt(BlockCipherAlgorithm::Aes128, key, &mut block).ok()?;
    block.first_chunk::<N>().copied()
}
