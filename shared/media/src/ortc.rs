//! What fits to what: what a publisher sends against what the node supports, and that against what a subscriber can receive.
//! The rules are those of mediasoup-client 3 (`ortc.ts`), which refuses answers that break them.

use crate::{
    capabilities::{id, router, uri},
    rtp::{
        ExtensionDirection, HeaderExtensionParameters, MediaKind, ParametersError, RtcpParameters, RtpCapabilities,
        RtpCodecCapability, RtpCodecParameters, RtpEncoding, RtpParameters, RtxEncoding,
    },
};

/// Why parameters cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrtcError {
    /// Out of bounds: the sentence names the member.
    #[error(transparent)]
    Parameters(#[from] ParametersError),
    /// A codec that the node does not support. Use one of `get-rtp-capabilities`.
    #[error("Unsupported codec {mime_type}")]
    Codec {
        /// Which.
        mime_type: String,
    },
    /// A media codec is missing, or is of the other kind.
    #[error("The first codec must be one for {kind}")]
    Kind {
        /// `audio` or `video`.
        kind: &'static str,
    },
    /// Streams that packets cannot be assigned to: each needs an `ssrc` or a `rid`, all different.
    #[error("Each encoding needs its own ssrc or rid")]
    Streams,
}

/// Identifiers of header extensions in a publisher's packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExtensionIds {
    /// [`uri::MID`]
    pub mid: Option<u8>,
    /// [`uri::RID`]
    pub rid: Option<u8>,
    /// [`uri::REPAIRED_RID`]
    pub repaired_rid: Option<u8>,
    /// [`uri::ABS_SEND_TIME`]
    pub abs_send_time: Option<u8>,
    /// [`uri::TRANSPORT_CC`]
    pub transport_cc: Option<u8>,
    /// [`uri::AUDIO_LEVEL`]
    pub audio_level: Option<u8>,
    /// [`uri::VIDEO_ORIENTATION`]
    pub video_orientation: Option<u8>,
    /// [`uri::ABS_CAPTURE_TIME`]
    pub abs_capture_time: Option<u8>,
}

impl ExtensionIds {
    fn read(extensions: &[HeaderExtensionParameters]) -> Self {
        let find = |uri: &str| extensions.iter().find(|extension| extension.uri == uri).map(|extension| extension.id);
        Self {
            mid: find(uri::MID),
            rid: find(uri::RID),
            repaired_rid: find(uri::REPAIRED_RID),
            abs_send_time: find(uri::ABS_SEND_TIME),
            transport_cc: find(uri::TRANSPORT_CC),
            audio_level: find(uri::AUDIO_LEVEL),
            video_orientation: find(uri::VIDEO_ORIENTATION),
            abs_capture_time: find(uri::ABS_CAPTURE_TIME),
        }
    }
}

/// What a publisher sends, as the node has understood it.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// Audio or video.
    pub kind: MediaKind,
    /// The codec, as the node offers it to subscribers: its `preferred_payload_type` is theirs.
    pub codec: RtpCodecCapability,
    /// Payload type of the publisher's packets.
    pub payload_type: u8,
    /// Payload type of his retransmissions, if he makes any.
    pub rtx_payload_type: Option<u8>,
    /// His header extensions.
    pub extensions: ExtensionIds,
    /// His media section.
    pub mid: Option<String>,
    /// His streams, the smallest picture first.
    pub encodings: Vec<RtpEncoding>,
    /// His canonical name, if he gave one.
    pub cname: Option<String>,
}

/// Checks what a publisher will send.
pub fn publish(kind: MediaKind, parameters: &RtpParameters) -> Result<Published, OrtcError> {
    parameters.check()?;
    let capabilities = router();
    let media = parameters.codecs.iter().find(|codec| !is_rtx(&codec.mime_type));
    let media = media.ok_or(OrtcError::Kind { kind: name(kind) })?;
    let codec = capabilities
        .codecs
        .iter()
        .find(|codec| !is_rtx(&codec.mime_type) && same_codec(codec, media))
        .ok_or_else(|| OrtcError::Codec { mime_type: media.mime_type.clone() })?;
    if codec.kind != kind {
        return Err(OrtcError::Kind { kind: name(kind) });
    }
    let repairs = |codec: &&RtpCodecParameters| {
        is_rtx(&codec.mime_type)
            && codec.parameters.get("apt").and_then(serde_json::Value::as_u64) == Some(u64::from(media.payload_type))
    };
    let rtx_payload_type = parameters.codecs.iter().find(repairs).map(|codec| codec.payload_type);
    let encodings = parameters.encodings.clone();
    for (at, encoding) in encodings.iter().enumerate() {
        let known = encoding.ssrc.is_some() || encoding.rid.is_some();
        let unique = encodings[..at].iter().all(|other| {
            (encoding.ssrc.is_none() || other.ssrc != encoding.ssrc)
                && (encoding.rid.is_none() || other.rid != encoding.rid)
        });
        if !known || !unique {
            return Err(OrtcError::Streams);
        }
    }
    Ok(Published {
        kind,
        codec: codec.clone(),
        payload_type: media.payload_type,
        rtx_payload_type,
        extensions: ExtensionIds::read(&parameters.header_extensions),
        mid: parameters.mid.clone(),
        encodings,
        cname: parameters.rtcp.cname.clone(),
    })
}

/// SSRCs that a consumer's packets will have. They belong to it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsumerSsrcs {
    /// Of the media.
    pub media: u32,
    /// Of retransmissions, used if the device knows them.
    pub rtx: u32,
}

/// What a subscriber will receive of a producer, or `None` if his device cannot receive it.
///
/// `cname` is the stream's name on the subscriber's side: the same for all that one publisher's microphone and camera send.
pub fn consume(
    published: &Published,
    device: &RtpCapabilities,
    ssrcs: ConsumerSsrcs,
    cname: &str,
) -> Option<RtpParameters> {
    let payload_type = published.codec.preferred_payload_type?;
    let wanted = device
        .codecs
        .iter()
        .find(|codec| codec.kind == published.kind && same_codec(codec, &as_parameters(&published.codec)))?;
    let mut codec = as_parameters(&published.codec);
    codec.rtcp_feedback.retain(|feedback| wanted.rtcp_feedback.contains(feedback));
    let mut codecs = vec![codec];
    let knows_rtx = device.codecs.iter().any(|codec| {
        is_rtx(&codec.mime_type)
            && codec.kind == published.kind
            && codec.parameters.get("apt").and_then(serde_json::Value::as_u64)
                == wanted.preferred_payload_type.map(u64::from)
    });
    let rtx = router().codecs.into_iter().find(|codec| {
        is_rtx(&codec.mime_type)
            && codec.parameters.get("apt").and_then(serde_json::Value::as_u64) == Some(u64::from(payload_type))
    });
    let rtx = rtx.filter(|_| knows_rtx);
    let encoding = RtpEncoding {
        ssrc: Some(ssrcs.media),
        rtx: rtx.as_ref().map(|_| RtxEncoding { ssrc: ssrcs.rtx }),
        dtx: published.encodings.first().and_then(|encoding| encoding.dtx),
        scalability_mode: scalability(published),
        ..RtpEncoding::default()
    };
    codecs.extend(rtx.as_ref().map(as_parameters));
    let knows =
        |uri: &str| device.header_extensions.iter().any(|known| known.kind == published.kind && known.uri == uri);
    let header_extensions = router()
        .header_extensions
        .into_iter()
        .filter(|own| own.kind == published.kind && own.direction == ExtensionDirection::SendRecv && knows(&own.uri))
        .map(|own| HeaderExtensionParameters {
            uri: own.uri,
            id: own.preferred_id,
            encrypt: false,
            parameters: Default::default(),
        })
        .collect();
    Some(RtpParameters {
        mid: None,
        codecs,
        header_extensions,
        encodings: vec![encoding],
        rtcp: RtcpParameters { cname: Some(cname.to_owned()), reduced_size: true },
    })
}

fn scalability(published: &Published) -> Option<String> {
    let layers = published.encodings.len();
    (layers > 1).then(|| format!("S{layers}T3"))
}

/// Whether a consumer's packets carry an extension; ask with the identifiers of [`id`].
pub fn carries(parameters: &RtpParameters, extension: u8) -> bool {
    debug_assert!(extension >= id::MID);
    parameters.header_extensions.iter().any(|own| own.id == extension)
}

fn as_parameters(codec: &RtpCodecCapability) -> RtpCodecParameters {
    RtpCodecParameters {
        mime_type: codec.mime_type.clone(),
        payload_type: codec.preferred_payload_type.unwrap_or_default(),
        clock_rate: codec.clock_rate,
        channels: codec.channels,
        parameters: codec.parameters.clone(),
        rtcp_feedback: codec.rtcp_feedback.clone(),
    }
}

fn name(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Audio => "audio",
        MediaKind::Video => "video",
    }
}

fn is_rtx(mime_type: &str) -> bool {
    mime_type.to_ascii_lowercase().ends_with("/rtx")
}

fn same_codec(capability: &RtpCodecCapability, codec: &RtpCodecParameters) -> bool {
    let same = capability.mime_type.eq_ignore_ascii_case(&codec.mime_type)
        && capability.clock_rate == codec.clock_rate
        && capability.channels.unwrap_or(1) == codec.channels.unwrap_or(1);
    let number = |settings: &crate::rtp::CodecSettings, name: &str| {
        let value = settings.get(name)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    };
    let equal =
        |name: &str| number(&capability.parameters, name).unwrap_or(0) == number(&codec.parameters, name).unwrap_or(0);
    same && match codec.mime_type.to_ascii_lowercase().as_str() {
        "video/h264" => {
            let profile = |settings: &crate::rtp::CodecSettings| {
                H264Profile::read(settings.get("profile-level-id").and_then(serde_json::Value::as_str))
            };
            equal("packetization-mode") && profile(&capability.parameters) == profile(&codec.parameters)
        }
        "video/vp9" => equal("profile-id"),
        "video/av1" => equal("profile"),
        _ => true,
    }
}

/// Profiles of H.264 that `profile-level-id` tells apart (RFC 6184, 8.1, table 5).
#[derive(Debug, PartialEq, Eq)]
enum H264Profile {
    ConstrainedBaseline,
    Baseline,
    Main,
    High,
    Other(u8),
}

impl H264Profile {
    fn read(id: Option<&str>) -> Self {
        // Without the parameter it is Baseline at level 1 (RFC 6184, 8.1).
        let bytes = id.and_then(|id| u32::from_str_radix(id, 16).ok()).unwrap_or(0x42_00_0a).to_be_bytes();
        let (idc, constraints) = (bytes[1], bytes[2]);
        match (idc, constraints & 0x40 != 0) {
            (0x42 | 0x4d | 0x58, true) if idc != 0x4d || constraints & 0x80 != 0 => Self::ConstrainedBaseline,
            (0x42, false) => Self::Baseline,
            (0x4d, _) => Self::Main,
            (0x64, _) => Self::High,
            (other, _) => Self::Other(other),
        }
    }
}
