//! Subscribing.

use std::time::Instant;

use dais_media::{
    Direction, MediaKind, RtpCapabilities,
    control::ConsumerType,
    ortc::{self, ConsumerSsrcs},
};

use super::{
    Consumer, NewConsumer, PreferredLayers, Worker, consumer::Repair, publish::NO_PRODUCER, transports::NO_TRANSPORT,
};
use crate::{
    PlaneError,
    congestion::Estimator,
    forward::{History, Mapper, Selection},
    keys::{ConsumerKey, ProducerKey, TransportKey},
    random::u32_of,
    rtp::Wanted,
    srtp::Outbound,
};

/// SSRCs that one client may be sent over time; none is used again.
const MAX_CLAIMS: usize = 1 << 16;
/// Longest canonical name (RFC 3550, 6.5).
const MAX_CNAME: usize = 255;

const NO_CONSUMER: PlaneError = PlaneError::NotFound { what: "consumer" };

impl Worker {
    /// Subscribes on a receiving transport of the same room. `cname` is that of all streams which are to be in sync with it, and is cut to
    /// 255 bytes. The consumer starts paused.
    pub fn consume(
        &mut self,
        _now: Instant,
        transport: TransportKey,
        producer: ProducerKey,
        device: &RtpCapabilities,
        cname: &str,
    ) -> Result<NewConsumer, PlaneError> {
        let max = self.config.bounds.consumers;
        let there = self.transports.get(transport).ok_or(NO_TRANSPORT)?;
        let source = self.producers.get(producer).ok_or(NO_PRODUCER)?;
        if there.direction != Direction::Recv {
            return Err(PlaneError::WrongTransport { reason: "it is for sending" });
        }
        if there.room != source.room {
            return Err(PlaneError::WrongTransport { reason: "it is in another room" });
        }
        if there.consumers.len() >= max || there.claims.len() >= MAX_CLAIMS {
            return Err(PlaneError::TooMany { what: "consumers", max });
        }
        let cname = cname.get(..cname.floor_char_boundary(MAX_CNAME)).unwrap_or_default().to_owned();
        let (stream, rtx) = (self.claim(transport)?, self.claim(transport)?);
        let source = self.producers.get(producer).ok_or(NO_PRODUCER)?;
        let ssrcs = ConsumerSsrcs { media: stream.ssrc(), rtx: rtx.ssrc() };
        let parameters = ortc::consume(&source.published, device, ssrcs, &cname).ok_or(PlaneError::CannotConsume)?;
        let mut payload_types = parameters.codecs.iter().map(|codec| codec.payload_type);
        let payload_type = payload_types.next().ok_or(PlaneError::CannotConsume)?;
        let repairs = parameters.encodings.first().is_some_and(|encoding| encoding.rtx.is_some());
        let red_payload_type = ortc::red(&parameters.codecs).map(|codec| codec.payload_type);
        let is_simulcast = source.layers.len() > 1;
        let (codec, clock_rate) = (source.codec, source.published.codec.clock_rate);
        let is_video = source.published.kind == MediaKind::Video;
        let producer_paused = source.is_paused;
        let repair = payload_types.next().filter(|_| repairs).map(|payload_type| Repair {
            stream: rtx,
            payload_type,
            first: u64::from(u32_of(self.random.as_mut()) & 0x7fff),
        });
        let wanted = Wanted::read(&parameters);
        let random = u32_of(self.random.as_mut());
        let consumer = Consumer {
            transport,
            producer,
            codec,
            clock_rate,
            payload_type,
            red_payload_type,
            cname,
            first: u64::from(random & 0x7fff),
            stream,
            wanted,
            is_paused: true,
            selection: Selection::new((!is_simulcast).then_some(0)),
            preferred: PreferredLayers { spatial: u8::MAX, temporal: None },
            mapper: Mapper::new((random >> 16) as u16, (random >> 8) as u8),
            history: History::default(),
            reports: [None; 2],
            packets: 0,
            bytes: 0,
            retransmitted: 0,
            nacks: 0,
            plis: 0,
            fraction_lost: 0,
            lost: 0,
            jitter: 0,
            reported: 0,
            repair,
        };
        let sinks = [Some(&consumer.stream), consumer.repair.as_ref().map(|repair| &repair.stream)];
        let sinks: Vec<u32> = sinks.into_iter().flatten().map(Outbound::ssrc).collect();
        let has_repair = consumer.repair.is_some();
        let key = self.consumers.insert(Box::new(consumer));
        if let Some(source) = self.producers.get_mut(producer) {
            source.consumers.push(key);
            source.repairing += usize::from(has_repair);
        }
        if let Some(there) = self.transports.get_mut(transport) {
            there.consumers.push(key);
            there.sinks.extend(sinks.into_iter().map(|ssrc| (ssrc, key)));
            if wanted.transport_cc && is_video && there.estimator.is_none() {
                there.estimator = Some(Box::new(Estimator::new(self.config.initial_estimate)));
            }
        }
        Ok(NewConsumer {
            key,
            rtp_parameters: parameters,
            kind_of_stream: if is_simulcast { ConsumerType::Simulcast } else { ConsumerType::Simple },
            producer_paused,
        })
    }

    fn claim(&mut self, transport: TransportKey) -> Result<Outbound, PlaneError> {
        let there = self.transports.get_mut(transport).ok_or(NO_TRANSPORT)?;
        loop {
            let ssrc = u32_of(self.random.as_mut());
            if ssrc != 0
                && ssrc != there.rtcp_ssrc
                && let Some(stream) = there.claims.claim(ssrc)
            {
                return Ok(stream);
            }
        }
    }

    /// Stops sending to a consumer.
    pub fn pause_consumer(&mut self, consumer: ConsumerKey) -> Result<(), PlaneError> {
        self.consumers.get_mut(consumer).ok_or(NO_CONSUMER)?.is_paused = true;
        Ok(())
    }

    /// Begins or goes on sending to a consumer; asks for a key frame.
    pub fn resume_consumer(&mut self, now: Instant, consumer: ConsumerKey) -> Result<(), PlaneError> {
        let there = self.consumers.get_mut(consumer).ok_or(NO_CONSUMER)?;
        if std::mem::replace(&mut there.is_paused, false) {
            self.begin_anew(now, consumer);
        }
        Ok(())
    }

    /// Ends a consumer, with a BYE.
    pub fn close_consumer(&mut self, _now: Instant, consumer: ConsumerKey) {
        let Some(there) = self.consumers.remove(consumer) else { return };
        if let Some(source) = self.producers.get_mut(there.producer) {
            source.consumers.retain(|other| *other != consumer);
            source.repairing = source.repairing.saturating_sub(usize::from(there.repair.is_some()));
        }
        if there.packets > 0 {
            self.say_goodbye(there.transport, there.stream.ssrc());
        }
        if let Some(transport) = self.transports.get_mut(there.transport) {
            transport.consumers.retain(|other| *other != consumer);
            transport.sinks.retain(|_, of| *of != consumer);
        }
    }

    /// The best layers that a consumer is to get. Nothing changes for one that has one layer.
    pub fn set_preferred_layers(
        &mut self,
        now: Instant,
        consumer: ConsumerKey,
        layers: PreferredLayers,
    ) -> Result<(), PlaneError> {
        let there = self.consumers.get_mut(consumer).ok_or(NO_CONSUMER)?;
        there.preferred = layers;
        there.selection.limit_temporal(layers.temporal);
        let transport = there.transport;
        self.choose_layers(now, transport);
        Ok(())
    }
}
