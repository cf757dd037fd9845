//! A hostile client ignores every message and keeps sending. When the call that tells the node of the change has been
//! answered, nothing of it leaves the node any more.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::time::Duration;

use dais_domain::Policy;
use dais_media::{MediaKind, control::Request};
use support::{
    media::{Receiving, Sending},
    world::{Person, World, free},
};
use tokio::time::sleep;

/// Of video, the beginning of a key frame.
fn payload() -> Vec<u8> {
    let mut payload = vec![0; 200];
    payload[0] = 0x10;
    payload
}

async fn hostile(kind: MediaKind, forbidden: Policy) {
    let world = World::new().await;
    let (node, ada, eve) = (world.node_with_room().await, Person::new("ada"), Person::new("eve"));
    world.join(&node, &ada).await;
    world.join(&node, &eve).await;
    let sending = Sending::connect(&world, &node, &eve, &[kind]).await;
    let producer = sending.produce(&world, &node, &eve, 0).await;
    let (_receiving, mut count) = Receiving::counting(&world, &node, &ada, &[producer]).await;

    let mut sequences = 1..;
    let mut send = async || {
        let sequence = sequences.next().unwrap();
        sending.send_payload(0, sequence, payload()).await;
        sleep(Duration::from_millis(2)).await;
        sequence
    };
    while *count.borrow_and_update() < 20 {
        assert!(send().await < 5_000, "nothing arrives");
    }

    let version = world.policy(forbidden).await;
    world.call(&node, Request::RoomChanged { version }).await.unwrap();
    // What had left the node before is on its way still.
    sleep(Duration::from_millis(100)).await;
    let before = *count.borrow_and_update();
    for _ in 0..100 {
        send().await;
    }
    sleep(Duration::from_millis(100)).await;
    assert_eq!(*count.borrow(), before, "packets left the node");

    // Giving the right back switches nothing on.
    let version = world.policy(free()).await;
    world.call(&node, Request::RoomChanged { version }).await.unwrap();
    for _ in 0..50 {
        send().await;
    }
    assert_eq!(*count.borrow(), before, "it went on by itself");
}

#[tokio::test]
async fn a_microphone() {
    hostile(MediaKind::Audio, Policy { may_unmute: false, ..free() }).await;
}

#[tokio::test]
async fn a_camera() {
    hostile(MediaKind::Video, Policy { may_start_video: false, ..free() }).await;
}
