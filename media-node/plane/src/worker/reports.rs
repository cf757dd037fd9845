//! RTCP to clients.

use std::time::{Duration, Instant};

use bytes::Bytes;
use rtc_rtcp::{
    goodbye::Goodbye,
    packet::{Packet, marshal},
    payload_feedbacks::picture_loss_indication::PictureLossIndication,
    receiver_report::ReceiverReport,
    reception_report::ReceptionReport,
    sender_report::SenderReport,
    source_description::{SdesType, SourceDescription, SourceDescriptionChunk, SourceDescriptionItem},
    transport_feedbacks::transport_layer_nack::{TransportLayerNack, nack_pairs_from_sequence_numbers},
};

use super::{Consumer, Worker};
use crate::{
    keys::{ConsumerKey, TransportKey},
    stream::SenderClock,
};

/// Time between reports.
const INTERVAL: Duration = Duration::from_secs(1);
/// Longest compound, before it is sealed.
const MAX_LENGTH: usize = 1150;
/// Most reports in one packet (RFC 3550, 6.4.1: five bits).
const MAX_REPORTS: usize = 31;
/// Most pairs in one request for packets: 17 packets each.
const MAX_PAIRS: usize = 200;

/// 32.32 fixed point seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct NtpTime(pub u64);

impl SenderClock {
    /// What the publisher's clocks show now, as far as the node can tell: wall clock and media clock.
    fn at(&self, now: Instant, clock_rate: u32) -> (NtpTime, u32) {
        let elapsed = now.saturating_duration_since(self.at).as_micros();
        let ntp = self.ntp.wrapping_add(((elapsed << 32) / 1_000_000) as u64);
        let rtp = self.rtp.wrapping_add((elapsed * u128::from(clock_rate) / 1_000_000) as u32);
        (NtpTime(ntp), rtp)
    }
}

type Compound = Vec<Box<dyn Packet>>;

impl Worker {
    /// Sends the reports and requests of a transport that are due.
    pub(super) fn report(&mut self, now: Instant, key: TransportKey) {
        let Some(transport) = self.transports.get_mut(key) else { return };
        if !transport.is_up {
            (transport.feedback_at, transport.requests_at) = (None, None);
            return;
        }
        if transport.feedback_at.is_some_and(|at| at <= now) {
            transport.feedback_at = None;
            let ssrc = transport.rtcp_ssrc;
            if let Some(feedback) = transport.arrivals.as_mut().and_then(|arrivals| arrivals.report(ssrc)) {
                self.send_rtcp(key, vec![Box::new(feedback)]);
            }
        }
        let Some(transport) = self.transports.get_mut(key) else { return };
        if transport.requests_at.is_some_and(|at| at <= now) {
            transport.requests_at = None;
            self.request(now, key);
        }
        let Some(transport) = self.transports.get_mut(key) else { return };
        if transport.reports_at <= now {
            transport.reports_at = now + INTERVAL;
            self.report_reception(now, key);
            self.report_sending(now, key);
            self.choose_layers(now, key);
        }
    }

    /// Asks for what is missing.
    fn request(&mut self, now: Instant, key: TransportKey) {
        let producers = self.transports.get(key).map(|transport| transport.producers.clone()).unwrap_or_default();
        let mut next: Option<Instant> = None;
        let mut wake = |at: Option<Instant>| {
            if let Some(at) = at {
                next = Some(next.map_or(at, |next: Instant| next.min(at)));
            }
        };
        for producer in producers {
            let layers = self.producers.get(producer).map_or(0, |there| there.layers.len());
            for at in 0..layers {
                let Some(layer) = self.producers.get_mut(producer).and_then(|there| there.layers.get_mut(at)) else {
                    continue;
                };
                let mut ask = Vec::new();
                let gave_up = layer.missing.take_due(now, layer.reception.highest(), layer.rtt, &mut ask);
                wake(layer.missing.deadline(layer.reception.highest(), layer.rtt));
                let ssrc = layer.ssrc;
                if let Some(ssrc) = ssrc.filter(|_| !ask.is_empty()) {
                    self.counters.nacks_sent += ask.len() as u64;
                    self.say_missing(key, ssrc, &ask);
                }
                if gave_up {
                    self.want_key_frame(now, producer, at as u8);
                }
            }
            wake(self.ask_again_for_key_frames(now, producer));
        }
        if let Some(transport) = self.transports.get_mut(key) {
            let wanted = transport.requests_at.into_iter().chain(next).min();
            transport.requests_at = wanted.map(|at| at.max(now + Duration::from_millis(1)));
        }
    }

    fn say_missing(&mut self, to: TransportKey, ssrc: u32, missing: &[u16]) {
        let Some(sender_ssrc) = self.transports.get(to).map(|transport| transport.rtcp_ssrc) else { return };
        let mut nacks = nack_pairs_from_sequence_numbers(missing);
        nacks.truncate(MAX_PAIRS);
        self.send_rtcp(to, vec![Box::new(TransportLayerNack { sender_ssrc, media_ssrc: ssrc, nacks })]);
    }

    /// Asks for a key frame. False if the transport is not up.
    pub(super) fn say_picture_lost(&mut self, to: TransportKey, ssrc: u32) -> bool {
        let Some(transport) = self.transports.get(to).filter(|transport| transport.is_up) else { return false };
        let lost = PictureLossIndication { sender_ssrc: transport.rtcp_ssrc, media_ssrc: ssrc };
        self.send_rtcp(to, vec![Box::new(lost)]);
        true
    }

    /// A stream ends.
    pub(super) fn say_goodbye(&mut self, to: TransportKey, ssrc: u32) {
        let Some(transport) = self.transports.get(to).filter(|transport| transport.is_up) else { return };
        let report = ReceiverReport { ssrc: transport.rtcp_ssrc, ..ReceiverReport::default() };
        let goodbye = Goodbye { sources: vec![ssrc], reason: Bytes::new() };
        self.send_rtcp(to, vec![Box::new(report), Box::new(goodbye)]);
    }

    /// What came of a publisher's streams (RFC 3550, 6.4.2).
    fn report_reception(&mut self, now: Instant, key: TransportKey) {
        let Some(transport) = self.transports.get(key) else { return };
        let ssrc = transport.rtcp_ssrc;
        let mut reports = Vec::new();
        for producer in &transport.producers {
            let Some(producer) = self.producers.get_mut(*producer) else { continue };
            for layer in &mut producer.layers {
                let Some(ssrc) = layer.ssrc.filter(|_| layer.reception.has_begun()) else { continue };
                let reception = &mut layer.reception;
                let (last_sender_report, delay) = reception.clock.map_or((0, 0), |clock| {
                    let kept = now.saturating_duration_since(clock.at).as_micros() * 65_536 / 1_000_000;
                    (NtpTime(clock.ntp).middle(), kept as u32)
                });
                reports.push(ReceptionReport {
                    ssrc,
                    fraction_lost: reception.take_fraction_lost(),
                    total_lost: reception.lost().min(0x7f_ffff) as u32,
                    // One cycle less: numbers begin one cycle up.
                    last_sequence_number: reception.highest().wrapping_sub(0x1_0000) as u32,
                    jitter: reception.jitter(),
                    last_sender_report,
                    delay,
                });
            }
        }
        for reports in reports.chunks(MAX_REPORTS) {
            let report = ReceiverReport { ssrc, reports: reports.to_vec(), profile_extensions: Bytes::new() };
            self.send_rtcp(key, vec![Box::new(report)]);
        }
    }

    /// What a subscriber was sent, by the publishers' clocks, so that sound and picture of one publisher stay together (6.4.1).
    fn report_sending(&mut self, now: Instant, key: TransportKey) {
        let consumers = self.transports.get(key).map(|transport| transport.consumers.clone()).unwrap_or_default();
        let mut compound: Compound = Vec::new();
        let mut length = 0;
        for consumer in consumers {
            let Some(report) = self.sender_report_of(now, consumer) else { continue };
            let more: usize = report.iter().map(|packet| packet.raw_size()).sum();
            if length + more > MAX_LENGTH && !compound.is_empty() {
                self.send_rtcp(key, std::mem::take(&mut compound));
                length = 0;
            }
            compound.extend(report);
            length += more;
        }
        if !compound.is_empty() {
            self.send_rtcp(key, compound);
        }
    }

    fn sender_report_of(&mut self, now: Instant, key: ConsumerKey) -> Option<Compound> {
        let consumer = self.consumers.get_mut(key)?;
        let layer = consumer.selection.current()?;
        let layer = self.producers.get(consumer.producer)?.layers.get(usize::from(layer))?;
        let clock = layer.reception.clock?;
        let time = consumer.mapper.time()?;
        if consumer.packets == consumer.reported {
            return None;
        }
        consumer.reported = consumer.packets;
        let (ntp, rtp) = clock.at(now, consumer.clock_rate);
        consumer.reports = [Some((ntp.middle(), now)), consumer.reports[0]];
        let report = SenderReport {
            ssrc: consumer.stream.ssrc(),
            ntp_time: ntp.0,
            rtp_time: rtp.wrapping_add(time),
            packet_count: consumer.packets as u32,
            octet_count: consumer.bytes as u32,
            ..SenderReport::default()
        };
        Some(vec![Box::new(report), Box::new(description(consumer))])
    }

    /// Seals a compound and sends it.
    fn send_rtcp(&mut self, to: TransportKey, compound: Compound) {
        let Some(transport) = self.transports.get_mut(to) else { return };
        let Some(keys) = &mut transport.keys else { return };
        let Ok(packets) = marshal(&compound) else { return };
        let (buffer, start) = self.egress.begin();
        buffer.extend_from_slice(&packets);
        match keys.sealer.seal_rtcp(buffer, start) {
            Ok(()) => Self::send(&mut self.egress, &mut self.counters, transport, start, false),
            Err(_) => self.egress.rollback(start),
        }
    }
}

fn description(consumer: &Consumer) -> SourceDescription {
    let name = SourceDescriptionItem {
        sdes_type: SdesType::SdesCname,
        text: Bytes::copy_from_slice(consumer.cname.as_bytes()),
    };
    SourceDescription { chunks: vec![SourceDescriptionChunk { source: consumer.stream.ssrc(), items: vec![name] }] }
}
