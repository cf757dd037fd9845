//! AEAD_AES_128_GCM (RFC 7714).

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use rtc_crypto::RTCCrypto;

use super::kdf::{Label, derive};

/// Length of the authentication tag.
pub(super) const TAG: usize = 16;

/// A session key and salt.
pub(super) struct Key {
    key: LessSafeKey,
    /// Its 96 bits, big endian.
    salt: u128,
}

/// The session keys of one direction.
pub(super) struct Keys {
    pub rtp: Key,
    pub rtcp: Key,
}

impl Keys {
    pub(super) fn derive(key: &[u8; 16], salt: &[u8], crypto: &dyn RTCCrypto) -> Option<Self> {
        let pair = |key_label, salt_label| {
            let session = derive::<16>(key, salt, key_label, crypto)?;
            let salt = derive::<12>(key, salt, salt_label, crypto)?;
            let salt = salt.iter().fold(0, |salt, byte| salt << 8 | u128::from(*byte));
            let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &session).ok()?);
            Some(Key { key, salt })
        };
        Some(Self { rtp: pair(Label::RtpKey, Label::RtpSalt)?, rtcp: pair(Label::RtcpKey, Label::RtcpSalt)? })
    }
}

impl Key {
    /// `index` is the 48-bit packet index of SRTP, or the 31-bit one of SRTCP: both end up in the last bytes (8.1 and 9.1).
    fn nonce(&self, ssrc: u32, index: u64) -> Nonce {
        let plain = u128::from(ssrc) << 48 | u128::from(index & 0xffff_ffff_ffff);
        let [_, _, _, _, nonce @ ..] = (plain ^ self.salt).to_be_bytes();
        Nonce::assume_unique_for_key(nonce)
    }

    /// Encrypts `text` in place. Returns the tag, which goes behind it.
    pub(super) fn seal(&self, ssrc: u32, index: u64, aad: &[u8], text: &mut [u8]) -> Option<[u8; TAG]> {
        let tag = self.key.seal_in_place_separate_tag(self.nonce(ssrc, index), Aad::from(aad), text).ok()?;
        tag.as_ref().try_into().ok()
    }

    /// Decrypts `text`, which ends with the tag, in place. False if it was not made with this key.
    pub(super) fn open(&self, ssrc: u32, index: u64, aad: &[u8], text: &mut [u8]) -> bool {
        self.key.open_in_place(self.nonce(ssrc, index), Aad::from(aad), text).is_ok()
    }
}
