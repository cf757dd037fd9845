//! Nobody new comes into a room that is locked; those who are in it go on, and may begin to send.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use dais_domain::Policy;
use dais_media::{
    MediaKind,
    control::{Answer, Request},
};
use support::world::{Person, World, free};

#[tokio::test]
async fn participants_go_on() {
    let world = World::new().await;
    let (node, ada, bo) = (world.node_with_room().await, Person::new("ada"), Person::new("bo"));
    world.join(&node, &ada).await;
    world.join(&node, &bo).await;
    world.produce(&node, &bo, MediaKind::Audio, false).await;
    let version = world.policy(Policy { locked: true, ..free() }).await;
    assert_eq!(world.call(&node, Request::RoomChanged { version }).await, Ok(Answer::Done));
    assert_eq!(node.rooms.load().await.producers, 1);
    assert!(world.try_produce(&node, &bo, MediaKind::Video, false).await.is_ok());
    let joined = world.call(&node, Request::Join { peer: bo.peer() }).await.unwrap();
    assert!(matches!(joined, Answer::Joined { already: true, .. }));
}
