use dais_media::{Direction, MediaKind};
use dais_media_plane::client::media::{OPUS, PacketBuilder, VP8, Vp8, camera, microphone};

use crate::support::World;

#[test]
fn whatever_its_client_sends() {
    let mut world = World::new();
    let publisher = world.connected(Direction::Send);
    let subscriber = world.connected(Direction::Recv);
    let producer = world.produce(publisher, MediaKind::Audio, &microphone("0", 5));
    world.consume(subscriber, producer);
    let mut sequence = 0;
    let mut speak = |world: &mut World| {
        for _ in 0..10 {
            sequence += 1;
            let packet = PacketBuilder {
                payload_type: OPUS,
                sequence,
                ssrc: 5,
                payload: vec![1; 80],
                ..PacketBuilder::default()
            };
            world.send(publisher, &packet);
            world.run_ms(20);
        }
    };
    speak(&mut world);
    assert_eq!(world.peers[subscriber].rtp.len(), 10);
    world.worker.pause_producer(producer).expect("pause");
    speak(&mut world);
    assert_eq!(world.peers[subscriber].rtp.len(), 10);
    assert_eq!(world.worker.counters().drops.paused, 10);
    world.worker.resume_producer(world.now, producer).expect("resume");
    speak(&mut world);
    let peer = &world.peers[subscriber];
    assert_eq!(peer.rtp.len(), 20);
    assert_eq!(peer.rtp[10].sequence, peer.rtp[9].sequence.wrapping_add(1), "nothing seems lost");
}

#[test]
fn nor_are_its_packets_sent_again() {
    let mut world = World::new();
    let publisher = world.connected(Direction::Send);
    let subscriber = world.connected(Direction::Recv);
    let producer = world.produce(publisher, MediaKind::Video, &camera("0", 5, 6));
    let consumer = world.consume(subscriber, producer);
    let payload = Vp8 { is_key: true, begins: true, ..Vp8::default() }.payload(500);
    world.send(publisher, &PacketBuilder { payload_type: VP8, ssrc: 5, payload, ..PacketBuilder::default() });
    world.run_ms(10);
    let sequence = world.peers[subscriber].rtp[0].sequence;
    world.worker.pause_producer(producer).expect("pause");
    world.peers[subscriber].client.send_nack(World::ssrc(&consumer), &[sequence]).expect("sent");
    world.run_ms(10);
    assert_eq!(world.peers[subscriber].rtp.len(), 1);
    assert_eq!(world.stats(consumer.key).nacks, 1);
}
