//! One worker.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use dais_media::{
    Direction, DtlsParameters, IceParameters, RtpCapabilities, RtpParameters, control::ConsumerType, ortc::Published,
    transport::IceCandidate,
};

use crate::{
    Egress, Event, Identity, PlaneError, Random, WorkerConfig,
    keys::{ConsumerKey, ProducerKey, RoomKey, TransportKey},
    stats::{ConsumerStats, Counters, ProducerStats, TransportStats},
};

/// A transport, as its client must be told it.
#[derive(Debug, Clone)]
pub struct NewTransport {
    /// Its handle.
    pub key: TransportKey,
    /// The node's ICE credentials.
    pub ice_parameters: IceParameters,
    /// The node's addresses.
    pub ice_candidates: Vec<IceCandidate>,
    /// The node's certificate.
    pub dtls_parameters: DtlsParameters,
}

/// A consumer, as its client must be told it. It starts paused.
#[derive(Debug, Clone)]
pub struct NewConsumer {
    /// Its handle.
    pub key: ConsumerKey,
    /// What the client will receive.
    pub rtp_parameters: RtpParameters,
    /// How its stream is made up.
    pub kind_of_stream: ConsumerType,
    /// Nothing flows until its publisher goes on.
    pub producer_paused: bool,
}

/// The best layers that a subscriber wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreferredLayers {
    /// Simulcast layer, 0 is the smallest.
    pub spatial: u8,
    /// Temporal layer, 0 has the fewest frames; all when absent.
    pub temporal: Option<u8>,
}

/// All rooms of one UDP port.
pub struct Worker {
    egress: Egress,
    counters: Counters,
}

impl Worker {
    /// An empty worker.
    pub fn new(config: WorkerConfig, identity: Arc<Identity>, random: Box<dyn Random>, now: Instant) -> Self {
        let _ = (config, identity, random, now);
        Self { egress: Egress::default(), counters: Counters::default() }
    }

    /// Opens a room.
    pub fn open_room(&mut self) -> Result<RoomKey, PlaneError> {
        Err(PlaneError::NotFound { what: "room" })
    }

    /// Closes a room with all its transports. Says BYE to subscribers and `close_notify` to all.
    pub fn close_room(&mut self, room: RoomKey) {
        let _ = room;
    }

    /// Makes a transport for a client of a room.
    pub fn create_transport(
        &mut self,
        now: Instant,
        room: RoomKey,
        direction: Direction,
    ) -> Result<NewTransport, PlaneError> {
        let _ = (now, room, direction);
        Err(PlaneError::NotFound { what: "room" })
    }

    /// The client's certificate and role. Media is accepted only after this. Saying the same again changes nothing.
    pub fn connect_transport(
        &mut self,
        now: Instant,
        transport: TransportKey,
        dtls: &DtlsParameters,
    ) -> Result<(), PlaneError> {
        let _ = (now, transport, dtls);
        Err(PlaneError::NotFound { what: "transport" })
    }

    /// New ICE credentials. The old ones stay valid until the client has nominated a path with the new ones.
    pub fn restart_ice(&mut self, transport: TransportKey) -> Result<IceParameters, PlaneError> {
        let _ = transport;
        Err(PlaneError::NotFound { what: "transport" })
    }

    /// Closes a transport with all its producers and consumers, and the consumers of those producers.
    pub fn close_transport(&mut self, now: Instant, transport: TransportKey) {
        let _ = (now, transport);
    }

    /// Publishes on a sending transport.
    pub fn produce(
        &mut self,
        now: Instant,
        transport: TransportKey,
        published: Published,
    ) -> Result<ProducerKey, PlaneError> {
        let _ = (now, transport, published);
        Err(PlaneError::NotFound { what: "transport" })
    }

    /// Subscribes on a receiving transport of the same room. `cname` is that of all streams which are to be in sync with it.
    /// The consumer starts paused.
    pub fn consume(
        &mut self,
        now: Instant,
        transport: TransportKey,
        producer: ProducerKey,
        device: &RtpCapabilities,
        cname: &str,
    ) -> Result<NewConsumer, PlaneError> {
        let _ = (now, transport, producer, device, cname);
        Err(PlaneError::NotFound { what: "transport" })
    }

    /// Stops forwarding of a producer at once: no packet of it is in [`Worker::egress`] after this.
    pub fn pause_producer(&mut self, producer: ProducerKey) -> Result<(), PlaneError> {
        let _ = producer;
        Err(PlaneError::NotFound { what: "producer" })
    }

    /// Goes on; asks for a key frame.
    pub fn resume_producer(&mut self, now: Instant, producer: ProducerKey) -> Result<(), PlaneError> {
        let _ = (now, producer);
        Err(PlaneError::NotFound { what: "producer" })
    }

    /// Ends a producer and its consumers, which are returned. Its packets are dropped from now on.
    pub fn close_producer(&mut self, now: Instant, producer: ProducerKey) -> Vec<ConsumerKey> {
        let _ = (now, producer);
        Vec::new()
    }

    /// Stops sending to a consumer.
    pub fn pause_consumer(&mut self, consumer: ConsumerKey) -> Result<(), PlaneError> {
        let _ = consumer;
        Err(PlaneError::NotFound { what: "consumer" })
    }

    /// Begins or goes on sending to a consumer; asks for a key frame.
    pub fn resume_consumer(&mut self, now: Instant, consumer: ConsumerKey) -> Result<(), PlaneError> {
        let _ = (now, consumer);
        Err(PlaneError::NotFound { what: "consumer" })
    }

    /// Ends a consumer, with a BYE.
    pub fn close_consumer(&mut self, now: Instant, consumer: ConsumerKey) {
        let _ = (now, consumer);
    }

    /// The best layers that a consumer is to get. Nothing changes for one that has one layer.
    pub fn set_preferred_layers(
        &mut self,
        now: Instant,
        consumer: ConsumerKey,
        layers: PreferredLayers,
    ) -> Result<(), PlaneError> {
        let _ = (now, consumer, layers);
        Err(PlaneError::NotFound { what: "consumer" })
    }

    /// A datagram has come. It is decrypted in place. Never fails: what is wrong with it is counted.
    pub fn receive(&mut self, now: Instant, from: SocketAddr, datagram: &mut [u8]) {
        let _ = (now, from, datagram);
    }

    /// Does what is due at `now`. Call it when [`Worker::deadline`] has come; earlier does no harm.
    pub fn advance(&mut self, now: Instant) {
        let _ = now;
    }

    /// When [`Worker::advance`] is wanted next.
    pub fn deadline(&self) -> Option<Instant> {
        None
    }

    /// What is to be sent. Send it after every batch of [`Worker::receive`], after [`Worker::advance`] and after calls, then
    /// [`Egress::clear`] it.
    pub fn egress(&mut self) -> &mut Egress {
        &mut self.egress
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        None
    }

    /// Counters since the start.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Statistics of a transport.
    pub fn transport_stats(&self, transport: TransportKey) -> Option<TransportStats> {
        let _ = transport;
        None
    }

    /// Statistics of a producer.
    pub fn producer_stats(&self, producer: ProducerKey) -> Option<ProducerStats> {
        let _ = producer;
        None
    }

    /// Statistics of a consumer.
    pub fn consumer_stats(&self, consumer: ConsumerKey) -> Option<ConsumerStats> {
        let _ = consumer;
        None
    }
}
