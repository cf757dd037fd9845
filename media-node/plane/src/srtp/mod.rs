//! SRTP and SRTCP (RFC 3711, RFC 7714), in place.
//!
//! Own code for AES-GCM, because rtc-srtp allocates and copies for every packet (`tests/plane/the_components_allocate_for_every_packet.rs`);
//! AES-CM with HMAC-SHA1, for old clients, is rtc-srtp's. All tests talk to a client that has rtc-srtp for both.

mod gcm;
mod inbound;
mod index;
mod kdf;
#[cfg(any(test, feature = "client"))]
pub mod nonces;
mod outbound;

use rtc_crypto::RTCCrypto;
use rtc_srtp::{context::Context, protection_profile::ProtectionProfile};

pub(crate) use inbound::{Inbound, OpenError};
pub(crate) use index::{Received, Seen, extend};
pub(crate) use outbound::{Claims, Outbound, Sealer};

/// How packets are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    AeadAes128Gcm,
    Aes128CmSha1,
}

impl Profile {
    fn salt_length(self) -> usize {
        match self {
            Self::AeadAes128Gcm => 12,
            Self::Aes128CmSha1 => 14,
        }
    }

    /// How much keying material a handshake has to export: two keys, two salts.
    pub(crate) fn material_length(self) -> usize {
        2 * (16 + self.salt_length())
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AeadAes128Gcm => "AEAD_AES_128_GCM",
            Self::Aes128CmSha1 => "AES_CM_128_HMAC_SHA1_80",
        }
    }
}

/// The master key and salt of one direction.
struct Master<'a> {
    key: &'a [u8; 16],
    salt: &'a [u8],
}

/// Both directions' master keys in exported keying material (RFC 5764, 4.2): client key, server key, client salt, server salt.
fn masters(profile: Profile, material: &[u8]) -> Option<(Master<'_>, Master<'_>)> {
    let (client_key, rest) = material.split_first_chunk::<16>()?;
    let (server_key, rest) = rest.split_first_chunk::<16>()?;
    let (client_salt, rest) = rest.split_at_checked(profile.salt_length())?;
    let (server_salt, _) = rest.split_at_checked(profile.salt_length())?;
    Some((Master { key: client_key, salt: client_salt }, Master { key: server_key, salt: server_salt }))
}

/// The keys of an association: what it sends with, and what it receives with.
pub(crate) fn keys(
    profile: Profile,
    material: &[u8],
    is_client: bool,
    owner: outbound::Owner,
    crypto: &dyn RTCCrypto,
) -> Option<(Sealer, Inbound)> {
    let (client, server) = masters(profile, material)?;
    let (local, remote) = if is_client { (client, server) } else { (server, client) };
    match profile {
        Profile::AeadAes128Gcm => Some((
            Sealer::gcm(owner, gcm::Keys::derive(local.key, local.salt, crypto)?),
            Inbound::gcm(gcm::Keys::derive(remote.key, remote.salt, crypto)?),
        )),
        Profile::Aes128CmSha1 => {
            let context = |master: &Master<'_>| {
                let profile = ProtectionProfile::Aes128CmHmacSha1_80;
                Context::new(master.key, master.salt, profile, None, None, crypto).ok().map(Box::new)
            };
            Some((Sealer::cm(owner, context(&local)?), Inbound::cm(context(&remote)?)))
        }
    }
}
