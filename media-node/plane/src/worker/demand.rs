//! Which layers subscribers get, and the key frames that are needed for them.

use std::time::{Duration, Instant};

use super::{Consumer, Producer, Worker};
use crate::{
    Event,
    keys::{ConsumerKey, ProducerKey, TransportKey},
};

/// Share of the estimate that layers may use, in percent: the rest is for audio and retransmissions.
const USABLE: u64 = 90;
/// A better layer must fit with this much room, in percent of its bitrate, so that it is not given up at once.
const ROOM: u64 = 120;

impl Worker {
    /// What comes next for a consumer must be something to begin with.
    pub(super) fn begin_anew(&mut self, now: Instant, consumer: ConsumerKey) {
        let Some(there) = self.consumers.get_mut(consumer) else { return };
        let needs_key = there.selection.restart();
        let (producer, transport) = (there.producer, there.transport);
        let (target, is_paused) = (there.selection.target(), there.is_paused);
        if target.is_none() {
            self.choose_layers(now, transport);
        } else if needs_key && !is_paused {
            self.want_key_frame(now, producer, target.unwrap_or_default());
        }
    }

    /// A transport is up: its consumers that have been resumed already need a beginning.
    pub(super) fn ask_for_beginnings(&mut self, now: Instant, transport: TransportKey) {
        let consumers = self.transports.get(transport).map(|there| there.consumers.clone());
        for consumer in consumers.unwrap_or_default() {
            self.begin_anew(now, consumer);
        }
    }

    /// A key frame of a layer is wanted. It is asked for at once, or as soon as the last request is old enough.
    pub(super) fn want_key_frame(&mut self, now: Instant, producer: ProducerKey, layer: u8) {
        let Some(there) = self.producers.get_mut(producer) else { return };
        if there.is_paused || !there.codec.is_video() {
            return;
        }
        let Some(stream) = there.layers.get_mut(usize::from(layer)) else { return };
        (stream.wants_key, stream.is_pending) = (true, true);
        let transport = there.transport;
        let at = stream.asked.map_or(now, |asked| (asked + self.config.pli_interval).max(now));
        if at <= now {
            self.ask_for_key_frame(now, producer, layer);
        }
        if let Some(there) = self.transports.get_mut(transport) {
            let again = at.max(now + Duration::from_millis(1));
            let again = if at <= now { now + self.config.pli_interval } else { again };
            there.requests_at = Some(there.requests_at.map_or(again, |before| before.min(again)));
        }
        self.schedule(transport);
    }

    fn ask_for_key_frame(&mut self, now: Instant, producer: ProducerKey, layer: u8) {
        let Some(there) = self.producers.get_mut(producer) else { return };
        let Some(stream) = there.layers.get_mut(usize::from(layer)) else { return };
        let (Some(ssrc), transport) = (stream.ssrc, there.transport) else { return };
        if self.say_picture_lost(transport, ssrc)
            && let Some(stream) =
                self.producers.get_mut(producer).and_then(|there| there.layers.get_mut(usize::from(layer)))
        {
            (stream.asked, stream.is_pending) = (Some(now), false);
            stream.plis += 1;
            self.counters.plis_sent += 1;
        }
    }

    /// Asks again for key frames that have not come, or could not be asked for yet. Returns when to look again.
    pub(super) fn ask_again_for_key_frames(&mut self, now: Instant, producer: ProducerKey) -> Option<Instant> {
        let there = self.producers.get(producer)?;
        let mut next: Option<Instant> = None;
        for layer in 0..there.layers.len() as u8 {
            let Some(there) = self.producers.get_mut(producer) else { break };
            let Some(stream) = there.layers.get_mut(usize::from(layer)) else { continue };
            if !stream.wants_key {
                continue;
            }
            // Who has lost the picture asks again himself; who cannot begin does not.
            let is_awaited = there.consumers.iter().any(|consumer| {
                self.consumers.get(*consumer).is_some_and(|own| !own.is_paused && own.selection.awaits(layer))
            });
            if !is_awaited && !stream.is_pending {
                stream.wants_key = false;
                continue;
            }
            let at = stream.asked.map_or(now, |asked| asked + self.config.pli_interval);
            if at <= now {
                self.ask_for_key_frame(now, producer, layer);
            }
            let again = at.max(now) + if at <= now { self.config.pli_interval } else { Duration::ZERO };
            next = Some(next.map_or(again, |next| next.min(again)));
        }
        next
    }

    /// Chooses layers for all consumers of a transport, so that what it gets fits its estimate.
    pub(super) fn choose_layers(&mut self, now: Instant, transport: TransportKey) {
        let Some(there) = self.transports.get(transport) else { return };
        let estimate = there.estimator.as_ref().and_then(|estimator| estimator.estimate());
        let budget = estimate.map_or(u64::MAX, |estimate| estimate / 100 * USABLE);
        let mut plans: Vec<Plan> = Vec::new();
        let mut used = 0_u64;
        for key in &there.consumers {
            let Some(consumer) = self.consumers.get(*key).filter(|consumer| !consumer.is_paused) else { continue };
            let Some(producer) = self.producers.get(consumer.producer) else { continue };
            if producer.layers.len() > 1 {
                plans.push(Plan::new(now, *key, consumer, producer));
            } else {
                used += producer.layers.first().map_or(0, |layer| layer.reception.bitrate);
            }
        }
        // Everybody's smallest layer first, then one step up for each as long as it fits.
        used += plans.iter().map(|plan| plan.cost(0)).sum::<u64>();
        let mut is_changing = true;
        while is_changing {
            is_changing = false;
            for plan in &mut plans {
                let more = plan.cost(plan.step + 1).saturating_sub(plan.cost(plan.step));
                if plan.step + 1 < plan.layers.len() && used.saturating_add(more) <= budget {
                    plan.step += 1;
                    used += more;
                    is_changing = true;
                }
            }
        }
        for plan in plans {
            let target = plan.layers.get(plan.step).map(|(layer, _)| *layer);
            let Some(consumer) = self.consumers.get_mut(plan.consumer) else { continue };
            let (producer, had_one) = (consumer.producer, consumer.selection.current().is_some());
            if consumer.selection.target() != target && consumer.selection.aim(target) {
                self.want_key_frame(now, producer, target.unwrap_or_default());
            }
            if target.is_none() && had_one {
                self.tell(Event::LayersChanged { consumer: plan.consumer, spatial: None });
            }
        }
    }
}

/// The layers that a consumer could get, the smallest first, and which of them it is to get.
struct Plan {
    consumer: ConsumerKey,
    layers: Vec<(u8, u64)>,
    current: Option<u8>,
    step: usize,
}

impl Plan {
    fn new(now: Instant, key: ConsumerKey, consumer: &Consumer, producer: &Producer) -> Self {
        let mut layers: Vec<_> = producer.alive(now).collect();
        let wanted = |(layer, _): &(u8, u64)| *layer <= consumer.preferred.spatial;
        // If all that is sent is above what he prefers, he gets the smallest of it.
        match layers.iter().any(wanted) {
            true => layers.retain(wanted),
            false => layers.truncate(1),
        }
        Self { consumer: key, layers, current: consumer.selection.current(), step: 0 }
    }

    fn cost(&self, step: usize) -> u64 {
        match self.layers.get(step) {
            Some((layer, bitrate)) if self.current.is_none_or(|current| *layer > current) && step > 0 => {
                bitrate / 100 * ROOM
            }
            Some((_, bitrate)) => *bitrate,
            None => 0,
        }
    }
}
