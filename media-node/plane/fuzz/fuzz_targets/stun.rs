//! STUN from anywhere: reading and refusing it never panics, and no answer is longer than what it answers.
#![no_main]

libfuzzer_sys::fuzz_target!(|datagram: &[u8]| dais_media_plane::fuzzing::stun(datagram));
