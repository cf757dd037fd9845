//! A whole call on a network that loses, delays, reorders and duplicates, as a seed decides: nothing of the picture is missing in the end,
//! the same seed does the same, and no nonce is used twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use dais_media::{Direction, MediaKind};
use dais_media_plane::{
    NewConsumer, ProducerKey, WorkerConfig,
    client::{
        media::{OPUS, PacketBuilder, VP8, VP8_RTX, Vp8, camera, id, microphone},
        nonces,
        rtc_rtcp::{
            payload_feedbacks::picture_loss_indication::PictureLossIndication,
            transport_feedbacks::transport_layer_nack::TransportLayerNack,
        },
    },
};

use crate::support::{NODE, Network, World, address};

const AUDIO: u32 = 1;
const VIDEO: u32 = 2;
const REPAIR: u32 = 3;

/// Somebody with a microphone and a camera, who answers what the node asks for.
struct Publisher {
    peer: usize,
    microphone: ProducerKey,
    camera: ProducerKey,
    kept: BTreeMap<u16, PacketBuilder>,
    video: u16,
    audio: u16,
    repairs: u16,
    frame: u16,
    wants_key: bool,
    transport_cc: u16,
}

impl Publisher {
    fn new(world: &mut World) -> Self {
        let peer = world.connected(Direction::Send);
        let microphone = world.produce(peer, MediaKind::Audio, &microphone("0", AUDIO));
        let camera = world.produce(peer, MediaKind::Video, &camera("1", VIDEO, REPAIR));
        // Numbers end and begin again during the call.
        let video = 65_300 + (world.random.next() % 200) as u16;
        Self {
            peer,
            microphone,
            camera,
            kept: BTreeMap::new(),
            video,
            audio: 0,
            repairs: 0,
            frame: 0,
            wants_key: true,
            transport_cc: 65_000,
        }
    }

    fn numbered(&mut self, packet: &PacketBuilder) -> PacketBuilder {
        self.transport_cc = self.transport_cc.wrapping_add(1);
        let mut packet = packet.clone();
        packet.extensions.push((id::TRANSPORT_CC, self.transport_cc.to_be_bytes().to_vec()));
        packet
    }

    fn tick(&mut self, world: &mut World, tick: usize) {
        let asked = world.peers[self.peer].rtcp_of::<TransportLayerNack>();
        let lost = world.peers[self.peer].rtcp_of::<PictureLossIndication>();
        world.peers[self.peer].rtcp.clear();
        self.wants_key |= !lost.is_empty();
        for sequence in asked.iter().flat_map(|nack| &nack.nacks).flat_map(|pair| pair.packet_list()) {
            let Some(mut packet) = self.kept.get(&sequence).cloned() else { continue };
            packet.payload.splice(0..0, sequence.to_be_bytes());
            self.repairs = self.repairs.wrapping_add(1);
            let again = PacketBuilder { payload_type: VP8_RTX, ssrc: REPAIR, sequence: self.repairs, ..packet };
            let again = self.numbered(&again);
            world.send(self.peer, &again);
        }
        if tick.is_multiple_of(2) {
            self.audio = self.audio.wrapping_add(1);
            let packet = PacketBuilder {
                payload_type: OPUS,
                sequence: self.audio,
                timestamp: tick as u32 * 480,
                ssrc: AUDIO,
                payload: vec![7; 80],
                ..PacketBuilder::default()
            };
            let packet = self.numbered(&packet);
            world.send(self.peer, &packet);
        }
        if tick.is_multiple_of(3) {
            self.frame += 1;
            let is_key = std::mem::take(&mut self.wants_key);
            for part in 0..4 {
                let vp8 = Vp8 { is_key, begins: part == 0, picture: self.frame, ..Vp8::default() };
                let packet = PacketBuilder {
                    payload_type: VP8,
                    marker: part == 3,
                    sequence: self.video,
                    timestamp: u32::from(self.frame) * 2700,
                    ssrc: VIDEO,
                    payload: vp8.payload(700),
                    ..PacketBuilder::default()
                };
                self.kept.insert(self.video, packet.clone());
                self.video = self.video.wrapping_add(1);
                let packet = self.numbered(&packet);
                world.send(self.peer, &packet);
            }
        }
    }
}

/// Somebody who watches, and asks for what he misses.
struct Viewer {
    peer: usize,
    cameras: Vec<(u32, Picture)>,
    digest: DefaultHasher,
    sound: usize,
}

#[derive(Default)]
struct Picture {
    repair: u32,
    first: Option<u16>,
    /// Numbers since the first, without wrap-around.
    seen: BTreeSet<i64>,
}

impl Picture {
    fn distance(&self, sequence: u16) -> i64 {
        let highest = self.seen.last().copied().unwrap_or(0);
        let first = self.first.unwrap_or(sequence);
        highest + i64::from(sequence.wrapping_sub(first.wrapping_add(highest as u16)) as i16)
    }

    fn saw(&mut self, sequence: u16) {
        self.first.get_or_insert(sequence);
        let distance = self.distance(sequence);
        self.seen.insert(distance);
    }

    fn missing(&self, until: i64) -> Vec<u16> {
        let first = self.first.unwrap_or_default();
        (0..until)
            .filter(|number| !self.seen.contains(number))
            .map(|number| first.wrapping_add(number as u16))
            .collect()
    }
}

impl Viewer {
    fn new(world: &mut World, publishers: &[Publisher]) -> Self {
        let peer = world.connected(Direction::Recv);
        let cameras = publishers.iter().map(|publisher| {
            world.consume(peer, publisher.microphone);
            let consumer: NewConsumer = world.consume(peer, publisher.camera);
            let repair = consumer.rtp_parameters.encodings[0].rtx.expect("rtx").ssrc;
            (World::ssrc(&consumer), Picture { repair, ..Picture::default() })
        });
        let cameras = cameras.collect();
        Self { peer, cameras, digest: DefaultHasher::new(), sound: 0 }
    }

    fn tick(&mut self, world: &mut World) {
        let packets: Vec<_> = world.peers[self.peer].rtp.drain(..).collect();
        let times: Vec<_> = world.peers[self.peer].times.drain(..).collect();
        for (packet, at) in packets.into_iter().zip(times) {
            ((at - world.start).as_nanos(), packet.ssrc, packet.sequence, packet.timestamp).hash(&mut self.digest);
            let picture =
                self.cameras.iter_mut().find(|(ssrc, picture)| *ssrc == packet.ssrc || picture.repair == packet.ssrc);
            match picture {
                Some((ssrc, picture)) if *ssrc == packet.ssrc => picture.saw(packet.sequence),
                Some((_, picture)) => picture.saw(u16::from_be_bytes([packet.payload[0], packet.payload[1]])),
                None => self.sound += 1,
            }
        }
        for (ssrc, picture) in &self.cameras {
            let until = picture.seen.last().copied().unwrap_or(0);
            let missing = picture.missing(until);
            if !missing.is_empty() {
                world.peers[self.peer].client.send_nack(*ssrc, &missing[..missing.len().min(100)]).expect("sent");
            }
        }
    }
}

/// Ten seconds; returns a digest of all that the viewers saw, and when.
fn call(seed: u64) -> u64 {
    nonces::watch();
    let mut world = World::with(WorkerConfig::new(NODE, vec![NODE]), seed);
    world.network =
        Network { delay: Duration::from_millis(15), jitter: Duration::from_millis(12), loss: 5.0, duplication: 3.0 };
    let mut publishers = [Publisher::new(&mut world), Publisher::new(&mut world)];
    let mut viewers = [(); 3].map(|()| Viewer::new(&mut world, &publishers));
    for tick in 0..1000 {
        if tick < 950 {
            publishers.iter_mut().for_each(|publisher| publisher.tick(&mut world, tick));
        } else {
            // Only what is still asked for.
            publishers.iter_mut().for_each(|publisher| publisher.tick(&mut world, 1));
        }
        viewers.iter_mut().for_each(|viewer| viewer.tick(&mut world));
        match tick {
            300 => world.peers[viewers[0].peer].address = address(1000),
            400 => {
                let (peer, now) = (viewers[1].peer, world.now);
                let credentials = world.worker.restart_ice(world.peers[peer].transport).expect("restart");
                world.peers[peer].client.restart_ice(now, credentials);
            }
            _ => {}
        }
        world.run_ms(10);
    }
    let mut digest = DefaultHasher::new();
    for (number, viewer) in viewers.iter().enumerate() {
        for (_, picture) in &viewer.cameras {
            let last = picture.seen.last().copied().unwrap_or(0);
            let missing = picture.missing(last);
            assert!(last > 1100, "seed {seed}: {last}");
            // Who has moved without telling misses what was sent to where he was, as far as it is older than a second.
            let is_complete = missing.is_empty() || number == 0 && missing.len() < 700;
            assert!(is_complete, "seed {seed}, viewer {number}: {missing:?} of {last}");
        }
        assert!(viewer.sound > 400, "seed {seed}: {}", viewer.sound);
        viewer.digest.finish().hash(&mut digest);
    }
    assert!(nonces::count() > 8_000, "{}", nonces::count());
    digest.finish()
}

#[test]
fn whatever_the_seed() {
    for seed in 1..=3 {
        call(seed);
    }
}

#[test]
fn and_the_same_seed_does_the_same() {
    assert_eq!(call(42), call(42));
    assert_ne!(call(42), call(43));
}

#[test]
#[should_panic(expected = "nonce used twice")]
fn and_the_watch_over_nonces_is_awake() {
    nonces::watch();
    let mut world = World::new();
    // Another worker with the same seed names its transports and streams in the same way, so it seems to use the same keys.
    let mut other = World::new();
    for world in [&mut world, &mut other] {
        world.connected(Direction::Recv);
        let publisher = world.connected(Direction::Send);
        let producer = world.produce(publisher, MediaKind::Audio, &microphone("0", 5));
        world.consume(0, producer);
        world.send(
            publisher,
            &PacketBuilder { payload_type: OPUS, ssrc: 5, payload: vec![1; 80], ..PacketBuilder::default() },
        );
        world.run_ms(10);
    }
}
