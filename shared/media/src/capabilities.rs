//! What the media node supports: the answer to `get-rtp-capabilities`, the same for every room.

use serde_json::json;

use crate::rtp::{
    CodecSettings, ExtensionDirection, HeaderExtension, MediaKind, RtcpFeedback, RtpCapabilities, RtpCodecCapability,
};

/// Header extensions that the node knows, by what they are.
pub mod uri {
    /// Media identification (RFC 8843).
    pub const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
    /// Restriction identifier: which simulcast layer (RFC 8852).
    pub const RID: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
    /// Which simulcast layer a retransmission repairs (RFC 8852).
    pub const REPAIRED_RID: &str = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
    /// When the packet was sent, 24 bits of 6.18 fixed point.
    pub const ABS_SEND_TIME: &str = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
    /// Transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01).
    pub const TRANSPORT_CC: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
    /// How loud it is (RFC 6464).
    pub const AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
    /// How a camera is held (3GPP TS 26.114).
    pub const VIDEO_ORIENTATION: &str = "urn:3gpp:video-orientation";
    /// When a frame was captured.
    pub const ABS_CAPTURE_TIME: &str = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";
}

/// Identifiers of the extensions on the node's side, 1..=14.
pub mod id {
    /// [`super::uri::MID`]
    pub const MID: u8 = 1;
    /// [`super::uri::RID`]
    pub const RID: u8 = 2;
    /// [`super::uri::REPAIRED_RID`]
    pub const REPAIRED_RID: u8 = 3;
    /// [`super::uri::ABS_SEND_TIME`]
    pub const ABS_SEND_TIME: u8 = 4;
    /// [`super::uri::TRANSPORT_CC`]
    pub const TRANSPORT_CC: u8 = 5;
    /// [`super::uri::AUDIO_LEVEL`]
    pub const AUDIO_LEVEL: u8 = 10;
    /// [`super::uri::VIDEO_ORIENTATION`]
    pub const VIDEO_ORIENTATION: u8 = 11;
    /// [`super::uri::ABS_CAPTURE_TIME`]
    pub const ABS_CAPTURE_TIME: u8 = 13;
}

/// The codec of sound (RFC 7587).
pub const OPUS: &str = "audio/opus";
/// Several packets of it in one (RFC 2198).
pub const RED: &str = "audio/red";
const OPUS_PAYLOAD_TYPE: u8 = 111;

/// Codecs and header extensions. Clients use the first codec that they know, unless they are told otherwise: VP8.
pub fn router() -> RtpCapabilities {
    let opus = settings(&[("minptime", json!(10)), ("useinbandfec", json!(1))]);
    // After Opus, or stock clients would send nothing: they choose the first codec alone, and RED is nothing without the one inside.
    // Not `nack`: browsers have no RTX for sound, and the same packet cannot be sealed twice.
    let opus_feedback = vec![feedback("transport-cc", "")];
    let mut codecs = vec![
        audio(OPUS, OPUS_PAYLOAD_TYPE, opus, opus_feedback),
        audio(RED, 112, around(OPUS_PAYLOAD_TYPE), Vec::new()),
    ];
    let h264 = |profile: &str| {
        settings(&[
            ("packetization-mode", json!(1)),
            ("profile-level-id", json!(profile)),
            ("level-asymmetry-allowed", json!(1)),
        ])
    };
    for (mime_type, payload_type, parameters) in [
        ("video/VP8", 96, CodecSettings::new()),
        ("video/VP9", 98, settings(&[("profile-id", json!(0))])),
        ("video/VP9", 100, settings(&[("profile-id", json!(2))])),
        ("video/H264", 102, h264("42e01f")),
        ("video/H264", 104, h264("4d0032")),
        ("video/AV1", 106, CodecSettings::new()),
    ] {
        codecs.push(video(mime_type, payload_type, parameters));
        codecs.push(retransmission(payload_type + 1, payload_type));
    }
    RtpCapabilities { codecs, header_extensions: header_extensions() }
}

fn audio(
    mime_type: &str,
    payload_type: u8,
    parameters: CodecSettings,
    rtcp_feedback: Vec<RtcpFeedback>,
) -> RtpCodecCapability {
    RtpCodecCapability {
        kind: MediaKind::Audio,
        mime_type: mime_type.to_owned(),
        preferred_payload_type: Some(payload_type),
        clock_rate: 48_000,
        channels: Some(2),
        parameters,
        rtcp_feedback,
    }
}

/// RED's setting has no name: its line in SDP is `a=fmtp:112 111/111`. Clients that write settings as pairs make `=111/111` of an empty
/// one, which libwebrtc reads as the same.
fn around(payload_type: u8) -> CodecSettings {
    settings(&[("", json!(format!("{payload_type}/{payload_type}")))])
}

fn video(mime_type: &str, payload_type: u8, mut parameters: CodecSettings) -> RtpCodecCapability {
    parameters.insert("x-google-start-bitrate".to_owned(), json!(1000));
    RtpCodecCapability {
        kind: MediaKind::Video,
        mime_type: mime_type.to_owned(),
        preferred_payload_type: Some(payload_type),
        clock_rate: 90_000,
        channels: None,
        parameters,
        rtcp_feedback: vec![
            feedback("nack", ""),
            feedback("nack", "pli"),
            feedback("ccm", "fir"),
            feedback("transport-cc", ""),
        ],
    }
}

fn retransmission(payload_type: u8, of: u8) -> RtpCodecCapability {
    RtpCodecCapability {
        kind: MediaKind::Video,
        mime_type: "video/rtx".to_owned(),
        preferred_payload_type: Some(payload_type),
        clock_rate: 90_000,
        channels: None,
        parameters: settings(&[("apt", json!(of))]),
        rtcp_feedback: Vec::new(),
    }
}

fn header_extensions() -> Vec<HeaderExtension> {
    use ExtensionDirection::{RecvOnly, SendRecv};
    use MediaKind::{Audio, Video};
    [
        (Audio, uri::MID, id::MID, RecvOnly),
        (Video, uri::MID, id::MID, RecvOnly),
        (Video, uri::RID, id::RID, RecvOnly),
        (Video, uri::REPAIRED_RID, id::REPAIRED_RID, RecvOnly),
        (Audio, uri::ABS_SEND_TIME, id::ABS_SEND_TIME, RecvOnly),
        (Video, uri::ABS_SEND_TIME, id::ABS_SEND_TIME, SendRecv),
        (Audio, uri::TRANSPORT_CC, id::TRANSPORT_CC, RecvOnly),
        (Video, uri::TRANSPORT_CC, id::TRANSPORT_CC, SendRecv),
        (Audio, uri::AUDIO_LEVEL, id::AUDIO_LEVEL, SendRecv),
        (Video, uri::VIDEO_ORIENTATION, id::VIDEO_ORIENTATION, SendRecv),
        (Audio, uri::ABS_CAPTURE_TIME, id::ABS_CAPTURE_TIME, SendRecv),
        (Video, uri::ABS_CAPTURE_TIME, id::ABS_CAPTURE_TIME, SendRecv),
    ]
    .map(|(kind, uri, preferred_id, direction)| HeaderExtension {
        kind,
        uri: uri.to_owned(),
        preferred_id,
        preferred_encrypt: false,
        direction,
    })
    .into()
}

fn settings(pairs: &[(&str, serde_json::Value)]) -> CodecSettings {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

fn feedback(kind: &str, parameter: &str) -> RtcpFeedback {
    RtcpFeedback { kind: kind.to_owned(), parameter: parameter.to_owned() }
}
