//! The flow: 260 packets of 1,200 bytes and 50 of 80 bytes a second for each publisher, evenly paced.

use std::time::{Duration, Instant, UNIX_EPOCH};

use dais_media::MediaKind;
use dais_media_client::rtp::{Header, Packet};
use nix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use tokio::time::{sleep, sleep_until};

use crate::{
    arrivals::Arrivals,
    fleet::{Fleet, Sending, text},
};

const VIDEO_EVERY: Duration = Duration::from_nanos(1_000_000_000 / 260);
const VIDEO_BYTES: usize = 1_200;
const AUDIO_BYTES: usize = 80;
/// After the last packet was sent: those that are late are late, not lost.
const TAIL: Duration = Duration::from_millis(300);

/// A stream on its way.
struct Source<'a> {
    sending: usize,
    track: usize,
    every: Duration,
    due: Instant,
    arrivals: &'a Arrivals,
}

/// Lets it flow and measures.
pub async fn run(fleet: &mut Fleet, length: Duration, audio_every: Duration) -> Result<Value, String> {
    let arrivals = std::sync::Arc::clone(&fleet.arrivals);
    let mut sending = fleet.sending();
    let (begun, cpu) = (Instant::now(), cpu_ns());
    arrivals.reset();
    let mut sources = sources(&sending, &arrivals, begun, audio_every);
    let mut sent = 0u64;
    let end = begun + length;
    while let Some(source) = sources.iter_mut().min_by_key(|source| source.due).filter(|source| source.due < end) {
        sleep_until(source.due.into()).await;
        if let Some(sending) = sending.get_mut(source.sending) {
            source.send(sending).await?;
            sent += 1;
        }
    }
    sleep_until(end.into()).await;
    sleep(TAIL).await;
    let seen = arrivals.reset();
    Ok(json!({
        "sent": sent,
        "received": seen.received,
        "lastReceivedAtMs": seen.last.and_then(|at| at.duration_since(UNIX_EPOCH).ok()).map(|since| since.as_secs_f64() * 1e3),
        "p50Us": seen.delays.quantile(0.5),
        "p99Us": seen.delays.quantile(0.99),
        "toolCores": (cpu_ns().saturating_sub(cpu)) as f64 / 1e9 / begun.elapsed().as_secs_f64(),
    }))
}

fn sources<'a>(
    sending: &[&mut Sending],
    arrivals: &'a Arrivals,
    begun: Instant,
    audio_every: Duration,
) -> Vec<Source<'a>> {
    let flowing = |sending: &&&mut Sending| !sending.flowing.is_empty();
    let publishers = sending.iter().filter(flowing).count().max(1) as u32;
    let mut sources = Vec::new();
    for (number, (at, it)) in sending.iter().enumerate().filter(|(_, it)| flowing(it)).enumerate() {
        // Not all at the same moment.
        let due = begun + VIDEO_EVERY * number as u32 / publishers;
        for track in it.flowing.iter().copied() {
            let is_video = it.tracks.get(track).is_some_and(|track| track.new.kind == MediaKind::Video);
            let every = if is_video { VIDEO_EVERY } else { audio_every };
            sources.push(Source { sending: at, track, every, due, arrivals });
        }
    }
    sources
}

impl Source<'_> {
    async fn send(&mut self, sending: &mut Sending) -> Result<(), String> {
        self.due += self.every;
        let Some(track) = sending.tracks.get_mut(self.track) else { return Ok(()) };
        let is_video = track.new.kind == MediaKind::Video;
        let (bytes, ticks) = if is_video { (VIDEO_BYTES, 346) } else { (AUDIO_BYTES, 960) };
        let mut payload = vec![0; bytes];
        // Every video packet is a VP8 key frame of its own: start of partition 0, P = 0 (RFC 7741, 4.2 and 4.3).
        if let Some(first) = payload.first_mut() {
            *first = 0x10;
        }
        self.arrivals.stamp(&mut payload);
        let header = Header {
            version: 2,
            marker: is_video,
            payload_type: track.payload_type,
            sequence_number: track.sequence,
            timestamp: track.timestamp,
            ssrc: track.new.ssrc,
            ..Header::default()
        };
        track.sequence = track.sequence.wrapping_add(1);
        track.timestamp = track.timestamp.wrapping_add(ticks);
        sending.publisher.send(self.track, Packet { header, payload: payload.into() }).await.map_err(text)
    }
}

/// Nanoseconds that this process has been on a processor.
pub fn cpu_ns() -> u64 {
    let read = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID);
    read.map_or(0, |time| time.tv_sec() as u64 * 1_000_000_000 + time.tv_nsec() as u64)
}
