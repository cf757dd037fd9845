//! Retransmission to subscribers (RFC 4588), from the store of the producer's stream.

use std::time::{Duration, Instant};

use rtc_rtcp::transport_feedbacks::transport_layer_nack::TransportLayerNack;

use super::{Worker, forwarding::Now};
use crate::{
    codec::{Codec, vp8::Descriptor},
    forward::Sent,
    keys::TransportKey,
    rtp::{Sending, write_header},
};

/// A packet is repeated this often at most,
const MAX_REPEATS: u8 = 8;
/// and not sooner after the last time than this, or than a round trip.
const MIN_DISTANCE: Duration = Duration::from_millis(10);
/// Most packets that one request is answered with.
const MAX_AT_ONCE: usize = 256;

impl Worker {
    /// A subscriber asks for packets again.
    pub(super) fn resend(&mut self, now: Instant, from: TransportKey, nack: &TransportLayerNack) {
        let Some(transport) = self.transports.get_mut(from) else { return };
        let Some(key) = transport.sinks.get(&nack.media_ssrc) else { return };
        let Some(consumer) = self.consumers.get_mut(*key) else { return };
        let Some(producer) = self.producers.get(consumer.producer) else { return };
        let asked = nack.nacks.iter().flat_map(|pair| {
            let (first, lost) = (pair.packet_id, pair.lost_packets);
            let after = (0..16).filter(move |bit| lost >> bit & 1 == 1).map(move |bit| first.wrapping_add(bit + 1));
            std::iter::once(first).chain(after)
        });
        let patience = transport.rtt.unwrap_or_default().max(MIN_DISTANCE).as_millis() as u16;
        let time = now.saturating_duration_since(self.epoch).as_millis() as u16;
        let now = Now::new(now, self.epoch);
        for sequence in asked.take(MAX_AT_ONCE) {
            consumer.nacks += 1;
            self.counters.nacks_received += 1;
            // What a mute has stopped is not sent by way of retransmission, either.
            if producer.is_paused || consumer.is_paused {
                continue;
            }
            let (Some(repair), Some(keys)) = (&mut consumer.repair, &mut transport.keys) else { continue };
            if consumer.history.get_mut(sequence).is_none() {
                let _ = consumer.mapper.original(consumer.stream.index_of(sequence)).and_then(|original| {
                    // It came before the packet that the subscriber could begin with, and was not sent then.
                    let layer = consumer.selection.current()?;
                    let stored = producer.layers.get(usize::from(layer))?.store.get(now.at, original as u16)?;
                    let descriptor = Descriptor::read(&stored.payload).filter(|_| consumer.codec == Codec::Vp8);
                    let is_it = stored.sequence == original;
                    let numbers = consumer.mapper.map(now.at, original, stored.timestamp, descriptor.as_ref());
                    numbers.filter(|_| is_it).map(|numbers| {
                        consumer.history.insert(Sent {
                            sequence,
                            original: original as u16,
                            picture: numbers.picture,
                            base: numbers.base,
                            layer,
                            timestamp: numbers.timestamp,
                            ..Sent::default()
                        });
                    })
                });
            }
            let Some(sent) = consumer.history.get_mut(sequence) else { continue };
            let is_too_soon = sent.repeats > 0 && time.wrapping_sub(sent.repeated) < patience;
            if is_too_soon || sent.repeats >= MAX_REPEATS {
                continue;
            }
            let layer = producer.layers.get(usize::from(sent.layer));
            let Some(stored) = layer.and_then(|layer| layer.store.get(now.at, sent.original)) else { continue };
            (sent.repeats, sent.repeated) = (sent.repeats + 1, time);
            let estimator = transport.estimator.as_deref_mut().filter(|_| consumer.wanted.transport_cc);
            let sending = Sending {
                marker: stored.marker,
                payload_type: repair.payload_type,
                timestamp: sent.timestamp,
                carried: &stored.carried,
                wanted: consumer.wanted,
                send_time: now.send_time,
                transport_cc: estimator.as_ref().map_or(0, |estimator| estimator.number()),
            };
            let (buffer, start) = self.egress.begin();
            let header = write_header(buffer, &sending);
            buffer.extend_from_slice(&sequence.to_be_bytes());
            let payload = buffer.len();
            buffer.extend_from_slice(&stored.payload);
            if consumer.codec == Codec::Vp8
                && let Some(descriptor) = Descriptor::read(&stored.payload)
                && let Some(copy) = buffer.get_mut(payload..)
            {
                descriptor.rewrite(copy, sent.picture, sent.base);
            }
            let index = repair.stream.next().max(repair.first);
            if repair.stream.seal(&mut keys.sealer, index, header, buffer, start).is_err() {
                self.egress.rollback(start);
                continue;
            }
            if let Some(estimator) = estimator {
                estimator.sent(now.at, self.egress.since(start));
            }
            consumer.retransmitted += 1;
            self.counters.retransmitted += 1;
            self.counters.rtp_out += 1;
            Self::send(&mut self.egress, &mut self.counters, transport, start, false);
        }
    }
}
