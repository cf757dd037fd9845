//! A defect that one peer has found is his alone: he is thrown off, the room is told, and the worker goes on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::sync::atomic::Ordering;

use dais_media::{
    MediaKind,
    control::{Answer, Request},
};
use support::{
    media::{Receiving, Sending},
    world::{Person, World},
};

#[tokio::test]
async fn whoever_makes_the_worker_panic_is_thrown_off() {
    let world = World::new().await;
    let (node, ada, eve) = (world.node_with_room().await, Person::new("ada"), Person::new("eve"));
    world.join(&node, &ada).await;
    world.join(&node, &eve).await;
    let sending = Sending::connect(&world, &node, &eve, &[MediaKind::Video]).await;
    let id = sending.produce(&world, &node, &eve, 0).await;

    sending.send_payload(0, 1, dais_media_plane::PANIC.to_vec()).await;
    let closed = world.heard.wait(&ada.connection, "producer-closed", 1).await;
    assert_eq!(
        (closed[0]["producerId"].as_str(), &closed[0]["reason"]),
        (Some(id.as_str()), &"transport-closed".into())
    );

    let worker = &node.rooms.workers()[0];
    assert_eq!(worker.traffic().panics.load(Ordering::Relaxed), 1);
    assert_eq!(worker.run(|plane, _| plane.counters().evicted).await.unwrap(), 1);
    let stats = world.call(&node, Request::Stats { connection_id: eve.connection.clone() }).await.unwrap();
    let Answer::Stats(stats) = stats else { panic!("{stats:?}") };
    assert_eq!(stats["transports"].as_array().map(Vec::len), Some(0), "{stats}");

    // He may begin anew, and so may everybody else.
    let sending = Sending::connect(&world, &node, &eve, &[MediaKind::Audio]).await;
    let id = sending.produce(&world, &node, &eve, 0).await;
    Receiving::connect(&world, &node, &ada, &[id], |_| {}).await;
}
