//! What fits to what: what a publisher sends against what the node supports, and that against what a subscriber can receive.
//! The rules are those of mediasoup-client 3 (`ortc.ts`), which refuses answers that break them.

use crate::{
    capabilities::{OPUS, RED, id, router, uri},
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
    /// RED is a way to send Opus. Name both.
    #[error("audio/red needs audio/opus beside it")]
    Red,
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
    /// Payload type of RED (RFC 2198) around the codec's packets, if he sends it at times.
    pub red_payload_type: Option<u8>,
    /// His header extensions.
    pub extensions: ExtensionIds,
    /// His media section.
    pub mid: Option<String>,
    /// His streams, the smallest picture first.
    pub encodings: Vec<RtpEncoding>,
    /// His canonical name, if he gave one.
    pub cname: Option<String>,
}

impl Published {
    /// Whether packets of a payload type have RED around what is in them.
    pub fn is_red(&self, payload_type: u8) -> bool {
        self.red_payload_type == Some(payload_type)
    }
}

/// Checks what a publisher will send.
pub fn publish(kind: MediaKind, parameters: &RtpParameters) -> Result<Published, OrtcError> {
    parameters.check()?;
    let capabilities = router();
    let red = red(&parameters.codecs);
    let media = parameters.codecs.iter().find(|codec| !is_rtx(&codec.mime_type) && !is_red(&codec.mime_type));
    let media = match (media, red) {
        (Some(media), None) => media,
        (Some(media), Some(_)) if media.mime_type.eq_ignore_ascii_case(OPUS) => media,
        (_, Some(_)) => return Err(OrtcError::Red),
        (None, None) => return Err(OrtcError::Kind { kind: name(kind) }),
    };
    let codec = capabilities
        .codecs
        .iter()
        .find(|codec| !is_rtx(&codec.mime_type) && !is_red(&codec.mime_type) && same_codec(codec, media))
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
        red_payload_type: red.map(|codec| codec.payload_type),
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
    let mut codec = as_parameters(&published.codec);
    // Who does not know RTX is not told to ask for packets again: he would get none.
    codec
        .rtcp_feedback
        .retain(|feedback| wanted.rtcp_feedback.contains(feedback) && (rtx.is_some() || !feedback.asks_for_packets()));
    let mut codecs = vec![codec];
    let encoding = RtpEncoding {
        ssrc: Some(ssrcs.media),
        rtx: rtx.as_ref().map(|_| RtxEncoding { ssrc: ssrcs.rtx }),
        dtx: published.encodings.first().and_then(|encoding| encoding.dtx),
        scalability_mode: scalability(published),
        ..RtpEncoding::default()
    };
    codecs.extend(rtx.as_ref().map(as_parameters));
    // Beside the codec and not instead of it: publishers send it without RED at times.
    let knows_red = device.codecs.iter().any(|codec| is_red(&codec.mime_type));
    if published.red_payload_type.is_some() && knows_red {
        codecs.extend(router().codecs.iter().find(|codec| is_red(&codec.mime_type)).map(as_parameters));
    }
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
        // Unique on the transport: mediasoup-client numbers those that have none, and numbers two that come at once alike.
        mid: Some(ssrcs.media.to_string()),
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

/// The RED (RFC 2198) among codecs.
pub fn red(codecs: &[RtpCodecParameters]) -> Option<&RtpCodecParameters> {
    codecs.iter().find(|codec| is_red(&codec.mime_type))
}

fn is_red(mime_type: &str) -> bool {
    mime_type.eq_ignore_ascii_case(RED)
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use serde_json::{Value, json};

    use super::*;

    /// What Chromium's mediasoup-client sends for a camera, cut down to what matters.
    fn camera(encodings: Value) -> RtpParameters {
        serde_json::from_value(json!({
            "mid": "1",
            "codecs": [
                { "mimeType": "video/VP8", "payloadType": 120, "clockRate": 90000, "parameters": {}, "rtcpFeedback": [] },
                { "mimeType": "video/rtx", "payloadType": 121, "clockRate": 90000, "parameters": { "apt": 120 } },
            ],
            "headerExtensions": [
                { "uri": uri::MID, "id": 9 }, { "uri": uri::RID, "id": 10 }, { "uri": uri::TRANSPORT_CC, "id": 3 },
            ],
            "encodings": encodings,
            "rtcp": { "cname": "c", "reducedSize": true },
        }))
        .unwrap()
    }

    const SSRCS: ConsumerSsrcs = ConsumerSsrcs { media: 1, rtx: 2 };

    #[test]
    fn a_camera_is_understood() {
        let published = publish(MediaKind::Video, &camera(json!([{ "ssrc": 7, "rtx": { "ssrc": 8 } }]))).unwrap();
        assert_eq!((published.payload_type, published.rtx_payload_type), (120, Some(121)));
        assert_eq!(published.codec.preferred_payload_type, Some(96));
        assert_eq!((published.extensions.mid, published.extensions.transport_cc), (Some(9), Some(3)));
    }

    #[test]
    fn a_subscriber_gets_the_routers_numbers() {
        let published = publish(MediaKind::Video, &camera(json!([{ "ssrc": 7 }]))).unwrap();
        let parameters = consume(&published, &router(), SSRCS, "ada").unwrap();
        let types: Vec<u8> = parameters.codecs.iter().map(|codec| codec.payload_type).collect();
        assert_eq!(types, [96, 97], "mediasoup-client refuses others");
        assert_eq!(parameters.encodings[0].ssrc, Some(1));
        assert_eq!(parameters.encodings[0].rtx, Some(RtxEncoding { ssrc: 2 }));
        assert_eq!(parameters.rtcp.cname.as_deref(), Some("ada"));
        assert!(carries(&parameters, id::TRANSPORT_CC));
        assert!(!carries(&parameters, id::MID), "streams are told apart by their SSRC");
    }

    #[test]
    fn a_device_without_retransmission_gets_none() {
        let published = publish(MediaKind::Video, &camera(json!([{ "ssrc": 7 }]))).unwrap();
        let mut device = router();
        device.codecs.retain(|codec| !is_rtx(&codec.mime_type));
        let parameters = consume(&published, &device, SSRCS, "ada").unwrap();
        assert_eq!((parameters.codecs.len(), parameters.encodings[0].rtx), (1, None));
        let asks = |parameters: &RtpParameters| {
            let [nack, pli] = ["", "pli"].map(|what| {
                let codec = &parameters.codecs[0];
                codec.rtcp_feedback.iter().any(|feedback| feedback.kind == "nack" && feedback.parameter == what)
            });
            (nack, pli)
        };
        assert_eq!(asks(&parameters), (false, true), "nor is he told to ask for it");
        assert_eq!(asks(&consume(&published, &router(), SSRCS, "ada").unwrap()), (true, true));
    }

    #[test]
    fn a_device_that_does_not_know_the_codec_gets_nothing() {
        let published = publish(MediaKind::Video, &camera(json!([{ "ssrc": 7 }]))).unwrap();
        let mut device = router();
        device.codecs.retain(|codec| codec.mime_type != "video/VP8");
        assert_eq!(consume(&published, &device, SSRCS, "ada"), None);
    }

    /// What a client sends that repeats packets, with RED before Opus as offers that prefer it have it.
    fn repeating(codecs: Value) -> RtpParameters {
        serde_json::from_value(json!({ "mid": "0", "codecs": codecs, "encodings": [{ "ssrc": 7 }] })).unwrap()
    }

    fn red_and_opus() -> Value {
        json!([
            { "mimeType": "audio/red", "payloadType": 63, "clockRate": 48000, "channels": 2, "parameters": {} },
            { "mimeType": "audio/opus", "payloadType": 109, "clockRate": 48000, "channels": 2, "parameters": {} },
        ])
    }

    #[test]
    fn red_is_passed_on_beside_the_opus_inside() {
        let published = publish(MediaKind::Audio, &repeating(red_and_opus())).unwrap();
        assert_eq!((published.payload_type, published.red_payload_type), (109, Some(63)));
        let parameters = consume(&published, &router(), SSRCS, "ada").unwrap();
        let codecs: Vec<_> = parameters.codecs.iter().map(|codec| (&*codec.mime_type, codec.payload_type)).collect();
        assert_eq!(codecs, [("audio/opus", 111), ("audio/red", 112)]);
        assert_eq!(parameters.codecs[1].parameters[""], "111/111", "the line of SDP has no name");
    }

    #[test]
    fn who_does_not_know_red_or_has_no_use_for_it_is_told_of_opus_alone() {
        let mut device = router();
        device.codecs.retain(|codec| codec.mime_type != "audio/red");
        let with_red = publish(MediaKind::Audio, &repeating(red_and_opus())).unwrap();
        let mut codecs = red_and_opus();
        codecs.as_array_mut().unwrap().remove(0);
        let without = publish(MediaKind::Audio, &repeating(codecs)).unwrap();
        assert_eq!(without.red_payload_type, None);
        for (published, device) in [(with_red, device), (without, router())] {
            let parameters = consume(&published, &device, SSRCS, "ada").unwrap();
            assert_eq!(parameters.codecs.len(), 1);
            assert_eq!(parameters.codecs[0].mime_type, "audio/opus");
        }
    }

    #[test]
    fn red_alone_is_refused() {
        let mut codecs = red_and_opus();
        codecs.as_array_mut().unwrap().pop();
        assert_eq!(publish(MediaKind::Audio, &repeating(codecs)), Err(OrtcError::Red));
        let mut camera = camera(json!([{ "ssrc": 7 }]));
        camera.codecs.push(repeating(red_and_opus()).codecs.remove(0));
        assert_eq!(publish(MediaKind::Video, &camera), Err(OrtcError::Red));
    }

    #[test]
    fn simulcast_layers_are_told_apart() {
        let rids = json!([{ "rid": "q" }, { "rid": "h" }, { "rid": "f" }]);
        let published = publish(MediaKind::Video, &camera(rids)).unwrap();
        let parameters = consume(&published, &router(), SSRCS, "ada").unwrap();
        assert_eq!(parameters.encodings[0].scalability_mode.as_deref(), Some("S3T3"));
        for bad in [json!([{ "rid": "q" }, { "rid": "q" }]), json!([{ "ssrc": 1 }, { "ssrc": 1 }]), json!([{}])] {
            assert_eq!(publish(MediaKind::Video, &camera(bad)), Err(OrtcError::Streams));
        }
    }

    #[test]
    fn what_the_node_does_not_support_is_named() {
        let mut parameters = camera(json!([{ "ssrc": 7 }]));
        parameters.codecs[0].mime_type = "video/H261".to_owned();
        let refused = publish(MediaKind::Video, &parameters);
        assert_eq!(refused, Err(OrtcError::Codec { mime_type: "video/H261".to_owned() }));
        let audio = publish(MediaKind::Audio, &camera(json!([{ "ssrc": 7 }])));
        assert_eq!(audio, Err(OrtcError::Kind { kind: "audio" }));
    }

    #[test]
    fn parameters_have_bounds() {
        let many: Vec<_> = (0..9).map(|ssrc| json!({ "ssrc": ssrc })).collect();
        assert!(matches!(publish(MediaKind::Video, &camera(json!(many))), Err(OrtcError::Parameters(_))));
        assert!(matches!(publish(MediaKind::Video, &camera(json!([]))), Err(OrtcError::Parameters(_))));
        let long = json!([{ "rid": "x".repeat(17) }]);
        assert!(matches!(publish(MediaKind::Video, &camera(long)), Err(OrtcError::Parameters(_))));
        let mut parameters = camera(json!([{ "ssrc": 7 }]));
        parameters.header_extensions[0].id = 0;
        assert!(matches!(publish(MediaKind::Video, &parameters), Err(OrtcError::Parameters(_))));
    }

    #[test]
    fn h264_profiles_are_compared_and_levels_are_not() {
        for (id, profile) in [
            ("42e01f", H264Profile::ConstrainedBaseline),
            ("42e034", H264Profile::ConstrainedBaseline),
            ("42001f", H264Profile::Baseline),
            ("4d0032", H264Profile::Main),
            ("64001f", H264Profile::High),
        ] {
            assert_eq!(H264Profile::read(Some(id)), profile, "{id}");
        }
        assert_eq!(H264Profile::read(None), H264Profile::Baseline);
    }

    #[test]
    fn what_goes_to_clients_has_the_contracts_shape() {
        let text = serde_json::to_value(router()).unwrap();
        let opus = &text["codecs"][0];
        assert_eq!(opus["mimeType"], "audio/opus");
        assert_eq!(opus["preferredPayloadType"], 111);
        assert_eq!(text["headerExtensions"][0]["preferredId"], 1);
        assert_eq!(text["headerExtensions"][0]["direction"], "recvonly");
        let again: RtpCapabilities = serde_json::from_value(text).unwrap();
        assert_eq!(again, router());
    }
}
