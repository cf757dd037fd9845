//! Sealing what is sent to a client, so that no nonce can repeat.
//!
//! A nonce is made of SSRC and index. Each SSRC of a transport is claimed once ([`Claims`]) and belongs from then on to one
//! [`Outbound`], which cannot be copied, and which uses each index at most once. Keys are made once for a transport, and an
//! `Outbound` seals with those of its own transport only. So a (key, SSRC, index) is used at most once.
//!
//! A lost packet is therefore never sealed again: it is repeated in the retransmission stream (RFC 4588), which has its own SSRC
//! and indices. Clients that do not know that format get no retransmissions. (The same bytes under the same index would be safe,
//! but send times and transport-wide numbers in the header make them other bytes.)

use rtc_srtp::context::Context;

use super::{gcm, index::Seen};

/// Which transport something belongs to: unique in the process's worker, never used again.
pub(crate) type Owner = u64;

/// SSRCs that a transport has given out. None is ever given back.
pub(crate) struct Claims {
    owner: Owner,
    taken: Vec<u32>,
}

impl Claims {
    pub(crate) fn new(owner: Owner) -> Self {
        Self { owner, taken: Vec::new() }
    }

    /// Makes an SSRC the property of one stream, for good. `None` if it belongs to another already.
    pub(crate) fn claim(&mut self, ssrc: u32) -> Option<Outbound> {
        if self.taken.contains(&ssrc) {
            return None;
        }
        self.taken.push(ssrc);
        Some(Outbound { owner: self.owner, ssrc, used: Seen::default() })
    }

    pub(crate) fn owner(&self) -> Owner {
        self.owner
    }

    /// How many have been given out.
    pub(crate) fn len(&self) -> usize {
        self.taken.len()
    }
}

/// A stream that is sent to a client: the only owner of its SSRC. Not `Clone`, by design.
pub(crate) struct Outbound {
    owner: Owner,
    ssrc: u32,
    /// A second of much video: so late may a packet come that a publisher has repeated.
    used: Seen<16>,
}

/// Why a packet was not sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SealError {
    /// Its index was used, or is too far below the highest to know.
    Used,
    /// The stream is another transport's.
    Foreign,
    /// The packet is shorter than its header, or the cipher refused.
    Failed,
}

impl Outbound {
    pub(crate) fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// The index after the highest used.
    pub(crate) fn next(&self) -> u64 {
        self.used.next()
    }

    /// The index that a sequence number of a packet sent not long ago stands for.
    pub(crate) fn index_of(&self, sequence: u16) -> u64 {
        self.used.guess(sequence)
    }

    /// Seals the RTP packet that begins at `start`, in place, and appends the tag. SSRC and sequence number are written here.
    pub(crate) fn seal(
        &mut self,
        sealer: &mut Sealer,
        index: u64,
        header: usize,
        buffer: &mut Vec<u8>,
        start: usize,
    ) -> Result<(), SealError> {
        if sealer.owner != self.owner {
            return Err(SealError::Foreign);
        }
        let packet = buffer.get_mut(start..).filter(|packet| packet.len() >= header && header >= 12);
        let packet = packet.ok_or(SealError::Failed)?;
        // Marked before the cipher is called, so that a failure uses it up, too.
        if !self.used.accept(index) {
            return Err(SealError::Used);
        }
        #[cfg(any(test, feature = "client"))]
        super::nonces::record(self.owner, self.ssrc, index);
        let (aad, text) = packet.split_at_mut_checked(header).ok_or(SealError::Failed)?;
        if let Some(sequence) = aad.get_mut(2..4) {
            sequence.copy_from_slice(&(index as u16).to_be_bytes());
        }
        if let Some(ssrc) = aad.get_mut(8..12) {
            ssrc.copy_from_slice(&self.ssrc.to_be_bytes());
        }
        match &mut sealer.keys {
            Keys::Gcm(keys) => {
                let tag = keys.rtp.seal(self.ssrc, index, aad, text).ok_or(SealError::Failed)?;
                buffer.extend_from_slice(&tag);
            }
            Keys::Cm(context) => {
                let sealed = context.encrypt_rtp(packet).map_err(|_| SealError::Failed)?;
                buffer.truncate(start);
                buffer.extend_from_slice(&sealed);
            }
        }
        Ok(())
    }
}

/// The keys that a transport sends with.
pub(crate) struct Sealer {
    owner: Owner,
    keys: Keys,
    rtcp_index: u32,
}

enum Keys {
    Gcm(Box<gcm::Keys>),
    Cm(Box<Context>),
}

impl Sealer {
    pub(super) fn gcm(owner: Owner, keys: gcm::Keys) -> Self {
        Self { owner, keys: Keys::Gcm(Box::new(keys)), rtcp_index: 0 }
    }

    pub(super) fn cm(owner: Owner, context: Box<Context>) -> Self {
        Self { owner, keys: Keys::Cm(context), rtcp_index: 0 }
    }

    /// Seals the compound of RTCP packets that begins at `start`, in place, and appends tag and index.
    /// All of a transport's RTCP shares one index, so SSRCs need no owners here.
    pub(crate) fn seal_rtcp(&mut self, buffer: &mut Vec<u8>, start: usize) -> Result<(), SealError> {
        let packet = buffer.get_mut(start..).ok_or(SealError::Failed)?;
        match &mut self.keys {
            Keys::Gcm(keys) => {
                let (header, text) = packet.split_at_mut_checked(8).ok_or(SealError::Failed)?;
                let ssrc = header.last_chunk::<4>().copied().map(u32::from_be_bytes).ok_or(SealError::Failed)?;
                // 2^31 packets, one a millisecond for 24 days, and then no more.
                self.rtcp_index =
                    self.rtcp_index.checked_add(1).filter(|next| *next < 1 << 31).ok_or(SealError::Used)?;
                let index = self.rtcp_index;
                #[cfg(any(test, feature = "client"))]
                super::nonces::record_rtcp(self.owner, index);
                let word = (index | 1 << 31).to_be_bytes();
                let mut aad = [0; 12];
                aad.iter_mut().zip(header.iter().chain(&word)).for_each(|(to, from)| *to = *from);
                let tag = keys.rtcp.seal(ssrc, u64::from(index), &aad, text).ok_or(SealError::Failed)?;
                buffer.extend_from_slice(&tag);
                buffer.extend_from_slice(&word);
            }
            Keys::Cm(context) => {
                let sealed = context.encrypt_rtcp(packet).map_err(|_| SealError::Failed)?;
                buffer.truncate(start);
                buffer.extend_from_slice(&sealed);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(owner: Owner) -> Sealer {
        let provider = rtc_crypto::default_provider().expect("provider");
        Sealer::gcm(owner, gcm::Keys::derive(&[1; 16], &[2; 12], provider.crypto()).expect("keys"))
    }

    #[test]
    fn an_index_is_used_once_by_one_owner() {
        let mut claims = Claims::new(1);
        let mut stream = claims.claim(7).expect("free");
        assert!(claims.claim(7).is_none(), "an SSRC has one owner");
        let mut sealer_of_one = sealer(1);
        let mut seal = |index| {
            let mut packet = vec![0x80; 40];
            stream.seal(&mut sealer_of_one, index, 12, &mut packet, 0)
        };
        for index in [100, 102, 101, 1100, 5_000_000] {
            assert_eq!(seal(index), Ok(()), "{index}");
            assert_eq!(seal(index), Err(SealError::Used), "{index}");
        }
        assert_eq!(seal(101), Err(SealError::Used), "too old to know");
        assert_eq!(seal(5_000_001 - 1024), Ok(()), "just young enough");
        let foreign = stream.seal(&mut sealer(2), 6_000_000, 12, &mut vec![0x80; 40], 0);
        assert_eq!(foreign, Err(SealError::Foreign));
    }
}
