use dais_media::{Direction, MediaKind};
use dais_media_plane::client::media::{PacketBuilder, VP8, Vp8, camera, microphone};
use proptest::prelude::*;

use crate::support::{World, address};

/// A world in which all kinds of datagrams mean something, and one of each of them, genuine.
fn world() -> (World, Vec<(usize, Vec<u8>)>) {
    let mut world = World::new();
    let publisher = world.connected(Direction::Send);
    let subscriber = world.connected(Direction::Recv);
    let producer = world.produce(publisher, MediaKind::Video, &camera("0", 5, 6));
    world.produce(publisher, MediaKind::Audio, &microphone("1", 7));
    let consumer = world.consume(subscriber, producer);
    world.settle();
    let mut genuine = Vec::new();
    let newcomer = world.join(Direction::Send);
    let now = world.now;
    world.peers[newcomer].client.advance(now);
    genuine.push((newcomer, world.peers[newcomer].client.poll_transmit().expect("check")));
    let payload = Vp8 { is_key: true, begins: true, ..Vp8::default() }.payload(200);
    let packet = PacketBuilder { payload_type: VP8, ssrc: 5, payload, ..PacketBuilder::default() };
    let client = &mut world.peers[publisher].client;
    client.send_rtp(&packet.build()).expect("sent");
    genuine.push((publisher, client.poll_transmit().expect("datagram")));
    let client = &mut world.peers[subscriber].client;
    client.send_nack(World::ssrc(&consumer), &[1, 2, 3]).expect("sent");
    genuine.push((subscriber, client.poll_transmit().expect("datagram")));
    genuine.push((publisher, vec![22, 254, 255, 0, 0, 0, 0, 0, 0, 0, 9, 0, 12, 1, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0]));
    (world, genuine)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn of_any_bytes(datagrams in proptest::collection::vec((0..4_usize, proptest::collection::vec(any::<u8>(), 0..300)), 1..40)) {
        let (mut world, _) = world();
        for (from, mut bytes) in datagrams {
            world.worker.receive(world.now, address(from), &mut bytes);
        }
        world.run_ms(2000);
    }

    #[test]
    fn nearly_genuine(changes in proptest::collection::vec((0..4_usize, 0..400_usize, any::<u8>(), 0..400_usize), 1..60)) {
        let (mut world, genuine) = world();
        for (which, at, value, length) in changes {
            let (from, mut bytes) = genuine[which].clone();
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
            if length < 200 {
                bytes.truncate(length);
            }
            world.worker.receive(world.now, address(from), &mut bytes);
        }
        world.run_ms(2000);
        prop_assert!(world.is_up(0) && world.is_up(1), "nobody is cut off by it");
    }
}
