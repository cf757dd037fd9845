//! RTP capabilities and parameters, in the JSON of mediasoup v3 (its documentation: "RTP Parameters and Capabilities").
//! Unknown members are ignored; what is bounded is bounded by [`RtpParameters::check`] and [`RtpCapabilities::check`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Audio or video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaKind {
    /// Sound.
    Audio,
    /// Pictures.
    Video,
}

/// Codec parameters (`fmtp`): numbers and strings.
pub type CodecSettings = BTreeMap<String, Value>;

/// A kind of RTCP feedback that a codec supports, such as `nack` or `nack` with `pli`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RtcpFeedback {
    /// `nack`, `ccm`, `transport-cc`, `goog-remb`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `pli`, `fir`, or nothing.
    #[serde(default)]
    pub parameter: String,
}

impl RtcpFeedback {
    /// A generic NACK (RFC 4585, 6.2.1).
    pub fn asks_for_packets(&self) -> bool {
        self.kind == "nack" && self.parameter.is_empty()
    }
}

/// A codec that a router or device can receive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RtpCodecCapability {
    /// Audio or video.
    pub kind: MediaKind,
    /// `audio/opus`, `video/VP8`, `video/rtx`, …; compared without case.
    pub mime_type: String,
    /// Payload type that this side would use, 96..=127. Routers always say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_payload_type: Option<u8>,
    /// In hertz.
    pub clock_rate: u32,
    /// Audio channels; 1 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<u8>,
    /// `fmtp` settings.
    #[serde(default)]
    pub parameters: CodecSettings,
    /// Feedback it understands.
    #[serde(default)]
    pub rtcp_feedback: Vec<RtcpFeedback>,
}

/// What a side can do with a header extension, as the router sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExtensionDirection {
    /// Read from publishers and written to subscribers.
    #[default]
    SendRecv,
    /// Written to subscribers only.
    SendOnly,
    /// Read from publishers only.
    RecvOnly,
    /// Not used.
    Inactive,
}

/// A header extension (RFC 8285) that a side knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HeaderExtension {
    /// For audio or video.
    pub kind: MediaKind,
    /// What it is.
    pub uri: String,
    /// Its local identifier, 1..=14 (one-byte headers).
    pub preferred_id: u8,
    /// Encrypted (RFC 6904); never, here.
    #[serde(default)]
    pub preferred_encrypt: bool,
    /// In which direction.
    #[serde(default)]
    pub direction: ExtensionDirection,
}

/// What a router or a device supports.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RtpCapabilities {
    /// Codecs.
    #[serde(default)]
    pub codecs: Vec<RtpCodecCapability>,
    /// Header extensions.
    #[serde(default)]
    pub header_extensions: Vec<HeaderExtension>,
}

/// A codec in use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RtpCodecParameters {
    /// `audio/opus`, `video/VP8`, `video/rtx`, …; compared without case.
    pub mime_type: String,
    /// Payload type of its packets, 0..=127.
    pub payload_type: u8,
    /// In hertz.
    pub clock_rate: u32,
    /// Audio channels; 1 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<u8>,
    /// `fmtp` settings; `apt` of an RTX codec names the payload type it repairs.
    #[serde(default)]
    pub parameters: CodecSettings,
    /// Feedback in use.
    #[serde(default)]
    pub rtcp_feedback: Vec<RtcpFeedback>,
}

/// A header extension in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderExtensionParameters {
    /// What it is.
    pub uri: String,
    /// Its identifier in packets, 1..=14.
    pub id: u8,
    /// Encrypted (RFC 6904); never, here.
    #[serde(default)]
    pub encrypt: bool,
    /// Settings; none is known.
    #[serde(default)]
    pub parameters: CodecSettings,
}

/// The retransmission stream of an encoding (RFC 4588).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RtxEncoding {
    /// Its SSRC.
    pub ssrc: u32,
}

/// One stream of a producer or consumer: a simulcast layer, or the only one.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RtpEncoding {
    /// Its SSRC, when the sender knows it. With `rid` the packets tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssrc: Option<u32>,
    /// Its restriction identifier (RFC 8851), at most 16 letters and digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rid: Option<String>,
    /// Which codec it uses, when it is not the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codec_payload_type: Option<u8>,
    /// Its retransmission stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rtx: Option<RtxEncoding>,
    /// Discontinuous transmission is on: silence sends nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dtx: Option<bool>,
    /// Layers in it, such as `L1T3` or `S1T3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scalability_mode: Option<String>,
    /// Most bits per second that its sender will use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bitrate: Option<u64>,
}

/// RTCP of a producer or consumer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RtcpParameters {
    /// Canonical name (RFC 3550, 6.5.1): the same for streams that are to be in sync.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cname: Option<String>,
    /// Reduced-size RTCP (RFC 5506).
    #[serde(default = "yes")]
    pub reduced_size: bool,
}

impl Default for RtcpParameters {
    fn default() -> Self {
        Self { cname: None, reduced_size: true }
    }
}

fn yes() -> bool {
    true
}

/// What a producer sends or a consumer gets.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RtpParameters {
    /// The media section (RFC 8843), unique in its transport.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mid: Option<String>,
    /// Codecs; the first one is the one of the media.
    #[serde(default)]
    pub codecs: Vec<RtpCodecParameters>,
    /// Header extensions.
    #[serde(default)]
    pub header_extensions: Vec<HeaderExtensionParameters>,
    /// Streams.
    #[serde(default)]
    pub encodings: Vec<RtpEncoding>,
    /// RTCP.
    #[serde(default)]
    pub rtcp: RtcpParameters,
}

/// What is wrong with parameters from outside. The sentence names the member; send it otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParametersError {
    /// More of something than is ever needed.
    #[error("{member} has more than {max} entries")]
    TooMany {
        /// Which member.
        member: &'static str,
        /// Most allowed.
        max: usize,
    },
    /// Nothing where something is needed.
    #[error("{member} is empty")]
    Empty {
        /// Which member.
        member: &'static str,
    },
    /// A string that is too long, or has characters that do not belong there.
    #[error("{member} has at most {max} printable characters")]
    Text {
        /// Which member.
        member: &'static str,
        /// Most allowed.
        max: usize,
    },
    /// A number outside its range.
    #[error("{member} is out of range")]
    Range {
        /// Which member.
        member: &'static str,
    },
}

/// Most codecs in parameters or capabilities. Browsers offer about 40, feature codecs of RTX included.
pub const MAX_CODECS: usize = 96;
/// Most header extensions. Browsers offer about 15 per kind.
pub const MAX_EXTENSIONS: usize = 48;
/// Most simulcast layers.
pub const MAX_ENCODINGS: usize = 4;
/// Most kinds of feedback of a codec, and most settings.
pub const MAX_DETAILS: usize = 24;

fn text(member: &'static str, value: &str, max: usize) -> Result<(), ParametersError> {
    let is_text = value.len() <= max && value.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    is_text.then_some(()).ok_or(ParametersError::Text { member, max })
}

fn at_most(member: &'static str, count: usize, max: usize) -> Result<(), ParametersError> {
    (count <= max).then_some(()).ok_or(ParametersError::TooMany { member, max })
}

fn check_details(settings: &CodecSettings, feedback: &[RtcpFeedback]) -> Result<(), ParametersError> {
    at_most("parameters", settings.len(), MAX_DETAILS)?;
    at_most("rtcpFeedback", feedback.len(), MAX_DETAILS)?;
    for (name, value) in settings {
        text("parameters", name, 64)?;
        if let Value::String(value) = value {
            text("parameters", value, 128)?;
        }
        if value.is_array() || value.is_object() {
            return Err(ParametersError::Range { member: "parameters" });
        }
    }
    feedback.iter().try_for_each(|feedback| {
        text("rtcpFeedback", &feedback.kind, 32)?;
        text("rtcpFeedback", &feedback.parameter, 32)
    })
}

impl RtpCapabilities {
    /// Checks the bounds of what a client sent.
    pub fn check(&self) -> Result<(), ParametersError> {
        at_most("codecs", self.codecs.len(), MAX_CODECS)?;
        at_most("headerExtensions", self.header_extensions.len(), MAX_EXTENSIONS)?;
        for codec in &self.codecs {
            text("mimeType", &codec.mime_type, 64)?;
            check_details(&codec.parameters, &codec.rtcp_feedback)?;
        }
        self.header_extensions.iter().try_for_each(|extension| text("uri", &extension.uri, 128))
    }
}

impl RtpParameters {
    /// Checks the bounds of what a client sent.
    pub fn check(&self) -> Result<(), ParametersError> {
        if self.codecs.is_empty() {
            return Err(ParametersError::Empty { member: "codecs" });
        }
        if self.encodings.is_empty() {
            return Err(ParametersError::Empty { member: "encodings" });
        }
        at_most("codecs", self.codecs.len(), MAX_CODECS)?;
        at_most("headerExtensions", self.header_extensions.len(), MAX_EXTENSIONS)?;
        at_most("encodings", self.encodings.len(), MAX_ENCODINGS)?;
        if let Some(mid) = &self.mid {
            text("mid", mid, 16)?;
        }
        if let Some(cname) = &self.rtcp.cname {
            text("cname", cname, 255)?;
        }
        for codec in &self.codecs {
            text("mimeType", &codec.mime_type, 64)?;
            check_details(&codec.parameters, &codec.rtcp_feedback)?;
            if codec.payload_type > 127 {
                return Err(ParametersError::Range { member: "payloadType" });
            }
            if !(1_000..=384_000).contains(&codec.clock_rate) {
                return Err(ParametersError::Range { member: "clockRate" });
            }
        }
        for extension in &self.header_extensions {
            text("uri", &extension.uri, 128)?;
            // Above 14 the packets have headers of the two-byte form (RFC 8285, 4.3): browsers use them.
            if extension.id == 0 {
                return Err(ParametersError::Range { member: "id" });
            }
        }
        for encoding in &self.encodings {
            if let Some(rid) = &encoding.rid {
                text("rid", rid, 16)?;
            }
            if let Some(mode) = &encoding.scalability_mode {
                text("scalabilityMode", mode, 16)?;
            }
        }
        Ok(())
    }
}
