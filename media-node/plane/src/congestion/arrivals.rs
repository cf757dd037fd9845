//! When packets with transport-wide numbers came, for their sender.
//!
//! Own code: the recorder of rtc-interceptor is private to its interceptor, which wants a chain and one clock for each peer.

use std::time::{Duration, Instant};

use rtc_rtcp::transport_feedbacks::transport_layer_cc::{
    PacketStatusChunk, RecvDelta, StatusChunkTypeTcc, StatusVectorChunk, SymbolSizeTypeTcc, SymbolTypeTcc,
    TransportLayerCc,
};

use crate::srtp::extend;

/// Time between two reports: what libwebrtc does at usual bitrates.
pub(crate) const INTERVAL: Duration = Duration::from_millis(100);
/// A report is made at the latest after so many packets.
const MAX_PACKETS: u64 = 300;
/// A report describes so many numbers at most; what was lost before is not told.
const MAX_SPAN: u64 = 500;

/// Packets since the last report.
pub(crate) struct Arrivals {
    epoch: Instant,
    /// Numbers, extended, and when they came. Ascending.
    packets: Vec<(u64, Instant)>,
    /// The first number that no report has told about.
    next: Option<u64>,
    highest: u64,
    reports: u8,
    media_ssrc: u32,
}

impl Arrivals {
    pub(crate) fn new(now: Instant) -> Self {
        // Times in reports are counted from an arbitrary beginning; never before it.
        Self { epoch: now, packets: Vec::new(), next: None, highest: 0, reports: 0, media_ssrc: 0 }
    }

    /// A packet came. True if a report is due now.
    pub(crate) fn record(&mut self, now: Instant, number: u16, media_ssrc: u32) -> bool {
        self.media_ssrc = media_ssrc;
        let number = if self.next.is_none() { 0x1_0000 | u64::from(number) } else { extend(self.highest, number) };
        let next = *self.next.get_or_insert(number);
        self.highest = self.highest.max(number);
        // What a report has called lost and comes later is told again, if it is not too old.
        if number + MAX_SPAN < next {
            return false;
        }
        match self.packets.binary_search_by_key(&number, |(number, _)| *number) {
            Ok(_) => {}
            Err(at) => self.packets.insert(at, (number, now)),
        }
        self.packets.len() as u64 >= MAX_PACKETS
    }

    /// The report about what came since the last one.
    pub(crate) fn report(&mut self, sender_ssrc: u32) -> Option<TransportLayerCc> {
        let (last, _) = *self.packets.last()?;
        let (oldest, _) = *self.packets.first()?;
        let first = self.next.map_or(oldest, |next| next.min(oldest)).max(last.saturating_sub(MAX_SPAN));
        let mut packets = std::mem::take(&mut self.packets);
        packets.retain(|(number, _)| *number >= first);
        let started = packets.first().map(|(_, at)| at.saturating_duration_since(self.epoch))?;
        // In units of 64 ms; deltas in units of 250 µs.
        let reference = (started.as_millis() / 64) as u32;
        let mut time = i64::from(reference) * 256;
        let mut symbols = Vec::with_capacity((last - first + 1) as usize);
        let mut deltas = Vec::with_capacity(packets.len());
        for (number, at) in &packets {
            while first + (symbols.len() as u64) < *number {
                symbols.push(SymbolTypeTcc::PacketNotReceived);
            }
            let ticks = (at.saturating_duration_since(self.epoch).as_micros() / 250) as i64;
            // Reordered packets came before the one before them.
            let delta = (ticks - time).clamp(-0x8000, 0x7fff);
            time += delta;
            let symbol = if (0..=255).contains(&delta) {
                SymbolTypeTcc::PacketReceivedSmallDelta
            } else {
                SymbolTypeTcc::PacketReceivedLargeDelta
            };
            symbols.push(symbol);
            deltas.push(RecvDelta { type_tcc_packet: symbol, delta: delta * 250 });
        }
        let count = symbols.len();
        let chunks = symbols.chunks(7).map(|symbols| {
            PacketStatusChunk::StatusVectorChunk(StatusVectorChunk {
                type_tcc: StatusChunkTypeTcc::StatusVectorChunk,
                symbol_size: SymbolSizeTypeTcc::TwoBit,
                symbol_list: padded(symbols),
            })
        });
        let report = TransportLayerCc {
            sender_ssrc,
            media_ssrc: self.media_ssrc,
            base_sequence_number: first as u16,
            packet_status_count: count as u16,
            reference_time: reference & 0x00ff_ffff,
            fb_pkt_count: self.reports,
            packet_chunks: chunks.collect(),
            recv_deltas: deltas,
        };
        self.reports = self.reports.wrapping_add(1);
        self.next = Some(last + 1);
        packets.clear();
        self.packets = packets;
        Some(report)
    }
}

fn padded(symbols: &[SymbolTypeTcc]) -> Vec<SymbolTypeTcc> {
    let mut list = symbols.to_vec();
    list.resize(7, SymbolTypeTcc::PacketNotReceived);
    list
}
