//! The least that forwarding a packet can cost here: AES-128-GCM over 1,200 bytes and one sendto to a socket of this machine.

use std::{
    net::UdpSocket,
    time::{Duration, Instant},
};

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use serde_json::{Value, json};

use crate::{fleet::text, flow::cpu_ns};

const DESTINATIONS: usize = 50;
const PACKET_BYTES: usize = 1_200;
const HEADER_BYTES: usize = 12;

/// Measures for about `length`. The kernel's delivery into the receiving socket is in it, as it is in what the node spends.
pub fn run(length: Duration) -> Result<Value, String> {
    let sender = UdpSocket::bind("127.0.0.1:0").map_err(text)?;
    let receivers = (0..DESTINATIONS).map(|_| UdpSocket::bind("127.0.0.1:0")).collect::<Result<Vec<_>, _>>();
    let receivers = receivers.map_err(text)?;
    let addresses = receivers.iter().map(UdpSocket::local_addr).collect::<Result<Vec<_>, _>>().map_err(text)?;
    for receiver in &receivers {
        receiver.set_nonblocking(true).map_err(text)?;
    }
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &[7; 16]).map_err(text)?);
    let plain = [3u8; PACKET_BYTES];
    let mut packet = [0u8; PACKET_BYTES + HEADER_BYTES + 16];
    let (mut spent_ns, mut packets, mut number) = (0u64, 0u64, 0u64);
    let end = Instant::now() + length;
    let mut drain = [0u8; 2_048];
    while Instant::now() < end {
        let before = cpu_ns();
        for address in &addresses {
            for _ in 0..8 {
                number += 1;
                let mut nonce = [0u8; 12];
                nonce[4..].copy_from_slice(&number.to_be_bytes());
                let (header, rest) = packet.split_at_mut(HEADER_BYTES);
                let (body, room) = rest.split_at_mut(PACKET_BYTES);
                body.copy_from_slice(&plain);
                let tag = key
                    .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(&*header), body)
                    .map_err(text)?;
                room.copy_from_slice(tag.as_ref());
                sender.send_to(&packet, address).map_err(text)?;
            }
        }
        spent_ns += cpu_ns().saturating_sub(before);
        packets += (DESTINATIONS * 8) as u64;
        for receiver in &receivers {
            while receiver.recv(&mut drain).is_ok() {}
        }
    }
    Ok(json!({ "sendtoAndGcmUs": spent_ns as f64 / 1_000.0 / packets as f64, "packets": packets }))
}
