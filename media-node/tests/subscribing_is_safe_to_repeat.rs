//! Clients consume twice, too early, or not at all: none of it breaks their join or doubles a stream.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use dais_media::{
    Direction, MediaKind,
    control::{Problem, Request},
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
async fn the_second_time_is_the_same_consumer() {
    let (world, node, ada, bo) = two().await;
    let producer = world.produce(&node, &bo, MediaKind::Video, false).await;
    world.transport(&node, &ada, Direction::Recv).await;
    let first = world.consume(&node, &ada, &producer).await.unwrap();
    assert_eq!(world.consume(&node, &ada, &producer).await, Ok(first.clone()));
    assert_eq!(node.rooms.load().await.consumers, 1);
    assert_eq!((first.producer.user_id, first.producer.is_screen_share), (bo.user, false));
    assert_eq!(first.rtp_parameters.codecs[0].payload_type, 96);
}

#[tokio::test]
async fn a_users_voice_and_picture_have_one_name() {
    let (world, node, ada, bo) = two().await;
    let send = world.transport(&node, &bo, Direction::Send).await;
    world.transport(&node, &ada, Direction::Recv).await;
    let mut names = Vec::new();
    for kind in [MediaKind::Audio, MediaKind::Video] {
        world.produce_on(&node, &bo, send.clone(), kind, false).await.unwrap();
        let told = world.heard.wait(&ada.connection, "new-producer", names.len() + 1).await;
        let id = told[names.len()]["producerId"].as_str().unwrap().parse().unwrap();
        names.push(world.consume(&node, &ada, &id).await.unwrap().rtp_parameters.rtcp.cname);
    }
    assert!(names[0].is_some() && names[0] == names[1], "so that they are kept in step: {names:?}");
}

#[tokio::test]
async fn without_a_transport_or_of_ones_own_it_is_refused() {
    let (world, node, ada, bo) = two().await;
    let producer = world.produce(&node, &bo, MediaKind::Video, false).await;
    assert_eq!(world.consume(&node, &ada, &producer).await, Err(Problem::NoReceiveTransport));
    world.transport(&node, &bo, Direction::Recv).await;
    assert_eq!(world.consume(&node, &bo, &producer).await, Err(Problem::ProducerNotFound));
}

#[tokio::test]
async fn who_does_not_consume_is_told_again_a_few_times() {
    let (world, node, ada, bo) = two().await;
    world.transport(&node, &ada, Direction::Recv).await;
    let producer = world.produce(&node, &bo, MediaKind::Audio, false).await;
    let told = world.heard.wait(&ada.connection, "new-producer", 3).await;
    assert!(told.iter().all(|told| told["producerId"] == producer.as_str() && told["peerId"] == bo.socket.as_str()));
    world.consume(&node, &ada, &producer).await.unwrap();
    let before = world.heard.by(&ada.connection, "new-producer").len();
    for _ in 0..3 {
        node.rooms.look_after_all().await;
    }
    assert_eq!(world.heard.by(&ada.connection, "new-producer").len(), before, "who consumes it is not");
}

#[tokio::test]
async fn a_consumer_of_somebody_else_cannot_be_resumed() {
    let (world, node, ada, bo) = two().await;
    let producer = world.produce(&node, &bo, MediaKind::Video, false).await;
    world.transport(&node, &ada, Direction::Recv).await;
    let consumer = world.consume(&node, &ada, &producer).await.unwrap().id;
    let resume =
        |who: &Person| Request::ResumeConsumer { connection_id: who.connection.clone(), consumer_id: consumer.clone() };
    assert_eq!(world.call(&node, resume(&bo)).await, Err(Problem::ConsumerNotFound));
    assert!(world.call(&node, resume(&ada)).await.is_ok());
}
