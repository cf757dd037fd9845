//! The way of a packet from its publisher to its subscribers: read once, rewritten and sealed for each.

use std::time::Instant;

use super::{Consumer, Transport, Worker, producer::Layer, transport::Binding};
use crate::{
    Egress, Event,
    codec::{Codec, red::Red, vp8::Descriptor},
    congestion,
    forward::{Numbers, Sent, Start, Verdict},
    keys::TransportKey,
    rtp::{Carried, Header, Sending, write_header},
    stats::Counters,
    stream::Arrival,
};

/// A packet of a publisher, read.
pub(super) struct Packet<'a> {
    pub layer: u8,
    pub sequence: u64,
    pub timestamp: u32,
    pub marker: bool,
    pub carried: Carried,
    pub payload: &'a [u8],
    pub descriptor: Option<Descriptor>,
    /// What is around the packet, if the publisher repeats earlier ones with it.
    pub red: Option<Red>,
    /// A subscriber can begin with it.
    pub begins: bool,
}

/// What all subscribers of a packet share.
pub(super) struct Now {
    pub at: Instant,
    /// 6.18 fixed point seconds.
    pub send_time: u32,
}

impl Now {
    pub(super) fn new(at: Instant, epoch: Instant) -> Self {
        let micros = at.saturating_duration_since(epoch).as_micros() as u64;
        Self { at, send_time: ((micros << 18) / 1_000_000) as u32 & 0x00ff_ffff }
    }
}

impl<'a> Packet<'a> {
    /// What a subscriber gets of it, and under which payload type: who does not know RED gets what is in it.
    fn content(&self, consumer: &Consumer) -> (&'a [u8], u8) {
        match (self.red, consumer.red_payload_type) {
            (Some(_), Some(red)) => (self.payload, red),
            (Some(red), None) => (red.primary(self.payload), consumer.payload_type),
            (None, _) => (self.payload, consumer.payload_type),
        }
    }
}

impl Worker {
    /// A decrypted packet of a known stream.
    pub(super) fn ingest(
        &mut self,
        now: Instant,
        from: TransportKey,
        binding: Binding,
        header: &Header,
        packet: &[u8],
    ) {
        let Some(producer) = self.producers.get_mut(binding.producer) else {
            self.counters.drops.unknown_stream += 1;
            return;
        };
        let published = &producer.published;
        let Some(payload) = header.payload(packet) else {
            self.counters.drops.malformed += 1;
            return;
        };
        let (carried, transport_cc) = Carried::read(header, packet, &published.extensions);
        if let Some(number) = transport_cc {
            self.note_arrival(now, from, number, header.ssrc);
        }
        let Some(producer) = self.producers.get_mut(binding.producer) else { return };
        let Some(layer) = producer.layers.get_mut(usize::from(binding.layer)) else { return };
        let (sequence, payload) = if binding.repairs {
            if Some(header.payload_type) != producer.published.rtx_payload_type {
                self.counters.drops.unknown_payload += 1;
                return;
            }
            // RFC 4588, 4: the original's number, then its payload. Nothing at all is a probe for bandwidth.
            let Some((original, payload)) = payload.split_first_chunk::<2>() else { return };
            if !layer.reception.has_begun() {
                return;
            }
            (u16::from_be_bytes(*original), payload)
        } else {
            let published = &producer.published;
            if header.payload_type != published.payload_type && !published.is_red(header.payload_type) {
                self.counters.drops.unknown_payload += 1;
                return;
            }
            if layer.ssrc != Some(header.ssrc) {
                self.counters.drops.unknown_stream += 1;
                return;
            }
            (header.sequence, payload)
        };
        let sequence = layer.reception.extend(sequence);
        let arrival = layer.reception.arrived(now, sequence, header.timestamp, payload.len(), binding.repairs);
        self.counters.rtp_in += 1;
        let (mut gave_up, mut is_earlier) = (false, false);
        let hole = match arrival {
            Arrival::New { gap } => Some((sequence, gap)),
            Arrival::Earlier { gap, first } => Some((first, gap)),
            Arrival::Late | Arrival::Duplicate => None,
        };
        if let Some((before, gap)) = hole.filter(|(_, gap)| *gap > 0)
            && producer.asks_again
            && !producer.is_paused
        {
            gave_up = layer.missing.note(now, before, gap);
            let next = layer.missing.deadline(layer.reception.highest(), layer.rtt);
            if let Some((next, transport)) = next.zip(self.transports.get_mut(from))
                && transport.requests_at.is_none_or(|at| next < at)
            {
                transport.requests_at = Some(next);
                is_earlier = true;
            }
        }
        match arrival {
            Arrival::Duplicate => return,
            Arrival::New { .. } | Arrival::Earlier { .. } => {}
            Arrival::Late => {
                if let Some(took) = layer.missing.filled(now, sequence)
                    && binding.repairs
                {
                    layer.recovered += 1;
                    self.counters.recovered += 1;
                    if let Some(took) = took {
                        layer.rtt = layer.rtt.mul_f32(0.875) + took.mul_f32(0.125);
                    }
                }
            }
        }
        if is_earlier {
            self.schedule(from);
        }
        if gave_up {
            self.want_key_frame(now, binding.producer, binding.layer);
        }
        self.forward(now, binding, sequence, header, carried, payload);
    }

    fn forward(
        &mut self,
        now: Instant,
        binding: Binding,
        sequence: u64,
        header: &Header,
        carried: Carried,
        payload: &[u8],
    ) {
        let Some(producer) = self.producers.get_mut(binding.producer) else { return };
        let Some(layer) = producer.layers.get_mut(usize::from(binding.layer)) else { return };
        let quiet_for = layer.last_packet.replace(now).map(|last| now.saturating_duration_since(last));
        let has_woken = quiet_for.is_none_or(|quiet| quiet.as_secs() >= 2);
        let codec = producer.codec;
        let published = &producer.published;
        let is_red = published.is_red(header.payload_type) && !payload.is_empty();
        let red = if is_red { Red::read(payload, published.payload_type) } else { None };
        if is_red && red.is_none() {
            self.counters.drops.malformed += 1;
            return;
        }
        let packet = Packet {
            layer: binding.layer,
            sequence,
            timestamp: header.timestamp,
            marker: header.marker,
            carried,
            payload,
            descriptor: if codec == Codec::Vp8 { Descriptor::read(payload) } else { None },
            red,
            begins: codec.begins_key_frame(payload),
        };
        if packet.begins {
            layer.wants_key = false;
        }
        if producer.is_paused {
            self.counters.drops.paused += 1;
            return;
        }
        if producer.repairing > 0 && !payload.is_empty() {
            layer.store.insert(now, sequence, packet.timestamp, packet.marker, carried, payload);
        }
        let room = producer.room;
        if has_woken && producer.layers.len() > 1 {
            self.layer_has_woken(now, binding);
        }
        let Some(producer) = self.producers.get(binding.producer) else { return };
        let at = Now::new(now, self.epoch);
        for key in &producer.consumers {
            let Some(consumer) = self.consumers.get_mut(*key) else { continue };
            let Some(transport) = self.transports.get_mut(consumer.transport) else { continue };
            let begun =
                deliver(&at, consumer, transport, &producer.layers, &packet, &mut self.egress, &mut self.counters);
            if begun && producer.layers.len() > 1 && self.events.len() < self.config.bounds.events {
                self.events.push_back(Event::LayersChanged { consumer: *key, spatial: Some(packet.layer) });
            }
        }
        if let Some(level) = carried.audio_level
            && let Some(room_there) = self.rooms.get_mut(room)
            && let Some(speaker) = room_there.speakers.heard(now, binding.producer, level)
        {
            self.tell(Event::DominantSpeaker { room, producer: Some(speaker) });
        }
    }

    /// A layer that did not send sends: now consumers can have it.
    fn layer_has_woken(&mut self, now: Instant, binding: Binding) {
        let consumers = self.producers.get(binding.producer).map(|producer| producer.consumers.clone());
        let mut transports: Vec<TransportKey> = Vec::new();
        for consumer in consumers.unwrap_or_default() {
            if let Some(transport) = self.consumers.get(consumer).map(|consumer| consumer.transport)
                && !transports.contains(&transport)
            {
                transports.push(transport);
            }
        }
        for transport in transports {
            self.choose_layers(now, transport);
        }
    }

    fn note_arrival(&mut self, now: Instant, from: TransportKey, number: u16, ssrc: u32) {
        let Some(transport) = self.transports.get_mut(from) else { return };
        let arrivals = transport.arrivals.get_or_insert_with(|| Box::new(congestion::Arrivals::new(now)));
        let is_full = arrivals.record(now, number, ssrc);
        let at = if is_full { now } else { now + congestion::INTERVAL };
        if transport.feedback_at.is_none_or(|before| at < before) {
            transport.feedback_at = Some(at);
            self.schedule(from);
        }
    }
}

/// Sends a packet to one subscriber, if it is for him. True if he gets this layer from now on.
fn deliver(
    now: &Now,
    consumer: &mut Consumer,
    transport: &mut Transport,
    layers: &[Layer],
    packet: &Packet<'_>,
    egress: &mut Egress,
    counters: &mut Counters,
) -> bool {
    if consumer.is_paused || transport.keys.is_none() {
        return false;
    }
    let descriptor = packet.descriptor.as_ref();
    let before = consumer.selection.current();
    // Only padding, sent to probe the way to the node.
    let is_empty = packet.content(consumer).0.is_empty();
    let verdict = consumer.selection.decide(packet.layer, packet.begins && !is_empty, descriptor);
    match verdict {
        Verdict::Ignore => return false,
        Verdict::LeaveOut => {
            let begins_frame = descriptor.is_some_and(Descriptor::begins_frame);
            consumer.mapper.leave_out(packet.sequence, begins_frame);
            return false;
        }
        Verdict::Forward if is_empty => {
            consumer.mapper.leave_out(packet.sequence, false);
            return false;
        }
        Verdict::Forward => {}
        Verdict::Begin => {
            let next = consumer.stream.next().max(consumer.first);
            let time = before.and_then(|before| time_between(layers, before, packet.layer, consumer.mapper.time()?));
            let start = Start { sequence: packet.sequence, next, timestamp: packet.timestamp, time };
            consumer.mapper.begin(now.at, &start, descriptor, consumer.clock_rate);
        }
    }
    if let Some(numbers) = consumer.mapper.map(now.at, packet.sequence, packet.timestamp, descriptor) {
        write(now, consumer, transport, packet, numbers, egress, counters);
    }
    verdict == Verdict::Begin && before != Some(packet.layer)
}

/// The difference of timestamps for another layer, from the publisher's clocks: what had the same time has the same time again.
fn time_between(layers: &[Layer], from: u8, to: u8, time: u32) -> Option<u32> {
    let clock = |layer: u8| layers.get(usize::from(layer))?.reception.clock;
    let (old, new) = (clock(from)?, clock(to)?);
    let rate = u64::from(layers.get(usize::from(to))?.reception.clock_rate());
    // Distance of the reports in 32.32 seconds, in units of the clock.
    let distance = new.ntp.wrapping_sub(old.ntp) as i64;
    let ticks = ((i128::from(distance) * i128::from(rate)) >> 32) as i64;
    let then = old.rtp.wrapping_add(ticks as u32);
    Some(then.wrapping_sub(new.rtp).wrapping_add(time))
}

fn write(
    now: &Now,
    consumer: &mut Consumer,
    transport: &mut Transport,
    packet: &Packet<'_>,
    numbers: Numbers,
    egress: &mut Egress,
    counters: &mut Counters,
) {
    let Some(keys) = &mut transport.keys else { return };
    let estimator = transport.estimator.as_deref_mut().filter(|_| consumer.wanted.transport_cc);
    let (payload, payload_type) = packet.content(consumer);
    let sending = Sending {
        marker: packet.marker,
        payload_type,
        timestamp: numbers.timestamp,
        carried: &packet.carried,
        wanted: consumer.wanted,
        send_time: now.send_time,
        transport_cc: estimator.as_ref().map_or(0, |estimator| estimator.number()),
    };
    let (buffer, start) = egress.begin();
    let header = write_header(buffer, &sending);
    buffer.extend_from_slice(payload);
    if let Some(red) = packet.red.filter(|_| payload_type != consumer.payload_type)
        && let Some(copy) = buffer.get_mut(start + header..)
    {
        red.rewrite(copy, consumer.payload_type);
    }
    if let Some(descriptor) = &packet.descriptor
        && let Some(copy) = buffer.get_mut(start + header..)
    {
        descriptor.rewrite(copy, numbers.picture, numbers.base);
    }
    if consumer.stream.seal(&mut keys.sealer, numbers.index, header, buffer, start).is_err() {
        egress.rollback(start);
        return;
    }
    if let Some(estimator) = estimator {
        estimator.sent(now.at, egress.since(start));
    }
    consumer.packets += 1;
    consumer.bytes += payload.len() as u64;
    counters.rtp_out += 1;
    if consumer.repair.is_some() {
        consumer.history.insert(Sent {
            sequence: numbers.index as u16,
            original: packet.sequence as u16,
            picture: numbers.picture,
            base: numbers.base,
            layer: packet.layer,
            timestamp: numbers.timestamp,
            ..Sent::default()
        });
    }
    Worker::send(egress, counters, transport, start, !consumer.codec.is_video());
}
