//! A worker and clients on a network of virtual time: nothing waits, and a seed decides what is lost.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, VecDeque},
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use dais_media::{Direction, MediaKind, RtpParameters};
use dais_media_plane::{
    ConsumerKey, Event, Identity, NewConsumer, ProducerKey, Random, RoomKey, TransportKey, Worker, WorkerConfig,
    client::{
        Behaviour, Client, Noticed, Profiled,
        media::{PacketBuilder, PacketRead, device, published},
        rtc_rtcp::packet::Packet,
    },
};

/// Numbers from a seed (SplitMix64).
#[derive(Clone)]
pub struct Seeded(pub u64);

impl Seeded {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn chance(&mut self, percent: f64) -> bool {
        (self.next() % 100_000) as f64 / 1000.0 < percent
    }
}

impl Random for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.chunks_mut(8).for_each(|chunk| {
            let next = self.next().to_be_bytes();
            chunk.copy_from_slice(&next[..chunk.len()]);
        });
    }
}

/// What happens to datagrams.
#[derive(Debug, Clone, Copy)]
pub struct Network {
    pub delay: Duration,
    /// A random part of this is added.
    pub jitter: Duration,
    /// Percent.
    pub loss: f64,
    /// Percent.
    pub duplication: f64,
}

impl Default for Network {
    fn default() -> Self {
        Self { delay: Duration::from_millis(1), jitter: Duration::ZERO, loss: 0.0, duplication: 0.0 }
    }
}

pub struct Peer {
    pub client: Client,
    pub address: SocketAddr,
    pub transport: TransportKey,
    pub rtp: VecDeque<PacketRead>,
    pub rtcp: VecDeque<Box<dyn Packet>>,
    pub is_closed: bool,
    pub undecryptable: usize,
    /// When each packet of `rtp` came.
    pub times: VecDeque<Instant>,
}

impl Peer {
    /// Takes the packets of a kind out of what came by RTCP.
    pub fn rtcp_of<T: Clone + 'static>(&self) -> Vec<T> {
        self.rtcp.iter().filter_map(|packet| packet.as_any().downcast_ref::<T>().cloned()).collect()
    }
}

type Flight = Reverse<(Instant, u64)>;

pub struct World {
    pub worker: Worker,
    pub now: Instant,
    pub start: Instant,
    pub peers: Vec<Peer>,
    pub room: RoomKey,
    pub network: Network,
    /// Only for media and RTCP, once the transports are up.
    pub media_loss: f64,
    pub random: Seeded,
    pub events: Vec<Event>,
    flights: BinaryHeap<Flight>,
    datagrams: BTreeMap<u64, (SocketAddr, SocketAddr, Vec<u8>)>,
    count: u64,
    pub profiled: Arc<Profiled>,
}

pub const NODE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)), 40_000);

pub fn node_identity() -> Arc<Identity> {
    static IDENTITY: OnceLock<Arc<Identity>> = OnceLock::new();
    IDENTITY.get_or_init(|| Arc::new(Identity::generate().expect("identity"))).clone()
}

pub fn client_identity() -> Arc<Identity> {
    static IDENTITY: OnceLock<Arc<Identity>> = OnceLock::new();
    IDENTITY.get_or_init(|| Arc::new(Identity::generate().expect("identity"))).clone()
}

pub fn profiled(behaviour: Behaviour) -> Arc<Profiled> {
    Arc::new(Profiled::new(client_identity(), behaviour).expect("configuration"))
}

pub fn address(number: usize) -> SocketAddr {
    SocketAddr::from(([198, 51, 100, 1 + (number / 50_000) as u8], 10_000 + (number % 50_000) as u16))
}

impl World {
    pub fn new() -> Self {
        Self::with(WorkerConfig::new(NODE, vec![NODE]), 1)
    }

    pub fn with(config: WorkerConfig, seed: u64) -> Self {
        let now = Instant::now();
        let mut worker = Worker::new(config, node_identity(), Box::new(Seeded(seed)), now);
        let room = worker.open_room().expect("room");
        Self {
            worker,
            now,
            start: now,
            peers: Vec::new(),
            room,
            network: Network::default(),
            media_loss: 0.0,
            random: Seeded(seed ^ 0xabcd),
            events: Vec::new(),
            flights: BinaryHeap::new(),
            datagrams: BTreeMap::new(),
            count: 0,
            profiled: profiled(Behaviour::default()),
        }
    }

    /// A client with a transport that the node knows the certificate of. Not connected yet.
    pub fn join(&mut self, direction: Direction) -> usize {
        let profiled = self.profiled.clone();
        let peer = self.arrive(direction, profiled.clone());
        let transport = self.peers[peer].transport;
        self.worker.connect_transport(self.now, transport, &profiled.dtls_parameters()).expect("connect");
        peer
    }

    /// A client with a transport whose certificate the node does not know yet.
    pub fn arrive(&mut self, direction: Direction, profiled: Arc<Profiled>) -> usize {
        let transport = self.worker.create_transport(self.now, self.room, direction).expect("transport");
        let number = self.peers.len();
        let client = Client::new(self.now, profiled, &transport, number as u64 + 77);
        self.peers.push(Peer {
            client,
            address: address(number),
            transport: transport.key,
            rtp: VecDeque::new(),
            rtcp: VecDeque::new(),
            is_closed: false,
            undecryptable: 0,
            times: VecDeque::new(),
        });
        number
    }

    /// A connected client.
    pub fn connected(&mut self, direction: Direction) -> usize {
        let peer = self.join(direction);
        self.run_until(|world| world.peers[peer].client.is_connected() && world.is_up(peer));
        peer
    }

    pub fn is_up(&self, peer: usize) -> bool {
        self.worker.transport_stats(self.peers[peer].transport).is_some_and(|stats| stats.up)
    }

    pub fn produce(&mut self, peer: usize, kind: MediaKind, parameters: &RtpParameters) -> ProducerKey {
        let published = published(kind, parameters).expect("parameters");
        self.worker.produce(self.now, self.peers[peer].transport, published).expect("produce")
    }

    /// A consumer that has been resumed.
    pub fn consume(&mut self, peer: usize, producer: ProducerKey) -> NewConsumer {
        let consumer = self.consume_paused(peer, producer);
        self.worker.resume_consumer(self.now, consumer.key).expect("resume");
        consumer
    }

    pub fn consume_paused(&mut self, peer: usize, producer: ProducerKey) -> NewConsumer {
        let transport = self.peers[peer].transport;
        self.worker.consume(self.now, transport, producer, &device(), "cname").expect("consume")
    }

    pub fn send(&mut self, peer: usize, packet: &PacketBuilder) {
        self.peers[peer].client.send_rtp(&packet.build()).expect("send");
    }

    /// Lets time pass until something holds. Panics if it does not within a minute.
    pub fn run_until(&mut self, holds: impl Fn(&Self) -> bool) {
        let end = self.now + Duration::from_secs(60);
        while !holds(self) {
            assert!(self.now < end, "it does not come true");
            self.step(end);
        }
    }

    pub fn run_for(&mut self, duration: Duration) {
        let end = self.now + duration;
        while self.now < end {
            self.step(end);
        }
        self.settle();
    }

    pub fn run_ms(&mut self, milliseconds: u64) {
        self.run_for(Duration::from_millis(milliseconds));
    }

    /// Goes to the next thing that happens, at most to `end`.
    fn step(&mut self, end: Instant) {
        self.settle();
        let flight = self.flights.peek().map(|Reverse((at, _))| *at);
        let worker = self.worker.deadline();
        let clients = self.peers.iter().filter(|peer| !peer.is_closed).map(|peer| peer.client.deadline()).min();
        let next = [flight, worker, clients].into_iter().flatten().min().unwrap_or(end);
        self.now = next.clamp(self.now, end);
        while let Some(Reverse((at, number))) = self.flights.peek().copied()
            && at <= self.now
        {
            self.flights.pop();
            let (from, to, mut bytes) = self.datagrams.remove(&number).expect("in flight");
            if to == NODE {
                self.worker.receive(self.now, from, &mut bytes);
            } else if let Some(peer) = self.peers.iter_mut().find(|peer| peer.address == to) {
                peer.client.receive(self.now, &bytes);
            }
        }
        self.worker.advance(self.now);
        for peer in self.peers.iter_mut().filter(|peer| !peer.is_closed) {
            if peer.client.deadline() <= self.now {
                peer.client.advance(self.now);
            }
        }
        self.settle();
    }

    /// Collects what everybody has said.
    pub fn settle(&mut self) {
        let sent: Vec<_> = self.worker.egress().iter().map(|(to, bytes)| (to, bytes.to_vec())).collect();
        self.worker.egress().clear();
        for (to, bytes) in sent {
            self.fly(NODE, to, bytes);
        }
        while let Some(event) = self.worker.poll_event() {
            self.events.push(event);
        }
        for number in 0..self.peers.len() {
            while let Some(bytes) = self.peers[number].client.poll_transmit() {
                let from = self.peers[number].address;
                self.fly(from, NODE, bytes);
            }
            let peer = &mut self.peers[number];
            while let Some(noticed) = peer.client.poll_noticed() {
                match noticed {
                    Noticed::Connected => {}
                    Noticed::Rtp(packet) => {
                        peer.rtp.push_back(PacketRead::read(&packet).expect("sound packet"));
                        peer.times.push_back(self.now);
                    }
                    Noticed::Rtcp(packets) => peer.rtcp.extend(packets),
                    Noticed::Closed => peer.is_closed = true,
                    Noticed::Undecryptable => peer.undecryptable += 1,
                }
            }
        }
    }

    fn fly(&mut self, from: SocketAddr, to: SocketAddr, bytes: Vec<u8>) {
        let is_media = bytes.first().is_some_and(|first| *first >= 128);
        let loss = self.network.loss + if is_media { self.media_loss } else { 0.0 };
        let copies = 1 + usize::from(self.random.chance(self.network.duplication));
        for _ in 0..copies {
            if self.random.chance(loss) {
                continue;
            }
            let jitter = self.network.jitter.as_micros() as u64;
            let jitter = if jitter == 0 { 0 } else { self.random.next() % jitter };
            let at = self.now + self.network.delay + Duration::from_micros(jitter);
            self.count += 1;
            self.flights.push(Reverse((at, self.count)));
            self.datagrams.insert(self.count, (from, to, bytes.clone()));
        }
    }

    /// The SSRC of a consumer's media.
    pub fn ssrc(consumer: &NewConsumer) -> u32 {
        consumer.rtp_parameters.encodings[0].ssrc.expect("ssrc")
    }

    pub fn stats(&self, consumer: ConsumerKey) -> dais_media_plane::ConsumerStats {
        self.worker.consumer_stats(consumer).expect("consumer")
    }
}

/// A microphone and a camera of a publisher.
pub fn microphone_and_camera(world: &mut World, peer: usize) -> [ProducerKey; 2] {
    let microphone = dais_media_plane::client::media::microphone("0", 1);
    let camera = dais_media_plane::client::media::camera("1", 2, 3);
    [world.produce(peer, MediaKind::Audio, &microphone), world.produce(peer, MediaKind::Video, &camera)]
}
