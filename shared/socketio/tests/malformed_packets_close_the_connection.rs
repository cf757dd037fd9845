//! What Socket.IO servers answer with a closed connection.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dais_socketio::{DecodeError, EnginePacket, MAX_MESSAGE_BYTES, MAX_NAMESPACE_BYTES, Packet, Reaction};

#[track_caller]
fn closes(text: &str, code: &str) {
    let error = Packet::decode(text).unwrap_err();
    assert_eq!(error.code(), code, "{text}");
    assert_eq!(error.reaction(), Reaction::Close, "{text}");
}

#[test]
fn engine_packets_without_a_known_type() {
    for (text, error) in [
        ("", DecodeError::Empty),
        ("7", DecodeError::UnknownType),
        ("abc", DecodeError::UnknownType),
        ("é", DecodeError::UnknownType),
        (" 4", DecodeError::UnknownType),
    ] {
        assert_eq!(EnginePacket::decode(text).unwrap_err(), error, "{text}");
        assert_eq!(error.reaction(), Reaction::Close);
    }
}

#[test]
fn packets_without_a_known_type() {
    closes("", "packet-empty");
    for text in ["7", "9[]", "abc", "-1", "é"] {
        closes(text, "packet-type-unknown");
    }
}

#[test]
fn packets_longer_than_a_message_can_be() {
    let longest = format!("2[\"{}\"]", "x".repeat(MAX_MESSAGE_BYTES - 5));
    assert_ne!(Packet::decode(&longest).unwrap_err(), DecodeError::TooLong);
    closes(&(longest.clone() + " "), "packet-too-long");
    assert!(EnginePacket::decode(&longest).is_ok());
    assert_eq!(EnginePacket::decode(&(longest + " ")).unwrap_err(), DecodeError::TooLong);
}

#[test]
fn events_that_are_not_an_array_beginning_with_a_name() {
    for payload in ["", "{}", "[]", "null", "\"foo\"", "[1]", "[null]", "[[\"foo\"]]", "[{}]", "foo"] {
        closes(&format!("2{payload}"), "payload-invalid");
    }
}

#[test]
fn events_that_are_not_json() {
    for payload in
        ["[\"a\"", "[\"a\",]", "[\"a\"]]", "[\"a\"] x", "['a']", "[\"a\", undefined]", "[\"\\q\"]", "[\"a\u{0}\"]"]
    {
        closes(&format!("2{payload}"), "payload-invalid");
    }
}

#[test]
fn an_array_with_too_many_arguments_that_is_not_json_either() {
    closes(&format!("2[\"a\"{},]", ",1".repeat(100)), "payload-invalid");
}

#[test]
fn events_with_a_reserved_name() {
    for name in ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"] {
        closes(&format!("2[\"{name}\"]"), "event-name-reserved");
    }
    closes(r#"2["\u0063onnect"]"#, "event-name-reserved");
}

#[test]
fn acknowledgements_without_an_id_or_an_array() {
    closes("3[]", "ack-id-invalid");
    for payload in ["", "{}", "null", "\"x\""] {
        closes(&format!("31{payload}"), "payload-invalid");
    }
}

#[test]
fn ids_that_javascript_cannot_count_to() {
    assert!(Packet::decode(r#"29007199254740991["a"]"#).is_ok());
    closes(r#"29007199254740992["a"]"#, "ack-id-invalid");
    closes(&format!("2{}[\"a\"]", "9".repeat(1000)), "ack-id-invalid");
    // Not a number, so it is taken for the payload.
    closes(r#"2abc["message-with-ack"]"#, "payload-invalid");
    closes(r#"2-1["a"]"#, "payload-invalid");
}

#[test]
fn connections_whose_auth_is_not_an_object() {
    for auth in ["[]", "true", "-1", "\"token\"", "null", "{", "{} {}"] {
        closes(&format!("0{auth}"), "payload-invalid");
    }
}

#[test]
fn disconnections_and_connect_errors_with_a_wrong_payload() {
    closes("1{}", "payload-invalid");
    closes("4", "payload-invalid");
    closes("4[]", "payload-invalid");
}

#[test]
fn namespaces_that_are_too_long_or_unprintable() {
    let longest = format!("/{}", "n".repeat(MAX_NAMESPACE_BYTES - 1));
    assert!(Packet::decode(&format!("0{longest},")).is_ok());
    closes(&format!("0{longest}n,"), "namespace-invalid");
    closes("0/a\nb,", "namespace-invalid");
}

#[test]
fn binary_packets_that_do_not_count_their_attachments() {
    for text in ["5[]", "5-[]", "5x-[]", "51", "6", "5-1-[]"] {
        closes(text, "attachments-invalid");
    }
}
