//! RTCP from clients.

use std::time::{Duration, Instant};

use rtc_rtcp::{
    packet::unmarshal,
    payload_feedbacks::{full_intra_request::FullIntraRequest, picture_loss_indication::PictureLossIndication},
    receiver_report::ReceiverReport,
    reception_report::ReceptionReport,
    sender_report::SenderReport,
    transport_feedbacks::{transport_layer_cc::TransportLayerCc, transport_layer_nack::TransportLayerNack},
};

use super::{Worker, reports::NtpTime};
use crate::{keys::TransportKey, srtp::OpenError, stream::SenderClock};

/// Most packets of a compound that are read.
const MAX_PACKETS: usize = 64;
/// Least time between two choices of layers that feedback brings about.
const CHOICE_INTERVAL: Duration = Duration::from_millis(250);

impl Worker {
    pub(super) fn receive_rtcp(&mut self, now: Instant, from: TransportKey, datagram: &mut [u8]) {
        let Some(transport) = self.transports.get_mut(from) else { return };
        let Some(keys) = &mut transport.keys else {
            self.counters.drops.not_ready += 1;
            return;
        };
        let length = match keys.inbound.open_rtcp(datagram) {
            Ok(length) => length,
            Err(error) => {
                match error {
                    OpenError::Malformed => self.counters.drops.malformed += 1,
                    OpenError::Replayed => self.counters.drops.replayed += 1,
                    OpenError::Forged => self.counters.drops.srtp += 1,
                }
                return;
            }
        };
        transport.last_seen = now;
        let Some(mut compound) = datagram.get(..length) else { return };
        let Ok(packets) = unmarshal(&mut compound) else {
            self.counters.drops.malformed += 1;
            return;
        };
        for packet in packets.iter().take(MAX_PACKETS) {
            let packet = packet.as_any();
            if let Some(report) = packet.downcast_ref::<SenderReport>() {
                self.sender_report(now, from, report);
                self.reception_reports(now, from, &report.reports);
            } else if let Some(report) = packet.downcast_ref::<ReceiverReport>() {
                self.reception_reports(now, from, &report.reports);
            } else if let Some(nack) = packet.downcast_ref::<TransportLayerNack>() {
                self.resend(now, from, nack);
            } else if let Some(lost) = packet.downcast_ref::<PictureLossIndication>() {
                self.picture_lost(now, from, lost.media_ssrc);
            } else if let Some(request) = packet.downcast_ref::<FullIntraRequest>() {
                for entry in &request.fir {
                    self.picture_lost(now, from, entry.ssrc);
                }
            } else if let Some(feedback) = packet.downcast_ref::<TransportLayerCc>() {
                self.transport_feedback(now, from, feedback);
            }
        }
    }

    fn sender_report(&mut self, now: Instant, from: TransportKey, report: &SenderReport) {
        let Some(source) = self.transports.get(from).and_then(|transport| transport.sources.get(&report.ssrc)) else {
            return;
        };
        let binding = source.binding;
        if binding.repairs {
            return;
        }
        let producer = self.producers.get_mut(binding.producer);
        if let Some(layer) = producer.and_then(|producer| producer.layers.get_mut(usize::from(binding.layer))) {
            layer.reception.clock = Some(SenderClock { ntp: report.ntp_time, rtp: report.rtp_time, at: now });
        }
    }

    fn reception_reports(&mut self, now: Instant, from: TransportKey, reports: &[ReceptionReport]) {
        for report in reports {
            let Some(transport) = self.transports.get_mut(from) else { return };
            let Some(key) = transport.sinks.get(&report.ssrc) else { continue };
            let Some(consumer) = self.consumers.get_mut(*key) else { continue };
            if consumer.stream.ssrc() != report.ssrc {
                continue;
            }
            consumer.fraction_lost = report.fraction_lost;
            consumer.lost = i64::from((report.total_lost << 8) as i32 >> 8);
            consumer.jitter = report.jitter;
            let sent = consumer.reports.iter().flatten().find(|(time, _)| *time == report.last_sender_report);
            if let Some((_, at)) = sent
                && report.last_sender_report != 0
            {
                let away = now.saturating_duration_since(*at);
                // In units of 1/65536 seconds.
                let kept = Duration::from_micros(u64::from(report.delay) * 1_000_000 / 65_536);
                let rtt = away.saturating_sub(kept);
                transport.rtt = Some(transport.rtt.map_or(rtt, |old| old.mul_f32(0.875) + rtt.mul_f32(0.125)));
            }
        }
    }

    fn picture_lost(&mut self, now: Instant, from: TransportKey, ssrc: u32) {
        let key = self.transports.get(from).and_then(|transport| transport.sinks.get(&ssrc)).copied();
        let Some(consumer) = key.and_then(|key| self.consumers.get_mut(key)) else { return };
        consumer.plis += 1;
        self.counters.plis_received += 1;
        let layer = consumer.selection.current().or(consumer.selection.target());
        let (producer, is_paused) = (consumer.producer, consumer.is_paused);
        if let Some(layer) = layer.filter(|_| !is_paused) {
            self.want_key_frame(now, producer, layer);
        }
    }

    fn transport_feedback(&mut self, now: Instant, from: TransportKey, feedback: &TransportLayerCc) {
        let Some(transport) = self.transports.get_mut(from) else { return };
        let Some(estimator) = &mut transport.estimator else { return };
        estimator.feedback(now, feedback);
        if transport.chosen_at.is_none_or(|chosen| now >= chosen + CHOICE_INTERVAL) {
            transport.chosen_at = Some(now);
            self.choose_layers(now, from);
        }
    }
}

impl NtpTime {
    /// What reception reports repeat of it.
    pub(super) fn middle(self) -> u32 {
        (self.0 >> 16) as u32
    }
}
