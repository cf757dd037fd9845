use std::time::Duration;

use dais_media::{Direction, MediaKind, control::ConsumerType};
use dais_media_plane::{
    Event, NewConsumer, PreferredLayers, ProducerKey,
    client::{
        media::{PacketBuilder, VP8, VP8_RTX, Vp8, id, simulcast},
        rtc_rtcp::{payload_feedbacks::picture_loss_indication::PictureLossIndication, sender_report::SenderReport},
    },
};

use crate::support::World;

const RIDS: [&str; 3] = ["q", "h", "f"];

/// A camera with three layers, each with its own numbers and clock, 30 frames a second of two packets each.
pub struct Camera {
    publisher: usize,
    pub producer: ProducerKey,
    frame: u16,
    /// Which layers' next frame is a key frame.
    pub key: [bool; 3],
    pub is_sending: [bool; 3],
    /// Bytes of each packet.
    pub sizes: [usize; 3],
}

impl Camera {
    pub fn new(world: &mut World) -> Self {
        let publisher = world.connected(Direction::Send);
        let producer = world.produce(publisher, MediaKind::Video, &simulcast("0", &RIDS));
        Self { publisher, producer, frame: 0, key: [true; 3], is_sending: [true; 3], sizes: [150, 400, 1000] }
    }

    fn packet(&self, layer: usize, part: u16, is_key: bool) -> PacketBuilder {
        let number = self.frame;
        // Four temporal slots: 0 2 1 2.
        let temporal = if is_key { 0 } else { [0, 2, 1, 2][usize::from(number % 4)] };
        let vp8 = Vp8 {
            is_key,
            begins: part == 0,
            picture: number.wrapping_add(1000 * layer as u16),
            base: ((number / 4) as u8).wrapping_add(50 * layer as u8),
            temporal,
            sync: temporal > 0,
        };
        PacketBuilder {
            payload_type: VP8,
            marker: part == 1,
            sequence: (number.wrapping_mul(2) + part).wrapping_add(30_000 * layer as u16),
            timestamp: u32::from(number) * 3000 + 1_000_000 * layer as u32,
            ssrc: 10 + layer as u32,
            extensions: vec![(id::MID, b"0".into()), (id::RID, RIDS[layer].into())],
            payload: vp8.payload(self.sizes[layer]),
        }
    }

    /// A frame of each layer, and 33 ms.
    pub fn shoot(&mut self, world: &mut World) {
        for layer in (0..3).filter(|layer| self.is_sending[*layer]) {
            let is_key = std::mem::take(&mut self.key[layer]);
            for part in 0..2 {
                let packet = self.packet(layer, part, is_key);
                world.send(self.publisher, &packet);
            }
        }
        world.run_for(Duration::from_micros(33_333));
        self.frame += 1;
    }

    pub fn shoot_for(&mut self, world: &mut World, frames: usize) {
        for _ in 0..frames {
            self.shoot(world);
        }
    }

    fn report(&self, world: &mut World) {
        for layer in 0..3 {
            let rtp_time = u32::from(self.frame) * 3000 + 1_000_000 * layer;
            let report = SenderReport { ssrc: 10 + layer, ntp_time: 7 << 32, rtp_time, ..SenderReport::default() };
            world.peers[self.publisher].client.send_rtcp(&[Box::new(report)]).expect("sent");
        }
    }

    /// Layers that a key frame was asked for, since the last call.
    fn asked(&self, world: &mut World) -> Vec<u32> {
        let asked = world.peers[self.publisher].rtcp_of::<PictureLossIndication>();
        world.peers[self.publisher].rtcp.clear();
        asked.into_iter().map(|asked| asked.media_ssrc - 10).collect()
    }
}

fn layer(world: &World, consumer: &NewConsumer) -> Option<u8> {
    world.stats(consumer.key).spatial
}

fn prefer(world: &mut World, consumer: &NewConsumer, spatial: u8, temporal: Option<u8>) {
    world.worker.set_preferred_layers(world.now, consumer.key, PreferredLayers { spatial, temporal }).expect("prefer");
}

/// All numbers go on by one, and the time as it should.
fn assert_unbroken(world: &World, subscriber: usize) {
    let rtp: Vec<_> = world.peers[subscriber].rtp.iter().collect();
    for pair in rtp.windows(2) {
        let (one, next) = (pair[0], pair[1]);
        assert_eq!(next.sequence, one.sequence.wrapping_add(1));
        let (before, after) = (Vp8::read(&one.payload).expect("vp8"), Vp8::read(&next.payload).expect("vp8"));
        let ahead = next.timestamp.wrapping_sub(one.timestamp);
        if one.marker {
            assert!(after.begins);
            assert_eq!(after.picture, before.picture.wrapping_add(1) & 0x7fff);
            assert!(after.base.wrapping_sub(before.base) <= 1, "{before:?} {after:?}");
            // At a change, another layer's picture of the same moment may follow; it counts as a little later.
            assert!(ahead == 1 || (1500..=9000).contains(&ahead), "{ahead}");
        } else {
            assert_eq!((ahead, after.picture), (0, before.picture));
        }
    }
}

#[test]
fn and_only_there() {
    let mut world = World::new();
    let mut camera = Camera::new(&mut world);
    let subscriber = world.connected(Direction::Recv);
    let consumer = world.consume(subscriber, camera.producer);
    assert_eq!(consumer.kind_of_stream, ConsumerType::Simulcast);
    assert_eq!(consumer.rtp_parameters.encodings.len(), 1);
    prefer(&mut world, &consumer, 0, None);
    camera.shoot_for(&mut world, 2);
    assert_eq!(camera.asked(&mut world), [0], "it came before it was known where it belongs");
    camera.key = [true; 3];
    camera.shoot_for(&mut world, 20);
    assert_eq!(layer(&world, &consumer), Some(0));
    prefer(&mut world, &consumer, 2, None);
    camera.shoot_for(&mut world, 10);
    assert_eq!(camera.asked(&mut world), [2]);
    assert_eq!(layer(&world, &consumer), Some(0), "the key frame has not come");
    camera.key[1] = true;
    camera.shoot(&mut world);
    assert_eq!(layer(&world, &consumer), Some(0), "that was another layer's");
    camera.key[2] = true;
    camera.shoot_for(&mut world, 20);
    assert_eq!(layer(&world, &consumer), Some(2));
    prefer(&mut world, &consumer, 1, None);
    camera.key[1] = true;
    camera.shoot_for(&mut world, 20);
    assert_eq!(layer(&world, &consumer), Some(1));
    let sizes: Vec<usize> = world.peers[subscriber].rtp.iter().map(|packet| packet.payload.len()).collect();
    assert_eq!(sizes.iter().filter(|size| **size == 1000).count(), 40);
    assert_unbroken(&world, subscriber);
    let changes: Vec<_> = world
        .events
        .iter()
        .filter_map(|event| match event {
            Event::LayersChanged { consumer: of, spatial } if *of == consumer.key => *spatial,
            _ => None,
        })
        .collect();
    assert_eq!(changes, [0, 2, 1]);
}

#[test]
fn with_the_time_of_the_publisher_s_clocks() {
    let mut world = World::new();
    let mut camera = Camera::new(&mut world);
    let subscriber = world.connected(Direction::Recv);
    let consumer = world.consume(subscriber, camera.producer);
    prefer(&mut world, &consumer, 0, None);
    camera.shoot_for(&mut world, 2);
    camera.key = [true; 3];
    camera.shoot_for(&mut world, 5);
    camera.report(&mut world);
    prefer(&mut world, &consumer, 2, None);
    camera.shoot(&mut world);
    // The key frame is late by half a frame, but the clocks know when it was made.
    world.run_ms(16);
    (camera.key[2], camera.is_sending[0]) = (true, false);
    camera.shoot_for(&mut world, 3);
    assert_eq!(layer(&world, &consumer), Some(2));
    let rtp = &world.peers[subscriber].rtp;
    let frames: Vec<_> = rtp.iter().filter(|packet| packet.marker).map(|packet| packet.timestamp).collect();
    assert!(frames.windows(2).all(|pair| pair[1].wrapping_sub(pair[0]) == 3000), "{frames:?}");
}

#[test]
fn and_frames_of_higher_temporal_layers_can_be_left_out() {
    let mut world = World::new();
    let mut camera = Camera::new(&mut world);
    let subscriber = world.connected(Direction::Recv);
    let consumer = world.consume(subscriber, camera.producer);
    prefer(&mut world, &consumer, 0, Some(1));
    camera.shoot_for(&mut world, 2);
    camera.key = [true; 3];
    camera.shoot_for(&mut world, 40);
    let temporal = |world: &World| -> Vec<u8> {
        let rtp = world.peers[subscriber].rtp.iter();
        rtp.map(|packet| Vp8::read(&packet.payload).expect("vp8").temporal).collect()
    };
    let seen = temporal(&world);
    assert!(seen.iter().all(|temporal| *temporal <= 1), "{seen:?}");
    assert!((40..=42).contains(&seen.len()), "{}", seen.len());
    prefer(&mut world, &consumer, 0, None);
    camera.shoot_for(&mut world, 20);
    assert!(temporal(&world).len() > seen.len() + 30);
    assert_unbroken(&world, subscriber);
}

#[test]
fn and_retransmissions_find_their_layer_by_its_name() {
    let mut world = World::new();
    let mut camera = Camera::new(&mut world);
    camera.shoot_for(&mut world, 3);
    // A packet of the largest layer is lost, and comes in a stream that nobody has announced.
    let lost = camera.packet(2, 0, false);
    let mut camera_after = camera.packet(2, 1, false);
    camera_after.marker = true;
    world.send(0, &camera_after);
    world.run_ms(30);
    let mut again = lost.clone();
    again.payload.splice(0..0, lost.sequence.to_be_bytes());
    let extensions = vec![(id::MID, b"0".to_vec()), (id::REPAIRED_RID, b"f".to_vec())];
    world.send(0, &PacketBuilder { payload_type: VP8_RTX, ssrc: 99, sequence: 4, extensions, ..again });
    world.run_ms(30);
    let stats = world.worker.producer_stats(camera.producer).expect("producer");
    assert_eq!(stats.streams.iter().map(|stream| stream.recovered).collect::<Vec<_>>(), [0, 0, 1]);
    assert_eq!(stats.streams.iter().map(|stream| stream.ssrc).collect::<Vec<_>>(), [Some(10), Some(11), Some(12)]);
    assert_eq!(stats.streams[2].lost, 0);
}

#[test]
fn and_a_layer_that_ends_is_replaced() {
    let mut world = World::new();
    let mut camera = Camera::new(&mut world);
    let subscriber = world.connected(Direction::Recv);
    let consumer = world.consume(subscriber, camera.producer);
    camera.shoot_for(&mut world, 2);
    camera.key = [true; 3];
    camera.shoot_for(&mut world, 10);
    let best = layer(&world, &consumer).expect("some layer");
    camera.is_sending = std::array::from_fn(|layer| layer < usize::from(best));
    for _ in 0..150 {
        camera.key = [true; 3];
        camera.shoot(&mut world);
    }
    assert!(layer(&world, &consumer) < Some(best), "{:?}", layer(&world, &consumer));
}
