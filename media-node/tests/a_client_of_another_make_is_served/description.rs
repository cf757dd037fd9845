//! SDP, which the node does not speak: parameters out of a client's offer, and offers and answers for it out of the node's
//! parameters. What the handlers of mediasoup-client do.

use std::fmt::Write;

use dais_media::{
    DtlsParameters, MediaKind, RtpParameters, TransportParams,
    rtp::{HeaderExtensionParameters, RtcpParameters, RtpCodecParameters, RtpEncoding, RtxEncoding},
    transport::{DtlsFingerprint, DtlsRole},
};
use rtc::sdp::{SessionDescription, description::media::MediaDescription};

/// What a client will send in a section of its offer, with one codec out of those offered.
pub fn sent(offer: &SessionDescription, section: usize, mime_type: &str) -> RtpParameters {
    let section = &offer.media_descriptions[section];
    let media = codecs(section).find(|codec| codec.mime_type.eq_ignore_ascii_case(mime_type)).unwrap();
    let repairs = |codec: &RtpCodecParameters| codec.parameters.get("apt") == Some(&media.payload_type.into());
    let rtx = codecs(section).find(|codec| codec.mime_type.ends_with("/rtx") && repairs(codec));
    let ssrc = values(section, "ssrc").next().unwrap().split(' ').next().unwrap().parse().unwrap();
    let pair = values(section, "ssrc-group").find_map(|group| group.strip_prefix("FID "));
    let repair = pair.map(|pair| RtxEncoding { ssrc: pair.split(' ').nth(1).unwrap().parse().unwrap() });
    let header_extensions = values(section, "extmap").map(|line| {
        let (id, uri) = line.split_once(' ').unwrap();
        HeaderExtensionParameters {
            uri: uri.to_owned(),
            id: id.parse().unwrap(),
            encrypt: false,
            parameters: Default::default(),
        }
    });
    RtpParameters {
        mid: values(section, "mid").next().map(str::to_owned),
        codecs: [media].into_iter().chain(rtx).collect(),
        header_extensions: header_extensions.collect(),
        encodings: vec![RtpEncoding { ssrc: Some(ssrc), rtx: repair, ..RtpEncoding::default() }],
        rtcp: RtcpParameters::default(),
    }
}

/// The certificate and the role in a client's own description. Who offers begins the handshake, as the node's answer is passive; who
/// answers says who does.
pub fn dtls_parameters(own: &SessionDescription) -> DtlsParameters {
    let of_session = own.attribute("fingerprint").map(String::as_str);
    let value = of_session.or_else(|| values(own.media_descriptions.first()?, "fingerprint").next()).unwrap();
    let (algorithm, value) = value.split_once(' ').unwrap();
    let fingerprint = DtlsFingerprint { algorithm: algorithm.to_owned(), value: value.to_owned() };
    let is_passive = values(&own.media_descriptions[0], "setup").any(|setup| setup == "passive");
    let role = if is_passive { DtlsRole::Server } else { DtlsRole::Client };
    DtlsParameters { role, fingerprints: vec![fingerprint] }
}

fn values<'a>(section: &'a MediaDescription, key: &'a str) -> impl Iterator<Item = &'a str> {
    let of_key = section.attributes.iter().filter(move |attribute| attribute.key == key);
    of_key.filter_map(|attribute| attribute.value.as_deref())
}

fn codecs(section: &MediaDescription) -> impl Iterator<Item = RtpCodecParameters> {
    let kind = &section.media_name.media;
    values(section, "rtpmap").map(move |line| {
        let (payload_type, format) = line.split_once(' ').unwrap();
        let mut parts = format.split('/');
        let mime_type = format!("{kind}/{}", parts.next().unwrap());
        let settings = values(section, "fmtp").find_map(|line| line.strip_prefix(&format!("{payload_type} ")));
        let pairs = settings.unwrap_or_default().split(';').filter_map(|pair| pair.split_once('='));
        let number_or_text = |text: &str| text.parse::<u64>().map_or_else(|_| text.into(), Into::into);
        RtpCodecParameters {
            mime_type,
            payload_type: payload_type.parse().unwrap(),
            clock_rate: parts.next().unwrap().parse().unwrap(),
            channels: parts.next().map(|channels| channels.parse().unwrap()),
            parameters: pairs.map(|(name, value)| (name.trim().to_owned(), number_or_text(value))).collect(),
            rtcp_feedback: Vec::new(),
        }
    })
}

/// The node's answer to a client that publishes.
pub fn answer(transport: &TransportParams, sections: &[(MediaKind, RtpParameters)]) -> String {
    describe(transport, sections, false)
}

/// The node's offer to a client that subscribes.
pub fn offer(transport: &TransportParams, sections: &[(MediaKind, RtpParameters)]) -> String {
    describe(transport, sections, true)
}

fn describe(transport: &TransportParams, sections: &[(MediaKind, RtpParameters)], is_offer: bool) -> String {
    let mut sdp = String::from("v=0\r\no=- 10000 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n");
    let mut line = |text: std::fmt::Arguments<'_>| write!(sdp, "{text}\r\n").unwrap();
    let mids: Vec<_> = sections.iter().map(|(_, parameters)| parameters.mid.clone().unwrap()).collect();
    let fingerprint = &transport.dtls_parameters.fingerprints[0];
    line(format_args!("a=ice-lite"));
    line(format_args!("a=fingerprint:{} {}", fingerprint.algorithm, fingerprint.value));
    line(format_args!("a=group:BUNDLE {}", mids.join(" ")));
    for ((kind, parameters), mid) in sections.iter().zip(&mids) {
        let kind = if *kind == MediaKind::Audio { "audio" } else { "video" };
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
            let (payload_type, name) = (codec.payload_type, codec.mime_type.split('/').nth(1).unwrap());
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
        if let (true, Some(ssrc)) = (is_offer, parameters.encodings[0].ssrc) {
            let cname = parameters.rtcp.cname.as_deref().unwrap_or("-");
            let repair = parameters.encodings[0].rtx.map(|rtx| rtx.ssrc);
            line(format_args!("a=msid:- {mid}"));
            if let Some(repair) = repair {
                line(format_args!("a=ssrc-group:FID {ssrc} {repair}"));
            }
            for ssrc in [ssrc].into_iter().chain(repair) {
                line(format_args!("a=ssrc:{ssrc} cname:{cname}"));
            }
        }
    }
    sdp
}
