//! The flow: 260 packets of 1,200 bytes and 50 of 80 bytes a second for each publisher, evenly paced.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use dais_media_plane::client::{Noticed, media::PacketBuilder};
use mio::Events;
use nix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

use crate::{
    delays::Delays,
    fleet::{Fleet, Peer, text},
};

const VIDEO_EVERY: Duration = Duration::from_nanos(1_000_000_000 / 260);
const VIDEO_BYTES: usize = 1_200;
const AUDIO_BYTES: usize = 80;
/// After the last packet was sent: those that are late are late, not lost.
const TAIL: Duration = Duration::from_millis(300);
/// Where in a payload stands when it was sent: behind what a VP8 packet must begin with.
const STAMP: std::ops::Range<usize> = 8..16;

/// A stream on its way.
struct Source {
    peer: usize,
    is_video: bool,
    every: Duration,
    due: Instant,
}

/// Lets it flow and measures. `each`: how many clients get what one publishes.
pub fn run(fleet: &mut Fleet, length: Duration, each: u64, audio_every: Duration) -> Result<Value, String> {
    let (begun, cpu) = (Instant::now(), cpu_ns());
    let mut sources = sources(fleet, begun, audio_every);
    let (mut sent, mut received, mut undecryptable) = (0u64, 0u64, 0u64);
    let mut last = None;
    let (mut delays, mut events, mut buffer) = (Delays::new(), Events::with_capacity(1_024), [0u8; 2_048]);
    let end = begun + length;
    while Instant::now() < end + TAIL {
        let now = Instant::now();
        fleet.advance(now);
        for source in sources.iter_mut().filter(|source| source.due <= now && now < end) {
            let Some(peer) = fleet.peers.get_mut(source.peer) else { continue };
            let Some(packet) = source.next(peer, begun, Instant::now()) else { continue };
            peer.client.send_rtp(&packet).map_err(text)?;
            peer.flush();
            sent += 1;
        }
        let next = sources.iter().map(|source| source.due).min().unwrap_or(end).min(end + TAIL);
        let wait = next.saturating_duration_since(Instant::now()).min(Duration::from_millis(10));
        fleet.poll.poll(&mut events, Some(wait)).map_err(text)?;
        for event in &events {
            let Some(peer) = fleet.peers.get_mut(event.token().0) else { continue };
            peer.receive(now, &mut buffer, |noticed| match noticed {
                Noticed::Rtp(packet) => {
                    received += 1;
                    last = Some(SystemTime::now());
                    if let Some(delay) = delay_us(begun, &packet) {
                        delays.add(delay);
                    }
                }
                Noticed::Undecryptable => undecryptable += 1,
                _ => {}
            });
            peer.flush();
        }
    }
    let expected = sent * each;
    Ok(json!({
        "sent": sent,
        "received": received,
        "expected": expected,
        "lossShare": if expected == 0 { 0.0 } else { 1.0 - received.min(expected) as f64 / expected as f64 },
        "undecryptable": undecryptable,
        "lastReceivedAtMs": last.and_then(|at| at.duration_since(UNIX_EPOCH).ok()).map(|since| since.as_secs_f64() * 1e3),
        "p50Us": delays.quantile(0.5),
        "p99Us": delays.quantile(0.99),
        "toolCores": (cpu_ns().saturating_sub(cpu)) as f64 / 1e9 / begun.elapsed().as_secs_f64(),
    }))
}

fn sources(fleet: &Fleet, begun: Instant, audio_every: Duration) -> Vec<Source> {
    let mut sources = Vec::new();
    let publishers = fleet.peers.iter().filter(|peer| peer.video.is_some()).count().max(1) as u32;
    let mut number = 0;
    for (peer, it) in fleet.peers.iter().enumerate() {
        for (stream, is_video) in [(&it.video, true), (&it.audio, false)] {
            if stream.is_some() {
                // Not all at the same moment.
                let every = if is_video { VIDEO_EVERY } else { audio_every };
                sources.push(Source { peer, is_video, every, due: begun + VIDEO_EVERY * number / publishers });
            }
        }
        number += u32::from(it.video.is_some());
    }
    sources
}

impl Source {
    fn next(&mut self, peer: &mut Peer, begun: Instant, now: Instant) -> Option<Vec<u8>> {
        let (bytes, ticks) = if self.is_video { (VIDEO_BYTES, 346) } else { (AUDIO_BYTES, 960) };
        let mut payload = vec![0; bytes];
        // Every video packet is a VP8 key frame of its own: start of partition 0, P = 0 (RFC 7741, 4.2 and 4.3).
        if let Some(first) = payload.first_mut() {
            *first = 0x10;
        }
        if let Some(stamp) = payload.get_mut(STAMP) {
            stamp.copy_from_slice(&(now.duration_since(begun).as_nanos() as u64).to_be_bytes());
        }
        let stream = if self.is_video { peer.video.as_mut()? } else { peer.audio.as_mut()? };
        let packet = PacketBuilder {
            payload_type: stream.payload_type,
            marker: self.is_video,
            sequence: stream.sequence,
            timestamp: stream.timestamp,
            ssrc: stream.ssrc,
            extensions: Vec::new(),
            payload,
        };
        stream.sequence = stream.sequence.wrapping_add(1);
        stream.timestamp = stream.timestamp.wrapping_add(ticks);
        self.due += self.every;
        Some(packet.build())
    }
}

fn delay_us(begun: Instant, packet: &[u8]) -> Option<f64> {
    let payload = dais_media_plane::client::media::PacketRead::read(packet)?.payload;
    let sent_ns = u64::from_be_bytes(payload.get(STAMP)?.try_into().ok()?);
    let now_ns = begun.elapsed().as_nanos() as u64;
    now_ns.checked_sub(sent_ns).map(|ns| ns as f64 / 1_000.0)
}

/// Nanoseconds that this process has been on a processor.
pub fn cpu_ns() -> u64 {
    let read = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID);
    read.map_or(0, |time| time.tv_sec() as u64 * 1_000_000_000 + time.tv_nsec() as u64)
}
