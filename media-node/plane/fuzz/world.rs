//! A worker with a publisher and a subscriber.

use std::{
    cell::RefCell,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use dais_media::{Direction, MediaKind};
use dais_media_plane::{
    Identity, Random, TransportKey, Worker, WorkerConfig,
    client::{
        Behaviour, Client, Profiled,
        media::{camera, device, microphone, published, simulcast},
    },
};

const NODE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 40_000);

fn address(number: usize) -> SocketAddr {
    SocketAddr::from(([198, 51, 100, 1], 10_000 + number as u16))
}

/// The same numbers in every world (SplitMix64), so that the seeds can name the SSRCs that subscribers get.
struct Same(u64);

impl Random for Same {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_be_bytes()[..chunk.len()]);
        }
    }
}

pub struct Peer {
    pub client: Client,
    transport: TransportKey,
}

pub struct World {
    worker: Worker,
    now: Instant,
    pub peers: Vec<Peer>,
}

thread_local! {
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
}

impl World {
    /// The same world again and again, or a new one if somebody in it was cut off.
    pub fn with(act: impl FnOnce(&mut Self)) {
        WORLD.with_borrow_mut(|world| {
            let is_whole = world.as_ref().is_some_and(|world| {
                world.peers.iter().all(|peer| world.worker.transport_stats(peer.transport).is_some())
            });
            if !is_whole {
                *world = Some(Self::new());
            }
            act(world.as_mut().unwrap());
        });
    }

    fn new() -> Self {
        let now = Instant::now();
        let identity = || Arc::new(Identity::generate().unwrap());
        let config = WorkerConfig::new(NODE, vec![NODE]);
        let mut worker = Worker::new(config, identity(), Box::new(Same(1)), now);
        let room = worker.open_room().unwrap();
        let shared = Arc::new(Profiled::new(identity(), Behaviour::default()).unwrap());
        let mut peers = Vec::new();
        for direction in [Direction::Send, Direction::Recv] {
            let transport = worker.create_transport(now, room, direction).unwrap();
            worker.connect_transport(now, transport.key, &shared.dtls_parameters()).unwrap();
            let client = Client::new(now, shared.clone(), &transport, peers.len() as u64);
            peers.push(Peer { client, transport: transport.key });
        }
        let mut world = Self { worker, now, peers };
        for peer in &mut world.peers {
            peer.client.advance(now);
        }
        while !world.peers.iter().all(|peer| peer.client.is_connected()) {
            world.exchange();
        }
        world.exchange();
        let (send, recv) = (world.peers[0].transport, world.peers[1].transport);
        for (kind, parameters) in [
            (MediaKind::Video, camera("0", 1, 2)),
            (MediaKind::Audio, microphone("1", 3)),
            (MediaKind::Video, simulcast("2", &["q", "h"])),
        ] {
            let producer = world.worker.produce(now, send, published(kind, &parameters).unwrap()).unwrap();
            let consumer = world.worker.consume(now, recv, producer, &device(), "c").unwrap();
            world.worker.resume_consumer(now, consumer.key).unwrap();
        }
        world
    }

    /// A datagram that nobody has sealed.
    #[allow(dead_code, reason = "one of the targets does without")]
    pub fn receive(&mut self, from: usize, bytes: &[u8]) {
        self.worker.receive(self.now, address(from), &mut bytes.to_vec());
    }

    /// Carries everything to where it goes; 7 ms pass.
    pub fn exchange(&mut self) {
        self.now += Duration::from_millis(7);
        for number in 0..self.peers.len() {
            while let Some(mut datagram) = self.peers[number].client.poll_transmit() {
                self.worker.receive(self.now, address(number), &mut datagram);
            }
        }
        self.worker.advance(self.now);
        let sent: Vec<_> = self.worker.egress().iter().map(|(to, bytes)| (to, bytes.to_vec())).collect();
        self.worker.egress().clear();
        for (to, bytes) in sent {
            let number = usize::from(to.port() - 10_000);
            if let Some(peer) = self.peers.get_mut(number) {
                peer.client.receive(self.now, &bytes);
                while peer.client.poll_noticed().is_some() {}
            }
        }
        while self.worker.poll_event().is_some() {}
        for peer in &mut self.peers {
            if peer.client.deadline() <= self.now {
                peer.client.advance(self.now);
            }
        }
    }
}
