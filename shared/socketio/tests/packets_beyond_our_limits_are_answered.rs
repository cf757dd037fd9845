//! Well formed packets that this server does not take: their sender hears why and stays connected.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dais_socketio::{
    DecodeError, EnginePacket, MAX_ARGUMENTS, MAX_DEPTH, MAX_EVENT_NAME_BYTES, Packet, Reaction, ReplyTo,
};

#[track_caller]
fn answered(text: &str, code: &str, namespace: &str, id: Option<u64>) {
    let error = Packet::decode(text).unwrap_err();
    assert_eq!(error.code(), code);
    assert_eq!(error.reaction(), Reaction::Answer(&ReplyTo { namespace: namespace.into(), id }));
}

fn nested(levels: usize) -> String {
    format!("{}{}", "[".repeat(levels), "]".repeat(levels))
}

#[test]
fn nesting_is_bounded() {
    // The array of the event is the first level.
    assert!(Packet::decode(&format!("21[\"a\",{}]", nested(MAX_DEPTH - 1))).is_ok());
    answered(&format!("21[\"a\",{}]", nested(MAX_DEPTH)), "payload-too-deep", "/", Some(1));
    answered(&format!("2/n,[\"a\",{}]", nested(60_000)), "payload-too-deep", "/n", None);
    answered(&format!("31{}", nested(MAX_DEPTH + 1)), "payload-too-deep", "/", None);
    answered(&format!("0{}", "{\"a\":".repeat(1_000)), "payload-too-deep", "/", None);
}

#[test]
fn brackets_in_strings_are_not_nesting() {
    let brackets = "[{".repeat(1_000);
    for text in [
        format!("2[\"a\",\"{brackets}\"]"),
        format!("2[\"a\",\"\\\"{brackets}\"]"),
        format!("2[\"a\",\"\\\\\",\"{brackets}\"]"),
    ] {
        assert!(Packet::decode(&text).is_ok(), "{text}");
    }
}

#[test]
fn width_is_not_nesting() {
    assert!(Packet::decode(&format!("2[\"a\",[{}[]]]", "[],".repeat(1_000))).is_ok());
}

#[test]
fn arguments_are_bounded() {
    assert!(Packet::decode(&format!("27[\"a\"{}]", ",0".repeat(MAX_ARGUMENTS))).is_ok());
    answered(&format!("27[\"a\"{}]", ",0".repeat(MAX_ARGUMENTS + 1)), "too-many-arguments", "/", Some(7));
    answered(&format!("27[\"a\"{}]", ",0".repeat(60_000)), "too-many-arguments", "/", Some(7));
    assert!(Packet::decode(&format!("37[0{}]", ",0".repeat(MAX_ARGUMENTS - 1))).is_ok());
    answered(&format!("37[0{}]", ",0".repeat(MAX_ARGUMENTS)), "too-many-arguments", "/", None);
}

#[test]
fn names_are_bounded() {
    assert!(Packet::decode(&format!("2[\"{}\"]", "n".repeat(MAX_EVENT_NAME_BYTES))).is_ok());
    answered(&format!("29[\"{}\"]", "n".repeat(MAX_EVENT_NAME_BYTES + 1)), "event-name-too-long", "/", Some(9));
}

#[test]
fn binary_data_is_refused_in_every_form() {
    answered(r#"51-4["a",{"_placeholder":true,"num":0}]"#, "binary-unsupported", "/", Some(4));
    // However many attachments it claims, nothing is set aside for them.
    answered("599999999999999999999999-[]", "binary-unsupported", "/", None);
    let main = ReplyTo { namespace: "/".into(), id: None };
    assert_eq!(EnginePacket::decode("bAQIDBA==").unwrap_err(), DecodeError::Binary(main));
}
