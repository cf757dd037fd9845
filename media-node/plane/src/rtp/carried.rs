//! What the node reads of a publisher's header extensions, and what it carries over to subscribers.

use dais_media::ortc::ExtensionIds;

use super::Header;

/// When a frame was captured (abs-capture-time): 8 bytes, or 16 with the clock offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CaptureTime {
    bytes: [u8; 16],
    is_long: bool,
}

impl CaptureTime {
    fn read(value: &[u8]) -> Option<Self> {
        let is_long = match value.len() {
            8 => false,
            16 => true,
            _ => return None,
        };
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(value).for_each(|(to, from)| *to = *from);
        Some(Self { bytes, is_long })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        if self.is_long { &self.bytes } else { self.bytes.first_chunk::<8>().map_or(&[], |short| short) }
    }
}

/// Values of extensions that go on to subscribers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Carried {
    /// Voice flag and level below overload in decibel (RFC 6464).
    pub audio_level: Option<u8>,
    pub orientation: Option<u8>,
    pub capture_time: Option<CaptureTime>,
}

impl Carried {
    /// Reads what goes on, and the transport-wide sequence number, which does not.
    pub(crate) fn read(header: &Header, packet: &[u8], ids: &ExtensionIds) -> (Self, Option<u16>) {
        let mut carried = Self::default();
        let mut transport_cc = None;
        for (id, value) in header.extensions(packet) {
            let id = Some(id);
            if id == ids.transport_cc {
                transport_cc = value.first_chunk().copied().map(u16::from_be_bytes);
            } else if id == ids.audio_level {
                carried.audio_level = value.first().copied();
            } else if id == ids.video_orientation {
                carried.orientation = value.first().copied();
            } else if id == ids.abs_capture_time {
                carried.capture_time = CaptureTime::read(value);
            }
        }
        (carried, transport_cc)
    }
}
