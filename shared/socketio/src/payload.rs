//! The body of an HTTP long-polling request or answer: packets with U+001E between them.
//!
//! Clients that start with polling send this before they upgrade. A packet that holds U+001E itself cannot travel this way;
//! JSON never does, because it escapes control characters.

use crate::{DecodeError, EnginePacket, MAX_MESSAGE_BYTES};

/// Stands between two packets (U+001E, "record separator").
pub const SEPARATOR: char = '\u{1e}';

/// Reads the packets of a body one after the other. The body as a whole is bounded like one message.
pub fn split(body: &str) -> Result<impl Iterator<Item = Result<EnginePacket<'_>, DecodeError>>, DecodeError> {
    if body.len() > MAX_MESSAGE_BYTES {
        return Err(DecodeError::TooLong);
    }
    Ok(body.split(SEPARATOR).map(EnginePacket::decode))
}

/// Puts encoded packets into one body.
pub fn join<P: AsRef<str>>(packets: impl IntoIterator<Item = P>) -> String {
    let mut body = String::new();
    for (index, packet) in packets.into_iter().enumerate() {
        if index > 0 {
            body.push(SEPARATOR);
        }
        body.push_str(packet.as_ref());
    }
    body
}
