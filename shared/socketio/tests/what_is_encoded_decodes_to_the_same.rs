//! Round trips over generated packets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dais_socketio::{EncodeError, EnginePacket, Handshake, Json, MAX_ACK_ID, MAX_MESSAGE_BYTES, Packet, encode};
use proptest::{collection, prelude::*};
use serde_json::{Value, json};

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 32, 5, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            collection::btree_map(any::<String>(), inner, 0..5).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

fn namespace() -> impl Strategy<Value = String> {
    prop_oneof![Just("/".to_owned()), "/[a-zé0-9/_.-]{0,30}"]
}

/// Any name but the reserved ones, which all begin with c, d, n or r.
fn name() -> impl Strategy<Value = String> {
    "([a-b\"\\\\€ 0-9\n/{\\[]{1,2}[a-z\"\\\\-]{0,20})?"
}

fn inner(message: &str) -> &str {
    match EnginePacket::decode(message).unwrap() {
        EnginePacket::Message(inner) => inner,
        other => panic!("{other:?} is not a message"),
    }
}

fn values(args: &[Json<'_>]) -> Vec<Value> {
    args.iter().map(|arg| arg.read().unwrap()).collect()
}

proptest! {
    #[test]
    fn events(namespace in namespace(), name in name(), sent in collection::vec(value(), 0..8), offset in any::<Option<u64>>()) {
        let offset = offset.map(|offset| offset.to_string());
        let text = encode::event(&namespace, &name, &sent, offset.as_deref()).unwrap();
        let Packet::Event { namespace: in_namespace, id: None, name: named, args } = Packet::decode(inner(&text)).unwrap() else {
            panic!("not an event without an id");
        };
        let expected: Vec<Value> = sent.into_iter().chain(offset.map(Value::from)).collect();
        prop_assert_eq!((in_namespace, named.as_ref(), values(&args)), (&*namespace, &*name, expected));
    }

    #[test]
    fn acknowledgements(namespace in namespace(), id in 0..=MAX_ACK_ID, sent in collection::vec(value(), 0..8)) {
        let text = encode::ack(&namespace, id, &sent).unwrap();
        let Packet::Ack { namespace: in_namespace, id: with_id, args } = Packet::decode(inner(&text)).unwrap() else {
            panic!("not an acknowledgement");
        };
        prop_assert_eq!((in_namespace, with_id, values(&args)), (&*namespace, id, sent));
    }

    #[test]
    fn connections(namespace in namespace(), sid in any::<String>(), pid in any::<Option<String>>()) {
        let text = encode::connect(&namespace, &sid, pid.as_deref());
        let Packet::Connect { namespace: to, auth: Some(auth) } = Packet::decode(inner(&text)).unwrap() else {
            panic!("not a connect answer");
        };
        let expected = pid.map_or_else(|| json!({"sid": sid}), |pid| json!({"sid": sid, "pid": pid}));
        prop_assert_eq!((to, auth.read::<Value>().unwrap()), (&*namespace, expected));
    }

    #[test]
    fn refused_connections(namespace in namespace(), message in any::<String>(), code in any::<Option<String>>()) {
        let text = encode::connect_error(&namespace, &message, code.as_deref());
        let Packet::ConnectError { namespace: to, error } = Packet::decode(inner(&text)).unwrap() else {
            panic!("not a refusal");
        };
        let expected = code.map_or_else(
            || json!({"message": message}),
            |code| json!({"message": message, "data": {"code": code}}),
        );
        prop_assert_eq!((to, error.read::<Value>().unwrap()), (&*namespace, expected));
    }

    #[test]
    fn disconnections(namespace in namespace()) {
        let text = encode::disconnect(&namespace);
        prop_assert_eq!(Packet::decode(inner(&text)).unwrap(), Packet::Disconnect { namespace: &namespace });
    }

    #[test]
    fn engine_packets(data in any::<String>()) {
        for packet in [EnginePacket::Open(&data), EnginePacket::Ping(&data), EnginePacket::Pong(&data), EnginePacket::Message(&data)] {
            let text = packet.encode();
            prop_assert_eq!(EnginePacket::decode(&text).unwrap(), packet);
        }
    }

    #[test]
    fn handshakes(sid in any::<String>(), upgrades in any::<Vec<String>>(), numbers in any::<[u32; 3]>()) {
        let [ping_interval_ms, ping_timeout_ms, max_payload_bytes] = numbers.map(u64::from);
        let sent = Handshake { sid, upgrades, ping_interval_ms, ping_timeout_ms, max_payload_bytes };
        let text = sent.encode();
        let EnginePacket::Open(data) = EnginePacket::decode(&text).unwrap() else { panic!("not an open packet") };
        prop_assert_eq!(Handshake::decode(data).unwrap(), sent);
    }
}

#[test]
fn what_does_not_fit_a_message_is_not_encoded() {
    let overhead = r#"42["a",""]"#.len();
    let fits = "x".repeat(MAX_MESSAGE_BYTES - overhead);
    assert_eq!(encode::event("/", "a", &[&fits], None).unwrap().len(), MAX_MESSAGE_BYTES);
    let too_long = fits + "x";
    let error = encode::event("/", "a", &[&too_long], None).unwrap_err();
    assert!(matches!(error, EncodeError::TooLong { bytes } if bytes == MAX_MESSAGE_BYTES + 1), "{error}");
    assert!(encode::ack("/", 123_456, &[&too_long]).is_err());
}
