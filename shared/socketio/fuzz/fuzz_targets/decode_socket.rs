//! Socket.IO packets: decoding never panics, and an event that decodes encodes to something that decodes to the same.
#![no_main]

use dais_socketio::{EnginePacket, Packet, encode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(Packet::Event { namespace, name, args, .. }) = Packet::decode(text) else { return };
    // Escapes in a name may be longer than the characters they stand for, so the longest packets may not fit any more.
    let Ok(message) = encode::event(namespace, &name, &args, None) else { return };
    let Ok(EnginePacket::Message(inner)) = EnginePacket::decode(&message) else { panic!("not a message") };
    assert_eq!(Packet::decode(inner), Ok(Packet::Event { namespace, id: None, name, args }));
});
