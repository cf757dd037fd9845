//! Ways into single parsers, for the fuzzer.

use std::{cell::OnceCell, time::Instant};

use crate::{
    Identity,
    codec::{Codec, red::Red, vp8::Descriptor},
    dtls::{Configs, Dtls},
    ice::{Request, error, success},
    rtp::{Carried, Header},
};

thread_local! {
    static IDENTITY: OnceCell<Option<(Identity, Configs)>> = const { OnceCell::new() };
}

fn with_identity(act: impl FnOnce(&Identity, &Configs)) {
    IDENTITY.with(|identity| {
        let identity = identity.get_or_init(|| {
            let identity = Identity::generate().ok()?;
            let configs = Configs::new(identity.certificate(), identity.provider()).ok()?;
            Some((identity, configs))
        });
        if let Some((identity, configs)) = identity {
            act(identity, configs);
        }
    });
}

/// A STUN message from anywhere, and the answer to it: as it is, and as the attributes of a check whose fingerprint is right.
pub fn stun(datagram: &[u8]) {
    stun_message(datagram);
    let body = datagram.get(..datagram.len().min(400) / 4 * 4).unwrap_or_default();
    let [high, low] = (body.len() as u16 + 8).to_be_bytes();
    let mut check = vec![0, 1, high, low, 0x21, 0x12, 0xa4, 0x42];
    check.extend([7; 12]);
    check.extend(body);
    let fingerprint = rtc_stun::fingerprint::fingerprint_value(&check);
    check.extend([0x80, 0x28, 0, 4]);
    check.extend(fingerprint.to_be_bytes());
    stun_message(&check);
}

fn stun_message(datagram: &[u8]) {
    with_identity(|identity, _| {
        let crypto = identity.provider().crypto();
        let from = std::net::SocketAddr::from(([127, 0, 0, 1], 9));
        match Request::read(datagram) {
            Ok(request) => match request.authenticate("password", crypto) {
                Ok(message) => drop(success(&message, from, "password", crypto)),
                Err((message, refusal)) => drop(error(&message, refusal, None, crypto)),
            },
            Err(Some((message, refusal))) => {
                let answer = error(&message, refusal, None, crypto);
                assert!(answer.is_none_or(|answer| answer.len() <= datagram.len()), "amplification");
            }
            Err(None) => {}
        }
    });
}

/// The first datagrams of a handshake, each with its length before it.
pub fn dtls(mut datagrams: &[u8]) {
    with_identity(|_, configs| {
        let now = Instant::now();
        let mut dtls = Dtls::server(configs);
        while let Some((length, rest)) = datagrams.split_first_chunk::<2>() {
            let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
            let (datagram, rest) = rest.split_at(length);
            dtls.receive(now, datagram);
            while dtls.poll_transmit().is_some() {}
            datagrams = rest;
        }
    });
}

/// A decrypted RTP packet.
pub fn rtp(packet: &[u8]) {
    let Some(header) = Header::read(packet) else { return };
    let ids = dais_media::ortc::ExtensionIds {
        mid: Some(1),
        rid: Some(2),
        repaired_rid: Some(3),
        abs_send_time: Some(4),
        transport_cc: Some(5),
        audio_level: Some(6),
        video_orientation: Some(7),
        abs_capture_time: Some(8),
    };
    let _ = Carried::read(&header, packet, &ids);
    let Some(payload) = header.payload(packet) else { return };
    for codec in [Codec::Audio, Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1] {
        codec.begins_key_frame(payload);
    }
    // Whatever codec it says is inside.
    if let Some(red) = payload.first().and_then(|first| Red::read(payload, first & 0x7f)) {
        let mut copy = payload.to_vec();
        red.rewrite(&mut copy, 111);
        let rewritten = Red::read(&copy, 111);
        assert_eq!(rewritten.map(|red| red.primary(&copy)), Some(red.primary(payload)));
    }
    if let Some(descriptor) = Descriptor::read(payload) {
        let mut copy = payload.to_vec();
        descriptor.rewrite(&mut copy, 0x7fff, 255);
        assert_eq!(copy.len(), payload.len());
    }
}
