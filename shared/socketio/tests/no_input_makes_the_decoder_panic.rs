//! Whatever arrives, decoding ends with a packet within its limits or with an error.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dais_socketio::{
    EnginePacket, Handshake, Json, MAX_ACK_ID, MAX_ARGUMENTS, MAX_EVENT_NAME_BYTES, MAX_NAMESPACE_BYTES, Packet,
    payload,
};
use proptest::{collection, prelude::*};

fn check(text: &str) {
    for packet in payload::split(text).unwrap() {
        let _ = packet.map(check_engine);
    }
    let _ = EnginePacket::decode(text).map(check_engine);
    check_packet(text);
}

fn check_engine(packet: EnginePacket<'_>) {
    match packet {
        EnginePacket::Message(inner) => check_packet(inner),
        EnginePacket::Open(data) => drop(Handshake::decode(data)),
        _ => {}
    }
}

fn check_packet(text: &str) {
    let namespace = match Packet::decode(text) {
        Ok(Packet::Event { namespace, id, name, args }) => {
            assert!(id.is_none_or(|id| id <= MAX_ACK_ID));
            assert!(name.len() <= MAX_EVENT_NAME_BYTES);
            check_args(&args);
            namespace
        }
        Ok(Packet::Ack { namespace, id, args }) => {
            assert!(id <= MAX_ACK_ID);
            check_args(&args);
            namespace
        }
        Ok(
            Packet::Connect { namespace, .. }
            | Packet::Disconnect { namespace }
            | Packet::ConnectError { namespace, .. },
        ) => namespace,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert!(!error.code().is_empty());
            let _ = error.reaction();
            return;
        }
    };
    assert!(namespace.starts_with('/') && namespace.len() <= MAX_NAMESPACE_BYTES && !namespace.contains([',', '?']));
}

fn check_args(args: &[Json<'_>]) {
    assert!(args.len() <= MAX_ARGUMENTS);
    for arg in args {
        assert!(Json::parse(arg.as_str()).is_ok());
        // May fail on what JSON allows and Rust does not hold, such as half a surrogate pair.
        let _ = arg.read::<serde_json::Value>();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes(bytes in collection::vec(any::<u8>(), 0..200)) {
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_text(text in any::<String>()) {
        check(&text);
    }

    /// Made of the characters that the decoder looks at.
    #[test]
    fn text_that_looks_like_packets(text in "[0-6b]{0,2}([0-9]{0,3}-)?(/[a-z?,]{0,5},?)?[0-9]{0,20}[\\[\\]{}\"\\\\:,0-9aeu\u{1e}.é-]{0,40}") {
        check(&text);
    }

    /// A real packet with one character replaced, cut or repeated.
    #[test]
    fn damaged_packets(
        packet in prop::sample::select(vec![
            r#"40/admin?x=1,{"token":"a.b.c","pid":"p","offset":"17"}"#,
            r#"42/admin,12["participant-updated",{"participantId":"u\u0031","updates":{"isHost":true}},"17"]"#,
            r#"43/admin,12[{"success":true,"list":[1,2.5e3,null,"\ud83d\ude00"]}]"#,
            r#"452-/admin,7["a",{"_placeholder":true,"num":0}]"#,
            r#"44{"message":"no","data":{"code":"token-expired"}}"#,
        ]),
        at in any::<prop::sample::Index>(),
        put in any::<Option<char>>(),
        cut in 0_usize..3,
    ) {
        let characters: Vec<char> = packet.chars().collect();
        let at = at.index(characters.len());
        let rest = characters.get(at + cut..).unwrap_or_default();
        let text: String = characters[..at].iter().chain(put.iter()).chain(rest).collect();
        check(&text);
    }
}
