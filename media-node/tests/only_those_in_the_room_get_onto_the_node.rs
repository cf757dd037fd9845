//! The node believes the table, not the call: who is not in the room has nothing there, and an unknown room is not made.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use dais_domain::{Command, MeetingId};
use dais_media::{
    Direction, MediaKind,
    control::{Answer, Problem, Request},
};
use dais_store::MediaNodes;
use support::world::{Person, World};

#[tokio::test]
async fn who_has_entered_joins_and_again_is_the_same() {
    let world = World::new().await;
    let (node, bo) = (world.node_with_room().await, Person::new("bo"));
    assert!(world.join(&node, &bo).await.is_empty());
    let again = world.call(&node, Request::Join { peer: bo.peer() }).await;
    assert_eq!(again, Ok(Answer::Joined { producers: Vec::new(), already: true }));
}

#[tokio::test]
async fn who_has_not_entered_is_refused() {
    let world = World::new().await;
    let (node, bo) = (world.node_with_room().await, Person::new("bo"));
    assert_eq!(world.call(&node, Request::Join { peer: bo.peer() }).await, Err(Problem::RoomNotFound));
}

#[tokio::test]
async fn who_borrows_somebody_elses_socket_is_refused() {
    let world = World::new().await;
    let (node, bo, mut eve) = (world.node_with_room().await, Person::new("bo"), Person::new("eve"));
    world.enter(&bo).await;
    eve.socket = bo.socket.clone();
    assert_eq!(world.call(&node, Request::Join { peer: eve.peer() }).await, Err(Problem::RoomNotFound));
}

#[tokio::test]
async fn without_a_join_nothing_can_be_done() {
    let world = World::new().await;
    let (node, bo) = (world.node_with_room().await, Person::new("bo"));
    world.enter(&bo).await;
    let request = Request::CreateTransport { connection_id: bo.connection.clone(), direction: Direction::Send };
    assert_eq!(world.call(&node, request).await, Err(Problem::PeerNotFound));
}

#[tokio::test]
async fn an_unknown_room_is_not_made() {
    let mut world = World::new().await;
    let (node, bo) = (world.node().await, Person::new("bo"));
    world.room = MeetingId::new("nowhere").unwrap();
    assert_eq!(world.call(&node, Request::Join { peer: bo.peer() }).await, Err(Problem::RoomNotFound));
    assert_eq!(node.rooms.load().await.rooms, 0);
}

#[tokio::test]
async fn a_room_of_another_node_or_claim_is_refused() {
    let world = World::new().await;
    let (node, other) = (world.node_with_room().await, world.node().await);
    let bo = Person::new("bo");
    world.enter(&bo).await;
    let join = || Request::Join { peer: bo.peer() };
    assert_eq!(world.call(&other, join()).await, Err(Problem::NotHere));
    assert_eq!(world.call_under(&node, 2, join()).await, Err(Problem::NotHere));
    assert!(world.call(&node, join()).await.is_ok());
}

#[tokio::test]
async fn a_meeting_that_has_ended_takes_its_peers_off_the_node() {
    let world = World::new().await;
    let (node, ada, bo) = (world.node_with_room().await, Person::new("ada"), Person::new("bo"));
    world.join(&node, &ada).await;
    world.join(&node, &bo).await;
    world.produce(&node, &bo, MediaKind::Video, false).await;
    let version = world.change(Command::End).await;
    world.call(&node, Request::RoomChanged { version }).await.unwrap();
    let load = node.rooms.load().await;
    assert_eq!((load.transports, load.producers), (0, 0));
    assert_eq!(world.call(&node, Request::Join { peer: bo.peer() }).await, Err(Problem::RoomNotFound));
}

#[tokio::test]
async fn an_empty_room_is_given_back() {
    let world = World::new().await;
    let (node, bo) = (world.node_with_room().await, Person::new("bo"));
    world.join(&node, &bo).await;
    world.call(&node, Request::Leave { connection_id: bo.connection.clone() }).await.unwrap();
    node.rooms.look_after_all().await;
    assert_eq!(node.rooms.load().await.rooms, 0);
    assert!(world.store.claims_of(node.id(), None, 10).await.unwrap().is_empty());
}
