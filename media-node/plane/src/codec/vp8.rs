//! The payload descriptor of VP8 (RFC 7741, 4.2).

/// A descriptor, read. Positions are in the payload and have been checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Descriptor {
    length: usize,
    /// First packet of the first partition.
    begins_frame: bool,
    /// Where the picture number is, whether it has 15 bits, and what it is.
    picture: Option<(usize, bool, u16)>,
    /// Where the running number of base layer frames is, and what it is.
    base: Option<(usize, u8)>,
    /// Temporal layer, and whether it can be begun with this frame.
    temporal: Option<(u8, bool)>,
}

impl Descriptor {
    pub(crate) fn read(payload: &[u8]) -> Option<Self> {
        let first = *payload.first()?;
        let mut descriptor =
            Self { length: 1, begins_frame: first & 0x10 != 0 && first & 0x07 == 0, ..Self::default() };
        if first & 0x80 == 0 {
            return Some(descriptor);
        }
        let flags = *payload.get(1)?;
        let mut at = 2;
        if flags & 0x80 != 0 {
            let high = *payload.get(at)?;
            if high & 0x80 != 0 {
                let low = *payload.get(at + 1)?;
                descriptor.picture = Some((at, true, u16::from_be_bytes([high & 0x7f, low])));
                at += 2;
            } else {
                descriptor.picture = Some((at, false, u16::from(high)));
                at += 1;
            }
        }
        if flags & 0x40 != 0 {
            descriptor.base = Some((at, *payload.get(at)?));
            at += 1;
        }
        if flags & 0x30 != 0 {
            let layers = *payload.get(at)?;
            if flags & 0x20 != 0 {
                descriptor.temporal = Some((layers >> 6, layers & 0x20 != 0));
            }
            at += 1;
        }
        descriptor.length = at;
        (at <= payload.len()).then_some(descriptor)
    }

    pub(crate) fn begins_key_frame(&self, payload: &[u8]) -> bool {
        self.begins_frame && payload.get(self.length).is_some_and(|header| header & 1 == 0)
    }

    pub(crate) fn begins_frame(&self) -> bool {
        self.begins_frame
    }

    pub(crate) fn picture(&self) -> Option<u16> {
        self.picture.map(|(_, _, number)| number)
    }

    pub(crate) fn base(&self) -> Option<u8> {
        self.base.map(|(_, number)| number)
    }

    pub(crate) fn temporal(&self) -> Option<(u8, bool)> {
        self.temporal
    }

    /// Writes other numbers into a copy of the payload.
    pub(crate) fn rewrite(&self, payload: &mut [u8], picture: u16, base: u8) {
        if let Some((at, is_long, _)) = self.picture {
            if is_long {
                if let Some(bytes) = payload.get_mut(at..at + 2) {
                    bytes.copy_from_slice(&(picture | 0x8000).to_be_bytes());
                }
            } else if let Some(byte) = payload.get_mut(at) {
                *byte = picture as u8 & 0x7f;
            }
        }
        if let Some(byte) = self.base.and_then(|(at, _)| payload.get_mut(at)) {
            *byte = base;
        }
    }
}
