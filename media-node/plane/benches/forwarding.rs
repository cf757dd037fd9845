//! What a worker costs without I/O: a 1,200-byte video packet to 1, 10 and 200 subscribers, per forwarded packet; and a join.
//!
//!     cargo bench -p dais-media-plane --profile local
#![allow(clippy::expect_used, missing_docs)]

use std::{
    hint::black_box,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dais_media::{Direction, MediaKind};
use dais_media_plane::{
    Identity, ProducerKey, SystemRandom, Worker, WorkerConfig,
    client::{
        Behaviour, Client, Profiled,
        media::{PacketBuilder, VP8, Vp8, camera, device, id, published},
    },
};

const NODE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 40_000);

fn address(number: usize) -> SocketAddr {
    SocketAddr::from(([198, 51, 100, 1], 10_000 + number as u16))
}

struct Bench {
    worker: Worker,
    room: dais_media_plane::RoomKey,
    shared: Arc<Profiled>,
    now: Instant,
    joined: usize,
}

impl Bench {
    fn new() -> Self {
        let now = Instant::now();
        let identity = Arc::new(Identity::generate().expect("identity"));
        let mut config = WorkerConfig::new(NODE, vec![NODE]);
        config.bounds.bitrate = u64::MAX / 16;
        let mut worker = Worker::new(config, identity, Box::new(SystemRandom), now);
        let room = worker.open_room().expect("room");
        let identity = Arc::new(Identity::generate().expect("identity"));
        let shared = Arc::new(Profiled::new(identity, Behaviour::default()).expect("profile"));
        Self { worker, room, shared, now, joined: 0 }
    }

    fn join(&mut self, direction: Direction) -> (Client, dais_media_plane::TransportKey, SocketAddr) {
        let from = address(self.joined);
        self.joined += 1;
        let transport = self.worker.create_transport(self.now, self.room, direction).expect("transport");
        self.worker.connect_transport(self.now, transport.key, &self.shared.dtls_parameters()).expect("connect");
        let mut client = Client::new(self.now, self.shared.clone(), &transport, self.joined as u64);
        client.advance(self.now);
        while !client.is_connected() {
            while let Some(mut datagram) = client.poll_transmit() {
                self.worker.receive(self.now, from, &mut datagram);
            }
            let sent: Vec<Vec<u8>> = self.worker.egress().iter().map(|(_, bytes)| bytes.to_vec()).collect();
            self.worker.egress().clear();
            sent.iter().for_each(|datagram| client.receive(self.now, datagram));
        }
        (client, transport.key, from)
    }

    fn publisher(&mut self) -> (Client, SocketAddr, ProducerKey) {
        let (client, transport, from) = self.join(Direction::Send);
        let published = published(MediaKind::Video, &camera("0", 1, 2)).expect("parameters");
        let producer = self.worker.produce(self.now, transport, published).expect("produce");
        (client, from, producer)
    }

    fn subscriber(&mut self, producer: ProducerKey) {
        let (_, transport, _) = self.join(Direction::Recv);
        let consumer = self.worker.consume(self.now, transport, producer, &device(), "bench").expect("consume");
        self.worker.resume_consumer(self.now, consumer.key).expect("resume");
    }
}

fn packet(sequence: u16) -> PacketBuilder {
    PacketBuilder {
        payload_type: VP8,
        marker: sequence.is_multiple_of(9),
        sequence,
        timestamp: u32::from(sequence) * 300,
        ssrc: 1,
        extensions: vec![(id::MID, b"0".into()), (id::TRANSPORT_CC, sequence.to_be_bytes().to_vec())],
        payload: Vp8 { is_key: sequence == 0, begins: true, picture: sequence, ..Vp8::default() }.payload(1200),
    }
}

fn forwarding(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("forward");
    for subscribers in [1_usize, 10, 200] {
        let mut bench = Bench::new();
        let (mut client, from, producer) = bench.publisher();
        (0..subscribers).for_each(|_| bench.subscriber(producer));
        let mut sequence = 0_u16;
        let mut next = || {
            client.send_rtp(&packet(sequence).build()).expect("send");
            sequence = sequence.wrapping_add(1);
            client.poll_transmit().expect("datagram")
        };
        let mut now = bench.now;
        // A second, so that all buffers have their size.
        for _ in 0..2000 {
            let mut datagram = next();
            now += Duration::from_micros(500);
            bench.worker.receive(now, from, &mut datagram);
            bench.worker.egress().clear();
        }
        let worker = &mut bench.worker;
        group.throughput(Throughput::Elements(subscribers as u64));
        group.bench_function(BenchmarkId::from_parameter(subscribers), |bencher| {
            bencher.iter_batched_ref(
                &mut next,
                |datagram| {
                    now += Duration::from_micros(500);
                    worker.receive(now, from, black_box(datagram));
                    assert_eq!(worker.egress().len(), subscribers);
                    worker.egress().clear();
                },
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn joining(criterion: &mut Criterion) {
    let mut bench = Bench::new();
    criterion.bench_function("join, both sides", |bencher| {
        bencher.iter(|| {
            let (_, transport, _) = bench.join(Direction::Recv);
            bench.worker.close_transport(bench.now, transport);
            bench.worker.egress().clear();
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3)).sample_size(20);
    targets = forwarding, joining
}
criterion_main!(benches);
