use dais_media::{Direction, MediaKind};
use dais_media_plane::client::media::{OPUS, PacketBuilder, microphone};

use crate::support::{World, address};

#[test]
fn no_handshake() {
    let mut world = World::new();
    let peer = world.join(Direction::Send);
    // The client's first flight, by way of an address that no check has come from.
    world.run_until(|world| world.peers[peer].client.is_ice_connected());
    world.settle();
    let mut greeting = vec![22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let (now, elsewhere) = (world.now, address(999));
    world.worker.receive(now, elsewhere, &mut greeting);
    assert!(world.worker.egress().is_empty(), "no answer");
    assert_eq!(world.worker.counters().drops.unknown_address, 1);
}

#[test]
fn no_media() {
    let mut world = World::new();
    let publisher = world.connected(Direction::Send);
    let producer = world.produce(publisher, MediaKind::Audio, &microphone("0", 5));
    let subscriber = world.connected(Direction::Recv);
    world.consume(subscriber, producer);
    let packet = PacketBuilder { payload_type: OPUS, ssrc: 5, payload: vec![1; 80], ..PacketBuilder::default() };
    world.peers[publisher].client.send_rtp(&packet.build()).expect("sent");
    let mut datagram = world.peers[publisher].client.poll_transmit().expect("datagram");
    let (now, elsewhere) = (world.now, address(999));
    world.worker.receive(now, elsewhere, &mut datagram.clone());
    assert!(world.worker.egress().is_empty(), "a genuine packet from an unchecked address");
    assert_eq!(world.worker.counters().drops.unknown_address, 1);
    let from = world.peers[publisher].address;
    world.worker.receive(now, from, &mut datagram);
    assert_eq!(world.worker.egress().len(), 1);
}
