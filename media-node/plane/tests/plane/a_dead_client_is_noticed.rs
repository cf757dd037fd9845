use std::time::Duration;

use dais_media::{Direction, MediaKind};
use dais_media_plane::{DownReason, Event, client::media::microphone};

use crate::support::World;

fn down(world: &World) -> Option<(DownReason, usize, usize)> {
    world.events.iter().find_map(|event| match event {
        Event::TransportDown { reason, producers, consumers, .. } => Some((*reason, producers.len(), consumers.len())),
        _ => None,
    })
}

#[test]
fn when_its_checks_stop() {
    let mut world = World::new();
    let publisher = world.connected(Direction::Send);
    let subscriber = world.connected(Direction::Recv);
    let producer = world.produce(publisher, MediaKind::Audio, &microphone("0", 5));
    let consumer = world.consume(subscriber, producer);
    world.run_for(Duration::from_secs(20));
    assert_eq!(down(&world), None, "an idle client lives by its checks");
    world.peers[publisher].is_closed = true;
    world.run_for(Duration::from_secs(18));
    assert_eq!(down(&world), Some((DownReason::IceTimeout, 1, 0)));
    assert_eq!(world.worker.consumer_stats(consumer.key), None, "its consumers go with it");
    assert_eq!(world.worker.population(), (1, 1, 0, 0));
}

#[test]
fn when_it_says_so() {
    let mut world = World::new();
    let peer = world.connected(Direction::Send);
    let now = world.now;
    world.peers[peer].client.close(now);
    world.run_ms(5);
    assert_eq!(down(&world), Some((DownReason::DtlsClosed, 0, 0)));
}

#[test]
fn when_it_never_comes() {
    let mut world = World::new();
    world.join(Direction::Send);
    world.peers[0].is_closed = true;
    world.run_for(Duration::from_secs(31));
    assert_eq!(down(&world), Some((DownReason::ConnectTimeout, 0, 0)));
}

#[test]
fn and_is_told_when_the_node_ends_it() {
    let mut world = World::new();
    let peer = world.connected(Direction::Send);
    world.worker.close_room(world.now, world.room);
    world.run_ms(5);
    assert!(world.peers[peer].is_closed);
    assert_eq!(world.worker.population(), (0, 0, 0, 0));
    assert_eq!(down(&world), None, "nobody is told what he has done himself");
}
