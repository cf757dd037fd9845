//! What the node must know of a payload: where key frames begin, and the numbers of VP8 that a layer switch would break.

pub(crate) mod vp8;

/// Codecs, as far as payloads are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    /// Opus, with or without RED or DTX: never read.
    Audio,
    Vp8,
    Vp9,
    H264,
    Av1,
}

impl Codec {
    pub(crate) fn of(mime_type: &str) -> Self {
        let name = mime_type.rsplit('/').next().unwrap_or_default();
        [("vp8", Self::Vp8), ("vp9", Self::Vp9), ("h264", Self::H264), ("av1", Self::Av1)]
            .into_iter()
            .find_map(|(known, codec)| name.eq_ignore_ascii_case(known).then_some(codec))
            .unwrap_or(Self::Audio)
    }

    pub(crate) fn is_video(self) -> bool {
        self != Self::Audio
    }

    /// Whether a subscriber can begin with this packet: a key frame begins with it.
    pub(crate) fn begins_key_frame(self, payload: &[u8]) -> bool {
        match self {
            Self::Audio => true,
            Self::Vp8 => vp8::Descriptor::read(payload).is_some_and(|descriptor| descriptor.begins_key_frame(payload)),
            Self::Vp9 => vp9_begins_key_frame(payload),
            Self::H264 => h264_begins_key_frame(payload),
            // A new coded video sequence (AV1 RTP payload, 4.4).
            Self::Av1 => payload.first().is_some_and(|first| first & 0x08 != 0),
        }
    }
}

/// RFC 9628, 4.2: not predicted from other pictures, the beginning of a frame, and the lowest spatial layer.
fn vp9_begins_key_frame(payload: &[u8]) -> bool {
    let Some((&first, mut rest)) = payload.split_first() else { return false };
    let (has_id, is_predicted, has_layers, begins) = (first & 0x80, first & 0x40, first & 0x20, first & 0x08);
    if is_predicted != 0 || begins == 0 {
        return false;
    }
    if has_id != 0 {
        let Some((&id, after)) = rest.split_first() else { return false };
        rest = if id & 0x80 != 0 { after.get(1..).unwrap_or_default() } else { after };
    }
    has_layers == 0 || rest.first().is_some_and(|layers| layers >> 1 & 7 == 0)
}

/// RFC 6184: a sequence parameter set or an IDR picture, alone, in an aggregate, or as the first fragment.
fn h264_begins_key_frame(payload: &[u8]) -> bool {
    const IDR: u8 = 5;
    const PARAMETERS: u8 = 7;
    let is_key = |header: u8| matches!(header & 0x1f, IDR | PARAMETERS);
    let Some((&header, mut rest)) = payload.split_first() else { return false };
    match header & 0x1f {
        // STAP-A
        24 => {
            while let Some((length, after)) = rest.split_first_chunk::<2>() {
                let Some((unit, after)) = after.split_at_checked(usize::from(u16::from_be_bytes(*length))) else {
                    return false;
                };
                if unit.first().is_some_and(|header| is_key(*header)) {
                    return true;
                }
                rest = after;
            }
            false
        }
        // FU-A
        28 => rest.first().is_some_and(|fragment| fragment & 0x80 != 0 && is_key(*fragment)),
        _ => is_key(header),
    }
}
