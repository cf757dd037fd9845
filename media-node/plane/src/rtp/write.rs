//! Writing headers for a subscriber.

use dais_media::{RtpParameters, capabilities::id, ortc::carries};

use super::Carried;

/// Which extensions a subscriber has negotiated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub send_time: bool,
    pub transport_cc: bool,
    audio_level: bool,
    orientation: bool,
    capture_time: bool,
}

impl Wanted {
    pub(crate) fn read(parameters: &RtpParameters) -> Self {
        Self {
            send_time: carries(parameters, id::ABS_SEND_TIME),
            transport_cc: carries(parameters, id::TRANSPORT_CC),
            audio_level: carries(parameters, id::AUDIO_LEVEL),
            orientation: carries(parameters, id::VIDEO_ORIENTATION),
            capture_time: carries(parameters, id::ABS_CAPTURE_TIME),
        }
    }
}

/// What a packet says to one subscriber. SSRC and sequence number are written by the one who seals it.
pub(crate) struct Sending<'a> {
    pub marker: bool,
    pub payload_type: u8,
    pub timestamp: u32,
    pub carried: &'a Carried,
    pub wanted: Wanted,
    /// 6.18 fixed point seconds.
    pub send_time: u32,
    pub transport_cc: u16,
}

/// Appends a header and returns its length.
pub(crate) fn write_header(buffer: &mut Vec<u8>, sending: &Sending<'_>) -> usize {
    let start = buffer.len();
    let Sending { carried, wanted, .. } = sending;
    let mut fixed = [0; 12];
    fixed[0] = 0x80;
    fixed[1] = u8::from(sending.marker) << 7 | sending.payload_type & 0x7f;
    fixed[4..8].copy_from_slice(&sending.timestamp.to_be_bytes());
    buffer.extend_from_slice(&fixed);
    buffer.extend_from_slice(&[0xbe, 0xde, 0, 0]);
    let block = buffer.len();
    let mut put = |id: u8, value: &[u8]| {
        // Values have 1 to 16 bytes, identifiers are below 15: both fit a one-byte header.
        buffer.push(id << 4 | (value.len() - 1) as u8 & 0x0f);
        buffer.extend_from_slice(value);
    };
    if wanted.send_time {
        let [_, high, middle, low] = sending.send_time.to_be_bytes();
        put(id::ABS_SEND_TIME, &[high, middle, low]);
    }
    if wanted.transport_cc {
        put(id::TRANSPORT_CC, &sending.transport_cc.to_be_bytes());
    }
    if let Some(level) = carried.audio_level.filter(|_| wanted.audio_level) {
        put(id::AUDIO_LEVEL, &[level]);
    }
    if let Some(orientation) = carried.orientation.filter(|_| wanted.orientation) {
        put(id::VIDEO_ORIENTATION, &[orientation]);
    }
    if let Some(time) = carried.capture_time.as_ref().filter(|_| wanted.capture_time) {
        put(id::ABS_CAPTURE_TIME, time.bytes());
    }
    let length = buffer.len() - block;
    if length == 0 {
        buffer.truncate(block - 4);
    } else {
        let words = length.div_ceil(4);
        buffer.resize(block + words * 4, 0);
        if let Some(first) = buffer.get_mut(start) {
            *first |= 0x10;
        }
        if let Some(count) = buffer.get_mut(block - 1) {
            *count = words as u8;
        }
    }
    buffer.len() - start
}
