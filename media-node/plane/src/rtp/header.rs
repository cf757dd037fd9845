//! Reading headers.

/// A header, read. All positions in it have been checked against the packet's length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub marker: bool,
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    /// Length with contributing sources and extensions: where the payload begins.
    pub length: usize,
    has_padding: bool,
    /// What kind of extension block, and where its data begins.
    extension: Option<(u16, usize)>,
}

impl Header {
    /// Reads the header of a packet. `None` if it is not a sound RTP header.
    pub(crate) fn read(packet: &[u8]) -> Option<Self> {
        let fixed = packet.first_chunk::<12>()?;
        if fixed[0] >> 6 != 2 {
            return None;
        }
        let mut length = 12 + 4 * usize::from(fixed[0] & 0x0f);
        let mut extension = None;
        if fixed[0] & 0x10 != 0 {
            let block = packet.get(length..)?.first_chunk::<4>()?;
            extension = Some((u16::from_be_bytes([block[0], block[1]]), length + 4));
            length += 4 + 4 * usize::from(u16::from_be_bytes([block[2], block[3]]));
        }
        (length <= packet.len()).then_some(Self {
            marker: fixed[1] & 0x80 != 0,
            payload_type: fixed[1] & 0x7f,
            sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
            timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
            ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
            length,
            has_padding: fixed[0] & 0x20 != 0,
            extension,
        })
    }

    /// The payload of the decrypted packet, without padding. `None` if the padding is longer than the payload.
    pub(crate) fn payload<'a>(&self, packet: &'a [u8]) -> Option<&'a [u8]> {
        let payload = packet.get(self.length..)?;
        if !self.has_padding {
            return Some(payload);
        }
        let padding = usize::from(*payload.last()?);
        (padding > 0).then(|| payload.len().checked_sub(padding)).flatten().and_then(|length| payload.get(..length))
    }

    /// Its extensions.
    pub(crate) fn extensions<'a>(&self, packet: &'a [u8]) -> Extensions<'a> {
        let (profile, block) = match self.extension {
            Some((profile, from)) => (profile, packet.get(from..self.length).unwrap_or_default()),
            None => (0, &[][..]),
        };
        let form = match profile {
            0xbede => Form::OneByte,
            _ if profile & 0xfff0 == 0x1000 => Form::TwoBytes,
            _ => Form::Unknown,
        };
        Extensions { form, rest: block }
    }
}

/// How extensions are written (RFC 8285).
#[derive(Clone, Copy)]
enum Form {
    OneByte,
    TwoBytes,
    Unknown,
}

/// The extensions of a packet: identifier and value.
pub(crate) struct Extensions<'a> {
    form: Form,
    rest: &'a [u8],
}

impl<'a> Iterator for Extensions<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (&first, after) = self.rest.split_first()?;
            if first == 0 {
                self.rest = after;
                continue;
            }
            let (id, length, after) = match self.form {
                // 15 ends the list (RFC 8285, 4.2).
                Form::OneByte if first >> 4 == 15 => return None,
                Form::OneByte => (first >> 4, usize::from(first & 0x0f) + 1, after),
                Form::TwoBytes => {
                    let (&length, after) = after.split_first()?;
                    (first, usize::from(length), after)
                }
                Form::Unknown => return None,
            };
            let (value, after) = after.split_at_checked(length)?;
            self.rest = after;
            return Some((id, value));
        }
    }
}
