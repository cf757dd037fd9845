//! Statistics of what a worker has.

use super::{Worker, producer::Layer};
use crate::{
    keys::{ConsumerKey, ProducerKey, TransportKey},
    stats::{ConsumerStats, ProducerStats, StreamStats, TransportStats},
};

impl Worker {
    /// Statistics of a transport.
    pub fn transport_stats(&self, transport: TransportKey) -> Option<TransportStats> {
        let there = self.transports.get(transport)?;
        Some(TransportStats {
            up: there.is_up,
            remote: there.ice.selected(),
            srtp_profile: there.keys.as_ref().map(|keys| keys.profile),
            packets_in: there.packets_in,
            bytes_in: there.bytes_in,
            packets_out: there.packets_out,
            bytes_out: there.bytes_out,
            rtt_ms: there.rtt.map(|rtt| rtt.as_secs_f64() * 1000.0),
            estimate: there.estimator.as_ref().and_then(|estimator| estimator.estimate()),
        })
    }

    /// Statistics of a producer.
    pub fn producer_stats(&self, producer: ProducerKey) -> Option<ProducerStats> {
        let there = self.producers.get(producer)?;
        let stream = |layer: &Layer| StreamStats {
            ssrc: layer.ssrc,
            rid: layer.rid.clone(),
            packets: layer.reception.packets,
            bytes: layer.reception.bytes,
            lost: layer.reception.lost(),
            jitter_ms: layer.reception.jitter_ms(),
            recovered: layer.recovered,
            nacks: layer.missing.asked,
            plis: layer.plis,
            bitrate: layer.reception.bitrate,
        };
        Some(ProducerStats { paused: there.is_paused, streams: there.layers.iter().map(stream).collect() })
    }

    /// Statistics of a consumer.
    pub fn consumer_stats(&self, consumer: ConsumerKey) -> Option<ConsumerStats> {
        let there = self.consumers.get(consumer)?;
        Some(ConsumerStats {
            paused: there.is_paused,
            packets: there.packets,
            bytes: there.bytes,
            fraction_lost: f64::from(there.fraction_lost) / 256.0,
            lost: there.lost,
            jitter_ms: f64::from(there.jitter) * 1000.0 / f64::from(there.clock_rate.max(1)),
            nacks: there.nacks,
            retransmitted: there.retransmitted,
            plis: there.plis,
            spatial: there.selection.current(),
        })
    }

    /// How many rooms, transports, producers and consumers there are.
    pub fn population(&self) -> (usize, usize, usize, usize) {
        (self.rooms.len(), self.transports.len(), self.producers.len(), self.consumers.len())
    }
}
