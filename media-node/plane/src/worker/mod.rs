//! One worker.

mod consumer;
mod demand;
mod eviction;
mod feedback;
mod forwarding;
mod ingress;
mod producer;
mod publish;
mod reports;
mod resend;
mod room;
mod rooms;
mod statistics;
mod subscribe;
mod timers;
mod transport;
mod transports;

use std::{
    collections::{BinaryHeap, HashMap, VecDeque},
    net::SocketAddr,
    sync::Arc,
    time::Instant,
};

use dais_media::{DtlsParameters, IceParameters, RtpParameters, control::ConsumerType, transport::IceCandidate};
use slotmap::SlotMap;

use crate::{
    Egress, Event, Identity, Random, WorkerConfig,
    dtls::Configs,
    keys::{ConsumerKey, ProducerKey, RoomKey, TransportKey},
    stats::Counters,
};
use consumer::Consumer;
#[cfg(feature = "panics")]
pub use eviction::PANIC;
use producer::Producer;
use room::Room;
use transport::Transport;

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
    config: WorkerConfig,
    identity: Arc<Identity>,
    configs: Result<Configs, String>,
    random: Box<dyn Random>,
    epoch: Instant,
    rooms: SlotMap<RoomKey, Room>,
    transports: SlotMap<TransportKey, Transport>,
    producers: SlotMap<ProducerKey, Producer>,
    /// Boxed, as the places of those who have gone stay.
    consumers: SlotMap<ConsumerKey, Box<Consumer>>,
    by_address: HashMap<SocketAddr, TransportKey>,
    by_name: HashMap<String, TransportKey>,
    timers: BinaryHeap<timers::Timer>,
    /// Identifies transports to their nonces.
    owners: u64,
    egress: Egress,
    events: VecDeque<Event>,
    /// The transport that it is about, of which the last datagram or the last timer was.
    at_work: Option<TransportKey>,
    counters: Counters,
}

impl Worker {
    /// An empty worker.
    pub fn new(config: WorkerConfig, identity: Arc<Identity>, random: Box<dyn Random>, now: Instant) -> Self {
        let configs = Configs::new(identity.certificate(), identity.provider());
        Self {
            config,
            identity,
            configs,
            random,
            epoch: now,
            rooms: SlotMap::with_key(),
            transports: SlotMap::with_key(),
            producers: SlotMap::with_key(),
            consumers: SlotMap::with_key(),
            by_address: HashMap::new(),
            by_name: HashMap::new(),
            timers: BinaryHeap::new(),
            owners: 0,
            egress: Egress::default(),
            events: VecDeque::new(),
            at_work: None,
            counters: Counters::default(),
        }
    }

    /// What is to be sent. Send it after every batch of [`Worker::receive`], after [`Worker::advance`] and after calls, then
    /// [`Egress::clear`] it.
    pub fn egress(&mut self) -> &mut Egress {
        &mut self.egress
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Counters since the start.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// What must be said is said; who speaks and which layers flow is dropped when nobody listens.
    fn tell(&mut self, event: Event) {
        let is_dispensable = matches!(event, Event::DominantSpeaker { .. } | Event::LayersChanged { .. });
        if !is_dispensable || self.events.len() < self.config.bounds.events {
            self.events.push_back(event);
        }
    }

    /// Hands a finished datagram, which begins at `start` in the buffer, to the shell.
    fn send(egress: &mut Egress, counters: &mut Counters, transport: &mut Transport, start: usize, is_audio: bool) {
        match transport.ice.selected() {
            Some(to) => {
                let length = egress.commit(to, start, is_audio);
                transport.packets_out += 1;
                transport.bytes_out += length as u64;
                counters.packets_out += 1;
                counters.bytes_out += length as u64;
            }
            None => egress.rollback(start),
        }
    }
}
