//! SDP, which the node does not speak: parameters out of a client's offer, and offers and answers for it out of the node's
//! parameters. What the handlers of mediasoup-client do.

use std::fmt::Write;

use dais_media::{
    MediaKind, RtpParameters, TransportParams,
    rtp::{HeaderExtensionParameters, RtcpParameters, RtpCodecParameters, RtpEncoding, RtxEncoding},
};
use rtc::sdp::{SessionDescription, description::media::MediaDescription};

use crate::PeerError;

/// A stream in a description.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Audio or video.
    pub kind: MediaKind,
    /// What is sent in it.
    pub rtp_parameters: RtpParameters,
}

/// What a client will send in a section of its offer, with one codec out of those offered.
pub fn sent(offer: &SessionDescription, section: usize, mime_type: &str) -> Result<RtpParameters, PeerError> {
    let section = offer.media_descriptions.get(section).ok_or(PeerError::Missing("section"))?;
    let media = codecs(section).find(|codec| codec.mime_type.eq_ignore_ascii_case(mime_type));
    let media = media.ok_or(PeerError::Missing("codec"))?;
    let repairs = |codec: &RtpCodecParameters| codec.parameters.get("apt") == Some(&media.payload_type.into());
    let rtx = codecs(section).find(|codec| codec.mime_type.ends_with("/rtx") && repairs(codec));
    let ssrc = values(section, "ssrc").next().and_then(|line| line.split(' ').next()?.parse().ok());
    let pair = values(section, "ssrc-group").find_map(|group| group.strip_prefix("FID "));
    let repair = pair.and_then(|pair| pair.split(' ').nth(1)?.parse().ok()).map(|ssrc| RtxEncoding { ssrc });
    Ok(RtpParameters {
        mid: values(section, "mid").next().map(str::to_owned),
        codecs: [media].into_iter().chain(rtx).collect(),
        header_extensions: values(section, "extmap").filter_map(extension).collect(),
        encodings: vec![RtpEncoding { ssrc, rtx: repair, ..RtpEncoding::default() }],
        rtcp: RtcpParameters::default(),
    })
}

fn values<'a>(section: &'a MediaDescription, key: &'a str) -> impl Iterator<Item = &'a str> {
    let of_key = section.attributes.iter().filter(move |attribute| attribute.key == key);
    of_key.filter_map(|attribute| attribute.value.as_deref())
}

fn extension(line: &str) -> Option<HeaderExtensionParameters> {
    let (id, uri) = line.split_once(' ')?;
    let parameters = Default::default();
    Some(HeaderExtensionParameters { uri: uri.to_owned(), id: id.parse().ok()?, encrypt: false, parameters })
}

fn codecs(section: &MediaDescription) -> impl Iterator<Item = RtpCodecParameters> {
    values(section, "rtpmap").filter_map(|line| {
        let (payload_type, format) = line.split_once(' ')?;
        let mut parts = format.split('/');
        let mime_type = format!("{}/{}", section.media_name.media, parts.next()?);
        let settings = values(section, "fmtp").find_map(|line| line.strip_prefix(&format!("{payload_type} ")));
        let pairs = settings.unwrap_or_default().split(';').filter_map(|pair| pair.split_once('='));
        let number_or_text = |text: &str| text.parse::<u64>().map_or_else(|_| text.into(), Into::into);
        Some(RtpCodecParameters {
            mime_type,
            payload_type: payload_type.parse().ok()?,
            clock_rate: parts.next()?.parse().ok()?,
            channels: parts.next().and_then(|channels| channels.parse().ok()),
            parameters: pairs.map(|(name, value)| (name.trim().to_owned(), number_or_text(value))).collect(),
            rtcp_feedback: Vec::new(),
        })
    })
}

/// The node's answer to a client that publishes.
pub fn answer(transport: &TransportParams, sections: &[Section]) -> Result<String, PeerError> {
    describe(transport, sections, false)
}

/// The node's offer to a client that subscribes.
pub fn offer(transport: &TransportParams, sections: &[Section]) -> Result<String, PeerError> {
    describe(transport, sections, true)
}

fn describe(transport: &TransportParams, sections: &[Section], is_offer: bool) -> Result<String, PeerError> {
    let mut sdp = String::from("v=0\r\no=- 10000 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n");
    let fingerprint = transport.dtls_parameters.fingerprints.first().ok_or(PeerError::Missing("fingerprint"))?;
    let mids = sections.iter().map(|section| section.rtp_parameters.mid.as_deref().ok_or(PeerError::Missing("mid")));
    let mids = mids.collect::<Result<Vec<_>, _>>()?;
    line(&mut sdp, format_args!("a=ice-lite"));
    line(&mut sdp, format_args!("a=fingerprint:{} {}", fingerprint.algorithm, fingerprint.value));
    line(&mut sdp, format_args!("a=group:BUNDLE {}", mids.join(" ")));
    for (section, mid) in sections.iter().zip(mids) {
        describe_section(&mut sdp, transport, section, mid, is_offer);
    }
    Ok(sdp)
}

fn describe_section(sdp: &mut String, transport: &TransportParams, section: &Section, mid: &str, is_offer: bool) {
    let mut line = |text: std::fmt::Arguments<'_>| line(sdp, text);
    let parameters = &section.rtp_parameters;
    let kind = if section.kind == MediaKind::Audio { "audio" } else { "video" };
    let formats: Vec<_> = parameters.codecs.iter().map(|codec| codec.payload_type.to_string()).collect();
    line(format_args!("m={kind} 7 UDP/TLS/RTP/SAVPF {}", formats.join(" ")));
    line(format_args!("c=IN IP4 127.0.0.1"));
    line(format_args!("a=mid:{mid}"));
    line(format_args!("a={}", if is_offer { "sendonly" } else { "recvonly" }));
    line(format_args!("a=setup:{}", if is_offer { "actpass" } else { "passive" }));
    line(format_args!("a=ice-ufrag:{}", transport.ice_parameters.username_fragment));
    line(format_args!("a=ice-pwd:{}", transport.ice_parameters.password));
    for candidate in &transport.ice_candidates {
        let (priority, address, port) = (candidate.priority, candidate.address, candidate.port);
        line(format_args!("a=candidate:{} 1 udp {priority} {address} {port} typ host", candidate.foundation));
    }
    line(format_args!("a=end-of-candidates"));
    line(format_args!("a=rtcp-mux"));
    line(format_args!("a=rtcp-rsize"));
    for codec in &parameters.codecs {
        let (payload_type, name) = (codec.payload_type, codec.mime_type.split('/').nth(1).unwrap_or_default());
        let channels = codec.channels.map(|channels| format!("/{channels}")).unwrap_or_default();
        line(format_args!("a=rtpmap:{payload_type} {name}/{}{channels}", codec.clock_rate));
        let setting = |(name, value): (&String, &serde_json::Value)| match value.as_str() {
            Some(text) => format!("{name}={text}"),
            None => format!("{name}={value}"),
        };
        let settings: Vec<_> = codec.parameters.iter().map(setting).collect();
        if !settings.is_empty() {
            line(format_args!("a=fmtp:{payload_type} {}", settings.join(";")));
        }
        for feedback in &codec.rtcp_feedback {
            let text = format!("{} {}", feedback.kind, feedback.parameter);
            line(format_args!("a=rtcp-fb:{payload_type} {}", text.trim_end()));
        }
    }
    for extension in &parameters.header_extensions {
        line(format_args!("a=extmap:{} {}", extension.id, extension.uri));
    }
    let encoding = parameters.encodings.first();
    if let (true, Some(ssrc)) = (is_offer, encoding.and_then(|encoding| encoding.ssrc)) {
        let cname = parameters.rtcp.cname.as_deref().unwrap_or("-");
        let repair = encoding.and_then(|encoding| encoding.rtx).map(|rtx| rtx.ssrc);
        line(format_args!("a=msid:- {mid}"));
        if let Some(repair) = repair {
            line(format_args!("a=ssrc-group:FID {ssrc} {repair}"));
        }
        for ssrc in [ssrc].into_iter().chain(repair) {
            line(format_args!("a=ssrc:{ssrc} cname:{cname}"));
        }
    }
}

fn line(sdp: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = write!(sdp, "{text}\r\n");
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rtc::peer_connection::sdp::RTCSessionDescription;
    use serde_json::json;

    use super::*;

    fn transport() -> TransportParams {
        serde_json::from_value(json!({
            "id": "t",
            "iceParameters": { "usernameFragment": "name", "password": "p".repeat(24), "iceLite": true },
            "iceCandidates": [{
                "foundation": "f", "priority": 1, "address": "127.0.0.1", "ip": "127.0.0.1", "protocol": "udp", "port": 9, "type": "host",
            }],
            "dtlsParameters": { "fingerprints": [{ "algorithm": "sha-256", "value": "AA:BB" }] },
        }))
        .unwrap()
    }

    fn camera() -> Section {
        let rtp_parameters = serde_json::from_value(json!({
            "mid": "7",
            "codecs": [
                { "mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000 },
                { "mimeType": "video/rtx", "payloadType": 97, "clockRate": 90000, "parameters": { "apt": 96 } },
            ],
            "headerExtensions": [{ "uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "id": 1 }],
            "encodings": [{ "ssrc": 5, "rtx": { "ssrc": 6 } }],
        }));
        Section { kind: MediaKind::Video, rtp_parameters: rtp_parameters.unwrap() }
    }

    #[test]
    fn what_is_described_is_read_again() {
        let sdp = offer(&transport(), &[camera()]).unwrap();
        let read = RTCSessionDescription::offer(sdp).unwrap().unmarshal().unwrap();
        assert_eq!(sent(&read, 0, "video/VP8").unwrap(), camera().rtp_parameters);
        assert_eq!(sent(&read, 0, "video/AV1"), Err(PeerError::Missing("codec")));
        assert_eq!(sent(&read, 1, "video/VP8"), Err(PeerError::Missing("section")));
    }

    #[test]
    fn what_cannot_be_described_is_refused() {
        let mut nameless = camera();
        nameless.rtp_parameters.mid = None;
        assert_eq!(answer(&transport(), &[nameless]), Err(PeerError::Missing("mid")));
        let mut bare = transport();
        bare.dtls_parameters.fingerprints.clear();
        assert_eq!(answer(&bare, &[camera()]), Err(PeerError::Missing("fingerprint")));
    }
}
