use std::panic::{AssertUnwindSafe, catch_unwind};

use dais_media::{Direction, MediaKind};
use dais_media_plane::{
    DownReason, Event, PANIC,
    client::media::{OPUS, PacketBuilder, microphone},
};

use crate::support::World;

/// A packet of a microphone with this payload.
fn packet(ssrc: u32, sequence: u16, payload: &[u8]) -> PacketBuilder {
    PacketBuilder { payload_type: OPUS, ssrc, sequence, payload: payload.to_vec(), ..PacketBuilder::default() }
}

/// Two publishers, of whom one sends what makes the worker panic, and a subscriber of both.
#[test]
fn he_is_thrown_off_and_the_others_go_on() {
    let mut world = World::new();
    let (bad, good) = (world.connected(Direction::Send), world.connected(Direction::Send));
    let subscriber = world.connected(Direction::Recv);
    let [theirs, others] = [(bad, 5), (good, 7)].map(|(peer, ssrc)| {
        let producer = world.produce(peer, MediaKind::Audio, &microphone("0", ssrc));
        world.consume(subscriber, producer);
        producer
    });
    world.send(bad, &packet(5, 1, PANIC));
    let datagram = world.peers[bad].client.poll_transmit().expect("datagram");
    let (now, from) = (world.now, world.peers[bad].address);
    let received = catch_unwind(AssertUnwindSafe(|| world.worker.receive(now, from, &mut datagram.clone())));
    assert!(received.is_err());

    assert!(world.worker.evict(now));
    world.run_ms(10);
    let down = world.events.iter().find_map(|event| match event {
        Event::TransportDown { transport, reason, producers, .. } => Some((*transport, *reason, producers.clone())),
        _ => None,
    });
    assert_eq!(down, Some((world.peers[bad].transport, DownReason::Evicted, vec![theirs])));
    assert_eq!(world.worker.counters().evicted, 1);
    assert_eq!(world.worker.producer_stats(theirs), None);
    assert!(!world.worker.evict(now), "once");

    // What he sends now is a stranger's.
    let strangers = world.worker.counters().drops.unknown_address;
    world.worker.receive(now, from, &mut datagram.clone());
    assert_eq!(world.worker.counters().drops.unknown_address, strangers + 1);

    world.peers[subscriber].rtp.clear();
    world.send(good, &packet(7, 1, b"sound"));
    world.run_ms(10);
    assert_eq!(world.peers[subscriber].rtp.len(), 1);
    assert!(world.worker.producer_stats(others).is_some());
}

#[test]
fn a_panic_that_is_nobodys_throws_nobody_off() {
    let mut world = World::new();
    let peer = world.connected(Direction::Send);
    let stranger = std::net::SocketAddr::from(([203, 0, 113, 9], 9));
    world.worker.receive(world.now, stranger, &mut [128; 40]);
    assert!(!world.worker.evict(world.now));
    assert!(world.is_up(peer));
}
