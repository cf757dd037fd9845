//! The examples of the Engine.IO (4th revision) and Socket.IO (5th revision) protocol documents, word for word.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dais_socketio::{DecodeError, EnginePacket, Handshake, Json, Packet, ReplyTo, encode};

fn json(text: &str) -> Json<'_> {
    Json::parse(text).unwrap()
}

#[test]
fn an_open_packet_carries_the_handshake() {
    let text = r#"0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":5000,"maxPayload":1000000}"#;
    let handshake = Handshake {
        sid: "lv_VI97HAXpY6yYWAAAC".into(),
        upgrades: vec!["websocket".into()],
        ping_interval_ms: 25_000,
        ping_timeout_ms: 5_000,
        max_payload_bytes: 1_000_000,
    };
    let EnginePacket::Open(data) = EnginePacket::decode(text).unwrap() else { panic!("not an open packet") };
    assert_eq!(Handshake::decode(data).unwrap(), handshake);
    assert_eq!(handshake.encode(), text);
}

#[test]
fn every_engine_packet_type_is_known() {
    for (text, packet) in [
        ("1", EnginePacket::Close),
        ("2", EnginePacket::Ping("")),
        ("2probe", EnginePacket::Ping("probe")),
        ("3", EnginePacket::Pong("")),
        ("3probe", EnginePacket::Pong("probe")),
        ("4hello", EnginePacket::Message("hello")),
        ("4€", EnginePacket::Message("€")),
        ("5", EnginePacket::Upgrade),
        ("6", EnginePacket::Noop),
    ] {
        assert_eq!(EnginePacket::decode(text).unwrap(), packet, "{text}");
        assert_eq!(packet.encode(), text);
    }
}

#[test]
fn a_client_connects_to_a_namespace() {
    for (text, namespace, auth) in [
        ("0", "/", None),
        (r#"0{"token":"123"}"#, "/", Some(r#"{"token":"123"}"#)),
        ("0/admin,", "/admin", None),
        ("0/random", "/random", None),
        (r#"0/admin,{"sid":"oSO0OpakMV_3jnilAAAA"}"#, "/admin", Some(r#"{"sid":"oSO0OpakMV_3jnilAAAA"}"#)),
    ] {
        let expected = Packet::Connect { namespace, auth: auth.map(json) };
        assert_eq!(Packet::decode(text).unwrap(), expected, "{text}");
    }
}

#[test]
fn a_query_behind_the_namespace_is_dropped() {
    for text in ["0/admin?token=1234&uid=abcd,", "0/admin?token=1234"] {
        assert_eq!(Packet::decode(text).unwrap(), Packet::Connect { namespace: "/admin", auth: None });
    }
}

#[test]
fn events_have_a_name_arguments_and_perhaps_an_id() {
    for (text, namespace, id, name, args) in [
        (r#"2["foo"]"#, "/", None, "foo", vec![]),
        (r#"2/admin,["bar"]"#, "/admin", None, "bar", vec![]),
        (r#"212["foo"]"#, "/", Some(12), "foo", vec![]),
        (r#"2/admin,1["tellme"]"#, "/admin", Some(1), "tellme", vec![]),
        (r#"2["message",1,"2",{"3":[true]}]"#, "/", None, "message", vec!["1", r#""2""#, r#"{"3":[true]}"#]),
        (r#"2456["message-with-ack",1]"#, "/", Some(456), "message-with-ack", vec!["1"]),
        (r#"2["l\u0065ave\n", null ]"#, "/", None, "leave\n", vec!["null"]),
    ] {
        let args = args.into_iter().map(json).collect();
        assert_eq!(Packet::decode(text).unwrap(), Packet::Event { namespace, id, name: name.into(), args }, "{text}");
    }
}

#[test]
fn acknowledgements_have_an_id_and_values() {
    let bar = json(r#""bar""#);
    assert_eq!(Packet::decode("312[]").unwrap(), Packet::Ack { namespace: "/", id: 12, args: vec![] });
    let packet = Packet::decode(r#"3/admin,13["bar"]"#).unwrap();
    assert_eq!(packet, Packet::Ack { namespace: "/admin", id: 13, args: vec![bar] });
}

#[test]
fn refused_connections_carry_an_object_or_a_string() {
    for error in [r#"{"message":"Not authorized"}"#, r#""Not authorized""#] {
        let text = format!("4{error}");
        assert_eq!(Packet::decode(&text).unwrap(), Packet::ConnectError { namespace: "/", error: json(error) });
    }
}

#[test]
fn disconnections_carry_nothing() {
    assert_eq!(Packet::decode("1").unwrap(), Packet::Disconnect { namespace: "/" });
    assert_eq!(Packet::decode("1/admin,").unwrap(), Packet::Disconnect { namespace: "/admin" });
    assert_eq!(Packet::decode("1/custom").unwrap(), Packet::Disconnect { namespace: "/custom" });
}

#[test]
fn binary_packets_are_recognised_so_that_their_sender_hears_why_they_are_refused() {
    for (text, namespace, id) in [
        (r#"51-["baz",{"_placeholder":true,"num":0}]"#, "/", None),
        (r#"52-/admin,["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#, "/admin", None),
        (r#"51-14["foo",{"_placeholder":true,"num":0}]"#, "/", Some(14)),
        (r#"61-15["bar",{"_placeholder":true,"num":0}]"#, "/", None),
        (r#"61-/admin,1[{"_placeholder":true,"num":0}]"#, "/admin", None),
    ] {
        let refused = DecodeError::Binary(ReplyTo { namespace: namespace.into(), id });
        assert_eq!(Packet::decode(text).unwrap_err(), refused, "{text}");
    }
}

#[test]
fn what_the_server_sends_looks_like_the_documents() {
    assert_eq!(encode::connect("/", "wZX3oN0b", None), r#"40{"sid":"wZX3oN0b"}"#);
    assert_eq!(encode::connect("/admin", "-G5j", Some("p1")), r#"40/admin,{"sid":"-G5j","pid":"p1"}"#);
    assert_eq!(
        encode::connect_error("/random", "Invalid namespace", None),
        r#"44/random,{"message":"Invalid namespace"}"#
    );
    assert_eq!(
        encode::connect_error("/", "Not authorized", Some("token-expired")),
        r#"44{"message":"Not authorized","data":{"code":"token-expired"}}"#
    );
    assert_eq!(encode::disconnect("/"), "41");
    assert_eq!(encode::disconnect("/admin"), "41/admin,");
    assert_eq!(&*encode::event("/", "hey", &["Jude"], None).unwrap(), r#"42["hey","Jude"]"#);
    assert_eq!(&*encode::event("/admin", "bar", &[(); 0], None).unwrap(), r#"42/admin,["bar"]"#);
    assert_eq!(&*encode::event("/", "foo", &[1], Some("17")).unwrap(), r#"42["foo",1,"17"]"#);
    assert_eq!(encode::ack("/", 12, &[(); 0]).unwrap(), "4312[]");
    assert_eq!(encode::ack("/admin", 13, &["bar"]).unwrap(), r#"43/admin,13["bar"]"#);
}

#[test]
fn arguments_can_be_sent_on_as_they_came() {
    let Packet::Event { args, .. } = Packet::decode(r#"2["message",1.0,"2",{"3":[true]}]"#).unwrap() else {
        panic!("not an event")
    };
    let text = encode::event("/", "message-back", &args, None).unwrap();
    assert_eq!(&*text, r#"42["message-back",1.0,"2",{"3":[true]}]"#);
}
