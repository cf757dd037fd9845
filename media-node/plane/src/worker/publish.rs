//! Publishing.

use std::time::Instant;

use dais_media::{Direction, ortc::Published};

use super::{
    Producer, Worker,
    transport::{Binding, Source},
    transports::NO_TRANSPORT,
};
use crate::{
    Event, PlaneError,
    keys::{ConsumerKey, ProducerKey, TransportKey},
    srtp::Received,
};

pub(super) const NO_PRODUCER: PlaneError = PlaneError::NotFound { what: "producer" };

impl Worker {
    /// Publishes on a sending transport.
    pub fn produce(
        &mut self,
        now: Instant,
        transport: TransportKey,
        published: Published,
    ) -> Result<ProducerKey, PlaneError> {
        let max = self.config.bounds.producers;
        let there = self.transports.get(transport).ok_or(NO_TRANSPORT)?;
        if there.direction != Direction::Send {
            return Err(PlaneError::WrongTransport { reason: "it is for receiving" });
        }
        if there.producers.len() >= max {
            return Err(PlaneError::TooMany { what: "producers", max });
        }
        let encodings = &published.encodings;
        if encodings.is_empty() || encodings.len() > dais_media::rtp::MAX_ENCODINGS {
            return Err(PlaneError::TooMany { what: "encodings", max: dais_media::rtp::MAX_ENCODINGS });
        }
        let ssrcs: Vec<(u32, u8, bool)> = encodings
            .iter()
            .enumerate()
            .flat_map(|(at, encoding)| {
                let own = encoding.ssrc.map(|ssrc| (ssrc, at as u8, false));
                let rtx = encoding.rtx.map(|rtx| (rtx.ssrc, at as u8, true));
                own.into_iter().chain(rtx)
            })
            .collect();
        for (at, (ssrc, ..)) in ssrcs.iter().enumerate() {
            let is_anothers =
                there.sources.get(ssrc).is_some_and(|source| self.producers.contains_key(source.binding.producer));
            if is_anothers || ssrcs.iter().skip(at + 1).any(|(other, ..)| other == ssrc) {
                return Err(PlaneError::StreamInUse);
            }
        }
        // Streams that have a name only must be told apart by it and by the media section.
        let clashes = there.producers.iter().filter_map(|key| self.producers.get(*key)).any(|other| {
            other.published.mid == published.mid
                && encodings.iter().any(|own| {
                    own.ssrc.is_none() && other.layers.iter().any(|layer| layer.rid.is_some() && layer.rid == own.rid)
                })
        });
        if clashes {
            return Err(PlaneError::StreamInUse);
        }
        let (kept, kept_for) = (self.config.bounds.retransmissions, self.config.retransmission_time);
        let producer = Producer::new(now, transport, there.room, published, kept, kept_for);
        let key = self.producers.insert(producer);
        if let Some(there) = self.transports.get_mut(transport) {
            for (ssrc, layer, repairs) in ssrcs {
                let binding = Binding { producer: key, layer, repairs };
                // What was received under this SSRC before stays received.
                let source = there.sources.entry(ssrc).or_insert(Source { binding, received: Received::default() });
                source.binding = binding;
            }
            there.producers.push(key);
        }
        Ok(key)
    }

    /// Stops forwarding of a producer at once: packets that come after this call go to nobody.
    pub fn pause_producer(&mut self, producer: ProducerKey) -> Result<(), PlaneError> {
        let there = self.producers.get_mut(producer).ok_or(NO_PRODUCER)?;
        there.is_paused = true;
        for layer in &mut there.layers {
            layer.missing.clear();
            layer.wants_key = false;
        }
        let room = there.room;
        self.silence(room, producer);
        Ok(())
    }

    /// Goes on; asks for a key frame.
    pub fn resume_producer(&mut self, now: Instant, producer: ProducerKey) -> Result<(), PlaneError> {
        let there = self.producers.get_mut(producer).ok_or(NO_PRODUCER)?;
        if std::mem::replace(&mut there.is_paused, false) {
            for consumer in there.consumers.clone() {
                self.begin_anew(now, consumer);
            }
        }
        Ok(())
    }

    /// Ends a producer and its consumers, which are returned. Its packets are dropped from now on.
    pub fn close_producer(&mut self, now: Instant, producer: ProducerKey) -> Vec<ConsumerKey> {
        let Some(there) = self.producers.remove(producer) else { return Vec::new() };
        for consumer in &there.consumers {
            self.close_consumer(now, *consumer);
        }
        if let Some(transport) = self.transports.get_mut(there.transport) {
            transport.producers.retain(|other| *other != producer);
        }
        self.silence(there.room, producer);
        there.consumers
    }

    /// He is not heard any more, so he does not speak.
    fn silence(&mut self, room: crate::RoomKey, producer: ProducerKey) {
        if self.rooms.get_mut(room).is_some_and(|there| there.speakers.gone(producer)) {
            self.tell(Event::DominantSpeaker { room, producer: None });
        }
    }
}
