//! Engine.IO packets and polling bodies: decoding never panics, and what decodes encodes to something that decodes to the same.
#![no_main]

use dais_socketio::{EnginePacket, Handshake, payload};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(packets) = payload::split(text) else { return };
    for packet in packets.flatten() {
        if let EnginePacket::Open(data) = packet {
            let _ = Handshake::decode(data);
        }
        assert_eq!(EnginePacket::decode(&packet.encode()), Ok(packet));
    }
});
