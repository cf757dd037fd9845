//! Parameters and packets of a publisher and a subscriber, as Chromium makes them.

use dais_media::{
    MediaKind, RtpCapabilities, RtpParameters,
    capabilities::{router, uri},
    rtp::{HeaderExtensionParameters, RtcpParameters, RtpCodecParameters, RtpEncoding, RtxEncoding},
};
use serde_json::json;

/// Payload type of a publisher's Opus.
pub const OPUS: u8 = 109;
/// Payload type of a publisher's VP8.
pub const VP8: u8 = 120;
/// Payload type of its retransmissions.
pub const VP8_RTX: u8 = 124;

/// Identifiers of a publisher's header extensions. They are not the node's.
pub mod id {
    /// `mid`
    pub const MID: u8 = 9;
    /// `rtp-stream-id`
    pub const RID: u8 = 10;
    /// `repaired-rtp-stream-id`
    pub const REPAIRED_RID: u8 = 11;
    /// `transport-wide-cc`
    pub const TRANSPORT_CC: u8 = 3;
    /// `ssrc-audio-level`
    pub const AUDIO_LEVEL: u8 = 2;
    /// `abs-send-time`
    pub const ABS_SEND_TIME: u8 = 4;
    /// `video-orientation`
    pub const ORIENTATION: u8 = 7;
    /// `abs-capture-time`
    pub const CAPTURE_TIME: u8 = 8;
}

fn extensions(known: &[(&str, u8)]) -> Vec<HeaderExtensionParameters> {
    let extension = |(uri, id): &(&str, u8)| HeaderExtensionParameters {
        uri: (*uri).to_owned(),
        id: *id,
        encrypt: false,
        parameters: Default::default(),
    };
    known.iter().map(extension).collect()
}

/// A subscriber that understands all that the node does, like a browser.
pub fn device() -> RtpCapabilities {
    router()
}

/// A microphone.
pub fn microphone(mid: &str, ssrc: u32) -> RtpParameters {
    RtpParameters {
        mid: Some(mid.to_owned()),
        codecs: vec![RtpCodecParameters {
            mime_type: "audio/opus".to_owned(),
            payload_type: OPUS,
            clock_rate: 48_000,
            channels: Some(2),
            parameters: Default::default(),
            rtcp_feedback: Vec::new(),
        }],
        header_extensions: extensions(&[
            (uri::MID, id::MID),
            (uri::AUDIO_LEVEL, id::AUDIO_LEVEL),
            (uri::TRANSPORT_CC, id::TRANSPORT_CC),
        ]),
        encodings: vec![RtpEncoding { ssrc: Some(ssrc), dtx: Some(true), ..RtpEncoding::default() }],
        rtcp: RtcpParameters { cname: Some("publisher".to_owned()), reduced_size: true },
    }
}

fn video(
    mid: &str,
    mime_type: &str,
    settings: &[(&str, serde_json::Value)],
    encodings: Vec<RtpEncoding>,
) -> RtpParameters {
    let codec = |mime_type: &str, payload_type, parameters: Vec<(&str, serde_json::Value)>| RtpCodecParameters {
        mime_type: mime_type.to_owned(),
        payload_type,
        clock_rate: 90_000,
        channels: None,
        parameters: parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        rtcp_feedback: Vec::new(),
    };
    RtpParameters {
        mid: Some(mid.to_owned()),
        codecs: vec![codec(mime_type, VP8, settings.to_vec()), codec("video/rtx", VP8_RTX, vec![("apt", json!(VP8))])],
        header_extensions: extensions(&[
            (uri::MID, id::MID),
            (uri::RID, id::RID),
            (uri::REPAIRED_RID, id::REPAIRED_RID),
            (uri::TRANSPORT_CC, id::TRANSPORT_CC),
            (uri::ABS_SEND_TIME, id::ABS_SEND_TIME),
            (uri::VIDEO_ORIENTATION, id::ORIENTATION),
            (uri::ABS_CAPTURE_TIME, id::CAPTURE_TIME),
        ]),
        encodings,
        rtcp: RtcpParameters { cname: Some("publisher".to_owned()), reduced_size: true },
    }
}

/// A camera with one VP8 stream.
pub fn camera(mid: &str, ssrc: u32, rtx: u32) -> RtpParameters {
    camera_in("video/VP8", mid, ssrc, rtx)
}

/// A camera with one H.264 stream.
pub fn h264_camera(mid: &str, ssrc: u32, rtx: u32) -> RtpParameters {
    camera_in("video/H264", mid, ssrc, rtx)
}

/// A camera with one stream of a codec, with the settings that Chromium offers first. The payload type is always [`VP8`].
pub fn camera_in(mime_type: &str, mid: &str, ssrc: u32, rtx: u32) -> RtpParameters {
    let settings: &[_] = match mime_type {
        "video/H264" => &[("packetization-mode", json!(1)), ("profile-level-id", json!("42e01f"))],
        "video/VP9" => &[("profile-id", json!(0))],
        "video/AV1" => &[("level-idx", json!(5)), ("profile", json!(0)), ("tier", json!(0))],
        _ => &[],
    };
    let encoding = RtpEncoding { ssrc: Some(ssrc), rtx: Some(RtxEncoding { ssrc: rtx }), ..RtpEncoding::default() };
    video(mid, mime_type, settings, vec![encoding])
}

/// A camera with VP8 layers that have names and no announced SSRCs.
pub fn simulcast(mid: &str, rids: &[&str]) -> RtpParameters {
    let encoding = |rid: &&str| RtpEncoding { rid: Some((*rid).to_owned()), ..RtpEncoding::default() };
    video(mid, "video/VP8", &[], rids.iter().map(encoding).collect())
}

/// Builds RTP packets.
#[derive(Debug, Clone, Default)]
pub struct PacketBuilder {
    /// Payload type.
    pub payload_type: u8,
    /// Last packet of a frame.
    pub marker: bool,
    /// Sequence number.
    pub sequence: u16,
    /// Timestamp.
    pub timestamp: u32,
    /// SSRC.
    pub ssrc: u32,
    /// Extensions: identifier and value.
    pub extensions: Vec<(u8, Vec<u8>)>,
    /// Payload.
    pub payload: Vec<u8>,
}

impl PacketBuilder {
    /// The packet.
    pub fn build(&self) -> Vec<u8> {
        let mut packet = vec![0x80, u8::from(self.marker) << 7 | self.payload_type];
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(self.timestamp.to_be_bytes());
        packet.extend(self.ssrc.to_be_bytes());
        if !self.extensions.is_empty() {
            if let Some(first) = packet.first_mut() {
                *first |= 0x10;
            }
            let mut block = Vec::new();
            for (id, value) in &self.extensions {
                block.push(id << 4 | (value.len().saturating_sub(1)) as u8 & 15);
                block.extend(value);
            }
            block.resize(block.len().div_ceil(4) * 4, 0);
            packet.extend([0xbe, 0xde, 0, (block.len() / 4) as u8]);
            packet.extend(block);
        }
        packet.extend(&self.payload);
        packet
    }
}

/// The numbers of a VP8 packet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Vp8 {
    /// A key frame.
    pub is_key: bool,
    /// First packet of a frame.
    pub begins: bool,
    /// Picture number, 15 bits.
    pub picture: u16,
    /// Running number of base layer frames.
    pub base: u8,
    /// Temporal layer.
    pub temporal: u8,
    /// The temporal layer can be begun with this frame.
    pub sync: bool,
}

impl Vp8 {
    /// A payload of this length.
    pub fn payload(&self, length: usize) -> Vec<u8> {
        let [high, low] = (self.picture | 0x8000).to_be_bytes();
        let layers = self.temporal << 6 | u8::from(self.sync) << 5;
        let mut payload = vec![0x80 | u8::from(self.begins) << 4, 0xe0, high, low, self.base, layers];
        payload.push(u8::from(!self.is_key));
        payload.resize(length.max(7), 0x5a);
        payload
    }

    /// Reads a payload that [`Vp8::payload`] has made.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let [first, _, high, low, base, layers, header] = *payload.first_chunk::<7>()?;
        Some(Self {
            is_key: header & 1 == 0,
            begins: first & 0x10 != 0,
            picture: u16::from_be_bytes([high & 0x7f, low]),
            base,
            temporal: layers >> 6,
            sync: layers & 0x20 != 0,
        })
    }
}

/// A packet, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PacketRead {
    /// Payload type.
    pub payload_type: u8,
    /// Last packet of a frame.
    pub marker: bool,
    /// Sequence number.
    pub sequence: u16,
    /// Timestamp.
    pub timestamp: u32,
    /// SSRC.
    pub ssrc: u32,
    /// Extensions: identifier and value.
    pub extensions: Vec<(u8, Vec<u8>)>,
    /// Payload.
    pub payload: Vec<u8>,
}

impl PacketRead {
    /// Reads a decrypted packet.
    pub fn read(packet: &[u8]) -> Option<Self> {
        let header = crate::rtp::Header::read(packet)?;
        Some(Self {
            payload_type: header.payload_type,
            marker: header.marker,
            sequence: header.sequence,
            timestamp: header.timestamp,
            ssrc: header.ssrc,
            extensions: header.extensions(packet).map(|(id, value)| (id, value.to_vec())).collect(),
            payload: header.payload(packet)?.to_vec(),
        })
    }

    /// The value of an extension.
    pub fn extension(&self, id: u8) -> Option<&[u8]> {
        self.extensions.iter().find(|(own, _)| *own == id).map(|(_, value)| value.as_slice())
    }
}

/// What [`dais_media::ortc::publish`] makes of parameters.
pub fn published(
    kind: MediaKind,
    parameters: &RtpParameters,
) -> Result<dais_media::ortc::Published, dais_media::ortc::OrtcError> {
    dais_media::ortc::publish(kind, parameters)
}
