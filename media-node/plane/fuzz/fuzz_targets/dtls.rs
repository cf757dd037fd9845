//! The first flights of a handshake: no datagram makes it panic or run out of stack.
#![no_main]

libfuzzer_sys::fuzz_target!(|datagrams: &[u8]| dais_media_plane::fuzzing::dtls(datagrams));
