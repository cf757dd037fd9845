//! The HTTP long-polling form: several packets in one body.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dais_socketio::{DecodeError, EnginePacket, MAX_MESSAGE_BYTES, encode, payload};
use proptest::{collection, prelude::*};

fn split(body: &str) -> Vec<Result<EnginePacket<'_>, DecodeError>> {
    payload::split(body).unwrap().collect()
}

#[test]
fn the_documents_example_has_three_packets() {
    let packets = [EnginePacket::Message("hello"), EnginePacket::Ping(""), EnginePacket::Message("world")];
    let body = "4hello\u{1e}2\u{1e}4world";
    assert_eq!(split(body), packets.map(Ok));
    assert_eq!(payload::join(packets.map(|packet| packet.encode())), body);
}

#[test]
fn a_bad_packet_does_not_hide_its_neighbours() {
    let found = split("4hello\u{1e}bAQIDBA==\u{1e}\u{1e}41");
    assert_eq!(found[0], Ok(EnginePacket::Message("hello")));
    assert_eq!(found[1].as_ref().unwrap_err().code(), "binary-unsupported");
    assert_eq!(found[2], Err(DecodeError::Empty));
    assert_eq!(found[3], Ok(EnginePacket::Message("1")));
}

#[test]
fn a_body_is_bounded_as_a_whole() {
    assert!(payload::split(&"2".repeat(MAX_MESSAGE_BYTES)).is_ok());
    assert_eq!(payload::split(&"2".repeat(MAX_MESSAGE_BYTES + 1)).err(), Some(DecodeError::TooLong));
}

#[test]
fn nothing_joined_is_an_empty_body() {
    assert_eq!(payload::join([""; 0]), "");
}

#[test]
fn separators_in_values_are_escaped_by_json() {
    let event = encode::event("/", "a", &["b\u{1e}c"], None).unwrap();
    assert_eq!(split(&payload::join([&*event, "2"])).len(), 2);
}

proptest! {
    #[test]
    fn any_packets_come_back_in_order(texts in collection::vec("[^\u{1e}]*", 1..10)) {
        let packets: Vec<EnginePacket<'_>> = texts.iter().map(|text| EnginePacket::Message(text)).collect();
        let body = payload::join(packets.iter().map(EnginePacket::encode));
        prop_assert_eq!(split(&body), packets.into_iter().map(Ok).collect::<Vec<_>>());
    }
}
