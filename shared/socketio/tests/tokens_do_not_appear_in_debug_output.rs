//! A session token travels in the CONNECT packet, and packets end up in logs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dais_socketio::{EnginePacket, Packet};

const MESSAGE: &str = r#"40{"token":"eyJhbGciOi.secret.sig"}"#;

#[test]
fn of_an_engine_packet() {
    let packet = EnginePacket::decode(MESSAGE).unwrap();
    assert_eq!(format!("{packet:?}"), "Message(34 bytes)");
}

#[test]
fn of_a_connect_packet() {
    let packet = Packet::decode(&MESSAGE[1..]).unwrap();
    let shown = format!("{packet:?}");
    assert!(shown.contains("Connect") && shown.contains("Json(33 bytes)"), "{shown}");
    assert!(!shown.contains("secret"), "{shown}");
}

#[test]
fn of_an_error() {
    for text in [r#"0{"token":"secret""#, r#"2["connect","secret"]"#, "0/secret\u{7},", r#"51-/n,["secret"]"#] {
        let error = Packet::decode(text).unwrap_err();
        assert!(!format!("{error:?} {error}").contains("secret"), "{error:?}");
    }
}
