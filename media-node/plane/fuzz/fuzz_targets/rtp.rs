//! RTP, decrypted: headers, extensions and payload descriptors.
#![no_main]

libfuzzer_sys::fuzz_target!(|packet: &[u8]| dais_media_plane::fuzzing::rtp(packet));
