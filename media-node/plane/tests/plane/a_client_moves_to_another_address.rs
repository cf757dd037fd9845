use std::time::Duration;

use dais_media::{Direction, MediaKind};
use dais_media_plane::client::media::{OPUS, PacketBuilder, microphone};

use crate::support::{World, address};

fn speak(world: &mut World, publisher: usize, sequence: u16) {
    let packet =
        PacketBuilder { payload_type: OPUS, sequence, ssrc: 5, payload: vec![1; 80], ..PacketBuilder::default() };
    world.send(publisher, &packet);
    world.run_ms(20);
}

#[test]
fn by_a_check_from_there() {
    let mut world = World::new();
    let publisher = world.connected(Direction::Send);
    let subscriber = world.connected(Direction::Recv);
    let producer = world.produce(publisher, MediaKind::Audio, &microphone("0", 5));
    world.consume(subscriber, producer);
    speak(&mut world, publisher, 1);
    world.peers[publisher].address = address(500);
    world.peers[subscriber].address = address(501);
    // Before its next check, packets from the new address are nobody's, and the subscriber's go to the old one.
    speak(&mut world, publisher, 2);
    assert_eq!(world.peers[subscriber].rtp.len(), 1);
    world.run_for(Duration::from_secs(3));
    speak(&mut world, publisher, 3);
    assert_eq!(world.peers[subscriber].rtp.len(), 2);
    let stats = world.worker.transport_stats(world.peers[subscriber].transport).expect("transport");
    assert_eq!(stats.remote, Some(address(501)));
}

#[test]
fn with_new_credentials_while_the_old_ones_still_count() {
    let mut world = World::new();
    let peer = world.connected(Direction::Recv);
    let transport = world.peers[peer].transport;
    let credentials = world.worker.restart_ice(transport).expect("restart");
    world.peers[peer].client.advance(world.now);
    world.run_for(Duration::from_secs(9));
    assert!(world.is_up(peer), "checks with the old credentials are answered");
    let now = world.now;
    world.peers[peer].client.restart_ice(now, credentials);
    world.run_until(|world| world.peers[peer].client.is_ice_connected());
    let (checks, refused) = (world.worker.counters().ice_checks, world.worker.counters().drops.stun);
    world.run_for(Duration::from_secs(30));
    assert!(world.is_up(peer));
    assert!(world.worker.counters().ice_checks > checks + 5);
    assert_eq!(world.worker.counters().drops.stun, refused);
}
