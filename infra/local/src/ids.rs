//! Ids as the services make them.

use std::fmt::Write;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::{Engine, engine::general_purpose::URL_SAFE};

/// `0a4b…-…`: a request id of Lambda (UUID version 4).
pub fn uuid() -> String {
    let mut bytes: [u8; 16] = random();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// `JKJaXmPLvHcESHA=`: connection, message and request ids of API Gateway, 11 bytes in base64.
pub fn gateway() -> String {
    URL_SAFE.encode(random::<11>())
}

/// Whether `text` has the form of an id of API Gateway.
pub fn is_gateway(text: &str) -> bool {
    text.len() == 16 && URL_SAFE.decode(text).is_ok_and(|bytes| bytes.len() == 11)
}

fn random<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    // The system's generator fails on no system this runs on; zeros would make duplicate ids, which show at once.
    let _ = SystemRandom::new().fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_form_of_the_services() {
        let id = gateway();
        assert!(id.ends_with('=') && is_gateway(&id), "{id}");
        assert!(!is_gateway("short=") && !is_gateway("aaaaaaaaaaaaaaaaaaaaaaaa") && !is_gateway("!!!!!!!!!!!!!!!="));
        let id = uuid();
        assert_eq!((id.len(), &id[14..15], id.matches('-').count()), (36, "4", 4), "{id}");
    }
}
