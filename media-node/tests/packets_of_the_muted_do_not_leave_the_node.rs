//! A hostile client ignores every message and keeps sending. When the call that tells the node of the change has been
//! answered, nothing of it leaves the node any more.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::time::Duration;

use dais_domain::Policy;
use dais_media::{
    Direction, MediaKind,
    control::{Answer, Request},
};
use support::{
    media::Media,
    world::{Person, World, free},
};
use tokio::sync::watch;

/// Payload type and SSRC of what [`support::world::sent`] publishes.
fn stream(kind: MediaKind) -> (u8, u32) {
    match kind {
        MediaKind::Audio => (111, 1_001),
        MediaKind::Video => (96, 1_002),
    }
}

async fn hostile(kind: MediaKind, forbidden: Policy) {
    let world = World::new().await;
    let (node, ada, eve) = (world.node_with_room().await, Person::new("ada"), Person::new("eve"));
    world.join(&node, &ada).await;
    world.join(&node, &eve).await;
    let mut sending = Media::connect(&world, &node, &eve, Direction::Send).await;
    let produced = world.produce_on(&node, &eve, sending.id.clone(), kind, false).await.unwrap();
    let Answer::Produced { id } = produced else { panic!("{produced:?}") };
    let receiving = Media::connect(&world, &node, &ada, Direction::Recv).await;
    let consumer = world.consume(&node, &ada, &id).await.unwrap();
    let resume = Request::ResumeConsumer { connection_id: ada.connection.clone(), consumer_id: consumer.id };
    world.call(&node, resume).await.unwrap();

    let (counted, mut count) = watch::channel(0);
    let (stop, stopped) = watch::channel(false);
    let counting = tokio::spawn(receiving.count(counted, stopped));
    let (payload_type, ssrc) = stream(kind);
    let mut sequence = 0;
    while *count.borrow_and_update() < 20 {
        sequence += 1;
        sending.send(payload_type, ssrc, sequence).await;
        sending.turn(Duration::from_millis(2)).await;
        assert!(sequence < 5_000, "nothing arrives");
    }

    let version = world.policy(forbidden).await;
    world.call(&node, Request::RoomChanged { version }).await.unwrap();
    // What had left the node before is on its way still.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let before = *count.borrow_and_update();
    for _ in 0..100 {
        sequence += 1;
        sending.send(payload_type, ssrc, sequence).await;
        sending.turn(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(*count.borrow(), before, "packets left the node");

    // Giving the right back switches nothing on.
    let version = world.policy(free()).await;
    world.call(&node, Request::RoomChanged { version }).await.unwrap();
    for _ in 0..50 {
        sequence += 1;
        sending.send(payload_type, ssrc, sequence).await;
        sending.turn(Duration::from_millis(1)).await;
    }
    assert_eq!(*count.borrow(), before, "it went on by itself");
    stop.send(true).unwrap();
    counting.await.unwrap();
}

#[tokio::test]
async fn a_microphone() {
    hostile(MediaKind::Audio, Policy { may_unmute: false, ..free() }).await;
}

#[tokio::test]
async fn a_camera() {
    hostile(MediaKind::Video, Policy { may_start_video: false, ..free() }).await;
}
