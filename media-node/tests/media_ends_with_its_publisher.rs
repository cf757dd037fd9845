//! Nobody looks at the picture of somebody who has gone, however he went.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use dais_media::{
    Direction, MediaKind,
    control::{Answer, Problem, Request},
};
use support::world::{Person, TestNode, World};

async fn two() -> (World, TestNode, Person, Person) {
    let world = World::new().await;
    let (node, ada, bo) = (world.node_with_room().await, Person::new("ada"), Person::new("bo"));
    world.join(&node, &ada).await;
    world.join(&node, &bo).await;
    (world, node, ada, bo)
}

#[tokio::test]
async fn when_he_leaves() {
    let (world, node, ada, bo) = two().await;
    let screen = world.produce(&node, &bo, MediaKind::Video, true).await;
    world.call(&node, Request::Leave { connection_id: bo.connection.clone() }).await.unwrap();
    let closed = world.heard.wait(&ada.connection, "producer-closed", 1).await;
    assert_eq!(
        (closed[0]["producerId"].as_str(), closed[0]["isScreenShare"].as_bool()),
        (Some(screen.as_str()), Some(true))
    );
    assert_eq!(node.rooms.load().await.transports, 0);
    assert_eq!(world.join(&node, &Person::new("cy")).await, [], "a dead producer is never listed");
}

#[tokio::test]
async fn when_nobody_tells_the_node() {
    let (world, node, ada, bo) = two().await;
    world.produce(&node, &bo, MediaKind::Audio, false).await;
    world.vanish(&bo).await;
    world.heard.wait(&ada.connection, "producer-closed", 1).await;
    assert_eq!(node.rooms.load().await.producers, 0);
}

#[tokio::test]
async fn when_he_replaces_his_transport() {
    let (world, node, ada, bo) = two().await;
    world.produce(&node, &bo, MediaKind::Audio, false).await;
    world.transport(&node, &bo, Direction::Send).await;
    world.heard.wait(&ada.connection, "producer-closed", 1).await;
    assert_eq!(node.rooms.load().await.transports, 1);
}

#[tokio::test]
async fn when_he_closes_it_and_closing_it_again_is_no_error() {
    let (world, node, ada, bo) = two().await;
    let producer = world.produce(&node, &bo, MediaKind::Audio, false).await;
    let close = || Request::CloseProducer { connection_id: bo.connection.clone(), producer_id: producer.clone() };
    assert_eq!(world.call(&node, close()).await, Ok(Answer::Done));
    assert_eq!(world.call(&node, close()).await, Ok(Answer::Done));
    world.heard.wait(&ada.connection, "producer-closed", 1).await;
    world.transport(&node, &ada, Direction::Recv).await;
    assert_eq!(world.consume(&node, &ada, &producer).await, Err(Problem::ProducerNotFound));
}

#[tokio::test]
async fn but_not_by_somebody_else() {
    let (world, node, ada, bo) = two().await;
    let producer = world.produce(&node, &bo, MediaKind::Audio, false).await;
    let close = Request::CloseProducer { connection_id: ada.connection.clone(), producer_id: producer.clone() };
    world.call(&node, close).await.unwrap();
    let pause = Request::PauseProducer { connection_id: ada.connection.clone(), producer_id: producer };
    assert_eq!(world.call(&node, pause).await, Err(Problem::ProducerNotFound));
    assert_eq!(node.rooms.load().await.producers, 1);
}

#[tokio::test]
async fn a_connection_that_is_recovered_keeps_it() {
    let (world, node, ada, bo) = two().await;
    world.produce(&node, &bo, MediaKind::Audio, false).await;
    let mut back = bo.clone();
    back.connection = dais_domain::ConnectionId::new("c-bo-again").unwrap();
    world.enter(&back).await;
    world.vanish(&bo).await;
    node.rooms.look_after_all().await;
    assert_eq!(node.rooms.load().await.producers, 1);
    assert!(world.heard.by(&ada.connection, "producer-closed").is_empty());
    world.produce(&node, &ada, MediaKind::Audio, false).await;
    world.heard.wait(&back.connection, "new-producer", 1).await;
    let late = Request::Leave { connection_id: bo.connection.clone() };
    world.call(&node, late).await.unwrap();
    assert_eq!(node.rooms.load().await.producers, 2, "the goodbye of the connection before is not his");
}
