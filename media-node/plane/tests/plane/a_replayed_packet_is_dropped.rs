use dais_media::{Direction, MediaKind};
use dais_media_plane::client::{
    Behaviour,
    media::{OPUS, PacketBuilder, microphone},
    rtc_rtcp::receiver_report::ReceiverReport,
};

use crate::support::{World, profiled};

fn replay(behaviour: Behaviour) {
    let mut world = World::new();
    world.profiled = profiled(behaviour);
    let publisher = world.connected(Direction::Send);
    let subscriber = world.connected(Direction::Recv);
    let producer = world.produce(publisher, MediaKind::Audio, &microphone("0", 5));
    world.consume(subscriber, producer);
    let from = world.peers[publisher].address;
    let mut old = Vec::new();
    for sequence in 0..200 {
        let packet =
            PacketBuilder { payload_type: OPUS, sequence, ssrc: 5, payload: vec![1; 80], ..PacketBuilder::default() };
        let client = &mut world.peers[publisher].client;
        client.send_rtp(&packet.build()).expect("sent");
        let datagram = client.poll_transmit().expect("datagram");
        world.worker.receive(world.now, from, &mut datagram.clone());
        old.push(datagram);
    }
    assert_eq!(world.worker.counters().rtp_out, 200);
    // Just now, a little ago, and longer ago than anything is remembered.
    for sequence in [199, 120, 3] {
        world.worker.receive(world.now, from, &mut old[sequence].clone());
    }
    assert_eq!(world.worker.counters().rtp_out, 200);
    assert_eq!(world.worker.counters().drops.replayed, 3);
    // One bit more makes it another packet, that nobody has made.
    old[199][30] ^= 1;
    old[199][3] = 250;
    world.worker.receive(world.now, from, &mut old[199].clone());
    assert_eq!(world.worker.counters().drops.srtp, 1);

    let report = ReceiverReport { ssrc: 1, ..ReceiverReport::default() };
    world.peers[publisher].client.send_rtcp(&[Box::new(report)]).expect("sent");
    let datagram = world.peers[publisher].client.poll_transmit().expect("datagram");
    for _ in 0..2 {
        world.worker.receive(world.now, from, &mut datagram.clone());
    }
    assert_eq!(world.worker.counters().drops.replayed, 4);
    // A report that says of itself that it is not encrypted, and has no right tag either.
    let mut forged = vec![0x80, 201, 0, 1, 0, 0, 0, 1];
    forged.extend([0, 0, 0, 99]);
    forged.extend([0; 16]);
    world.worker.receive(world.now, from, &mut forged);
    forged.truncate(22);
    world.worker.receive(world.now, from, &mut forged);
    let drops = world.worker.counters().drops;
    assert_eq!(drops.srtp + drops.malformed, 3);
}

#[test]
fn with_gcm() {
    replay(Behaviour::default());
}

#[test]
fn with_the_older_cipher() {
    replay(Behaviour { offers_gcm: false, ..Behaviour::default() });
}

#[test]
fn also_when_its_producer_was_closed_and_made_again() {
    let mut world = World::new();
    let publisher = world.connected(Direction::Send);
    let producer = world.produce(publisher, MediaKind::Audio, &microphone("0", 5));
    let packet =
        PacketBuilder { payload_type: OPUS, sequence: 9, ssrc: 5, payload: vec![1; 80], ..PacketBuilder::default() };
    world.peers[publisher].client.send_rtp(&packet.build()).expect("sent");
    let datagram = world.peers[publisher].client.poll_transmit().expect("datagram");
    let from = world.peers[publisher].address;
    world.worker.receive(world.now, from, &mut datagram.clone());
    world.worker.close_producer(world.now, producer);
    world.produce(publisher, MediaKind::Audio, &microphone("0", 5));
    world.worker.receive(world.now, from, &mut datagram.clone());
    assert_eq!(world.worker.counters().drops.replayed, 1);
}
