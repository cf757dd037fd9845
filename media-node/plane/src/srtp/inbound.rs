//! Opening what a client sends.

use std::collections::HashMap;

use rtc_shared::marshal::{MarshalSize, Unmarshal};
use rtc_srtp::context::Context;

use super::{gcm, index::Received};

/// Why a packet was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OpenError {
    /// Too short.
    Malformed,
    /// It came already, or too late to know.
    Replayed,
    /// Not made with the key, or changed since.
    Forged,
}

/// Senders of RTCP that one client may be: one for each stream that it sends, or that it receives if it likes.
const MAX_SENDERS: usize = 4096;

/// The keys that a client sends with.
pub(crate) struct Inbound {
    keys: Keys,
    rtcp: Senders,
}

/// SRTCP indices by the sender's SSRC: each counts for itself (RFC 3711, 3.2.3).
#[derive(Default)]
struct Senders {
    known: HashMap<u32, Received>,
}

impl Senders {
    fn admits(&self, ssrc: u32, index: u64) -> bool {
        match self.known.get(&ssrc) {
            Some(received) => received.admits(index),
            None => self.known.len() < MAX_SENDERS,
        }
    }

    fn accept(&mut self, ssrc: u32, index: u64) {
        self.known.entry(ssrc).or_default().accept(index);
    }
}

enum Keys {
    Gcm(Box<gcm::Keys>),
    Cm(Box<Context>),
}

impl Inbound {
    pub(super) fn gcm(keys: gcm::Keys) -> Self {
        Self { keys: Keys::Gcm(Box::new(keys)), rtcp: Senders::default() }
    }

    pub(super) fn cm(context: Box<Context>) -> Self {
        Self { keys: Keys::Cm(context), rtcp: Senders::default() }
    }

    /// Decrypts an RTP packet in place and returns its length without the tag. `header` is the length of its header.
    pub(crate) fn open_rtp(
        &mut self,
        received: &mut Received,
        ssrc: u32,
        sequence: u16,
        header: usize,
        packet: &mut [u8],
    ) -> Result<usize, OpenError> {
        let index = received.guess(sequence);
        if !received.admits(index) {
            return Err(OpenError::Replayed);
        }
        let length = match &mut self.keys {
            Keys::Gcm(keys) => {
                let length = packet.len().checked_sub(gcm::TAG).filter(|length| *length >= header);
                let (aad, text) = packet.split_at_mut_checked(header).ok_or(OpenError::Malformed)?;
                let length = length.ok_or(OpenError::Malformed)?;
                if !keys.rtp.open(ssrc, index, aad, text) {
                    return Err(OpenError::Forged);
                }
                length
            }
            Keys::Cm(context) => {
                if !is_read_alike(packet, header) {
                    return Err(OpenError::Malformed);
                }
                replace(packet, context.decrypt_rtp(packet))?
            }
        };
        received.accept(index);
        Ok(length)
    }

    /// Decrypts a compound of RTCP packets in place and returns its length without tag and index.
    pub(crate) fn open_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, OpenError> {
        let ssrc = packet.get(4..8).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
        let ssrc = ssrc.ok_or(OpenError::Malformed)?;
        match &mut self.keys {
            Keys::Gcm(keys) => {
                let (body, word) = packet.split_last_chunk_mut::<4>().ok_or(OpenError::Malformed)?;
                let (header, text) = body.split_at_mut_checked(8).ok_or(OpenError::Malformed)?;
                let length = (8 + text.len()).checked_sub(gcm::TAG).filter(|length| *length >= 8);
                let length = length.ok_or(OpenError::Malformed)?;
                let value = u32::from_be_bytes(*word);
                // Browsers encrypt always; what is only authenticated is not accepted.
                if value >> 31 == 0 {
                    return Err(OpenError::Forged);
                }
                let index = u64::from(value & 0x7fff_ffff);
                if !self.rtcp.admits(ssrc, index) {
                    return Err(OpenError::Replayed);
                }
                let mut aad = [0; 12];
                aad.iter_mut().zip(header.iter().chain(word.iter())).for_each(|(to, from)| *to = *from);
                if !keys.rtcp.open(ssrc, index, &aad, text) {
                    return Err(OpenError::Forged);
                }
                self.rtcp.accept(ssrc, index);
                Ok(length)
            }
            Keys::Cm(context) => {
                // Header and sender, index, tag: the component takes them for granted.
                if packet.len() < 8 + 4 + 10 {
                    return Err(OpenError::Malformed);
                }
                let word = packet.len().checked_sub(14).and_then(|at| packet.get(at..at + 4));
                let word = word.and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
                let word = word.ok_or(OpenError::Malformed)?;
                // The component returns what is not encrypted without having looked at its tag.
                if word >> 31 == 0 {
                    return Err(OpenError::Forged);
                }
                let index = u64::from(word & 0x7fff_ffff);
                if !self.rtcp.admits(ssrc, index) {
                    return Err(OpenError::Replayed);
                }
                let length = replace(packet, context.decrypt_rtcp(packet))?;
                self.rtcp.accept(ssrc, index);
                Ok(length)
            }
        }
    }
}

/// Whether the component finds the payload where the node does. Where it does not, as with some extensions of no use, it would slice out of
/// bounds (`fuzz_targets/receive.rs` has found it).
fn is_read_alike(packet: &[u8], header: usize) -> bool {
    const TAG: usize = 10;
    let read = rtc_rtp::header::Header::unmarshal(&mut &*packet);
    packet.len() >= header + TAG && read.is_ok_and(|read| read.marshal_size() == header)
}

/// Puts what the component has decrypted back to where it was.
fn replace(packet: &mut [u8], opened: rtc_shared::error::Result<bytes::BytesMut>) -> Result<usize, OpenError> {
    let opened = opened.map_err(|_| OpenError::Forged)?;
    packet.get_mut(..opened.len()).ok_or(OpenError::Malformed)?.copy_from_slice(&opened);
    Ok(opened.len())
}
