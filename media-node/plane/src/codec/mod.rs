//! What the node must know of a payload: where key frames begin, the numbers of VP8 that a layer switch would break, and what RED repeats.

pub(crate) mod red;
pub(crate) mod vp8;

/// Codecs, as far as payloads are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    /// Opus, with or without DTX: never read. What RED puts around it is read in [`red`].
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_frames_are_seen_where_they_begin() {
        let cases: &[(Codec, &[u8], bool)] = &[
            (Codec::Vp8, &[0x10, 0x00], true),
            (Codec::Vp8, &[0x10, 0x01], false),
            (Codec::Vp8, &[0x00, 0x00], false),
            (Codec::Vp8, &[0x90, 0x80, 0x81, 0x23, 0x50], true),
            (Codec::Vp8, &[0x90, 0x80, 0x81], false),
            // Begins a frame that refers to no other; the same with layers, the lowest and a higher one.
            (Codec::Vp9, &[0x8c, 0x81, 0x23, 0x00], true),
            (Codec::Vp9, &[0xac, 0x81, 0x23, 0x01, 0x00], true),
            (Codec::Vp9, &[0xac, 0x81, 0x23, 0x03, 0x00], false),
            (Codec::Vp9, &[0xcc, 0x81, 0x23, 0x00], false),
            (Codec::Vp9, &[0x84, 0x81, 0x23, 0x00], false),
            (Codec::H264, &[0x67, 0x42], true),
            (Codec::H264, &[0x65, 0x88], true),
            (Codec::H264, &[0x61, 0x88], false),
            (Codec::H264, &[0x78, 0, 2, 0x67, 0x42, 0, 1, 0x68], true),
            (Codec::H264, &[0x78, 0, 9, 0x67], false),
            (Codec::H264, &[0x7c, 0x85], true),
            (Codec::H264, &[0x7c, 0x05], false),
            (Codec::Av1, &[0x18, 0x00], true),
            (Codec::Av1, &[0x10, 0x00], false),
            (Codec::Audio, &[1], true),
        ];
        for (codec, payload, begins) in cases {
            assert_eq!(codec.begins_key_frame(payload), *begins, "{codec:?} {payload:02x?}");
            if codec.is_video() {
                assert!(!codec.begins_key_frame(&[]), "{codec:?}");
            }
        }
        assert_eq!(Codec::of("video/h264"), Codec::H264);
        assert_eq!(Codec::of("audio/opus"), Codec::Audio);
    }
}
