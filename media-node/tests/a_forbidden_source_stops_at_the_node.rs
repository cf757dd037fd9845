//! Rights are the table's: what it forbids stops, whether the node is told of the change or not, and what it allows again
//! starts only when its publisher starts it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use dais_domain::{Policy, Source};
use dais_media::{
    Direction, MediaKind,
    control::{Answer, Problem, Request},
};
use support::world::{Person, TestNode, World, free};

/// Ada, a host, and Bo on a node.
async fn two() -> (World, TestNode, Person, Person) {
    let world = World::new().await;
    let (node, ada, bo) = (world.node_with_room().await, Person::new("ada"), Person::new("bo"));
    world.join(&node, &ada).await;
    world.join(&node, &bo).await;
    (world, node, ada, bo)
}

fn muted() -> Policy {
    Policy { may_unmute: false, ..free() }
}

fn dark() -> Policy {
    Policy { may_start_video: false, ..free() }
}

#[tokio::test]
async fn a_microphone_is_closed_and_everybody_is_told() {
    let (world, node, ada, bo) = two().await;
    let producer = world.produce(&node, &bo, MediaKind::Audio, false).await;
    let version = world.policy(muted()).await;
    world.call(&node, Request::RoomChanged { version }).await.unwrap();
    assert_eq!(node.rooms.load().await.producers, 0, "stopped when the call is answered");
    for who in [&ada, &bo] {
        let closed = world.heard.wait(&who.connection, "producer-closed", 1).await;
        assert_eq!(closed[0]["producerId"], producer.as_str());
        assert_eq!(closed[0]["userId"], bo.user.as_str());
        assert_eq!(closed[0]["kind"], "audio");
        assert_eq!(closed[0]["reason"], "not-allowed");
    }
}

#[tokio::test]
async fn it_cannot_be_made_again_until_it_is_allowed() {
    let (world, node, _, bo) = two().await;
    let version = world.policy(muted()).await;
    let refused = world.try_produce(&node, &bo, MediaKind::Audio, false).await;
    let problem = Problem::NotAllowed { source_of_media: Source::Microphone, room_wide: true };
    assert_eq!(refused, Err(problem), "without having been told of version {version}");
    assert!(world.try_produce(&node, &bo, MediaKind::Video, false).await.is_ok(), "his camera is another matter");
    world.policy(free()).await;
    assert!(world.try_produce(&node, &bo, MediaKind::Audio, false).await.is_ok());
}

#[tokio::test]
async fn hosts_are_exempt() {
    let (world, node, ada, _) = two().await;
    world.produce(&node, &ada, MediaKind::Audio, false).await;
    let version = world.policy(muted()).await;
    world.call(&node, Request::RoomChanged { version }).await.unwrap();
    assert_eq!(node.rooms.load().await.producers, 1);
}

#[tokio::test]
async fn a_lost_call_costs_a_moment_and_not_the_rule() {
    let (world, node, ada, bo) = two().await;
    world.produce(&node, &bo, MediaKind::Audio, false).await;
    world.policy(muted()).await;
    world.heard.wait(&ada.connection, "producer-closed", 1).await;
    assert_eq!(node.rooms.load().await.producers, 0);
}

#[tokio::test]
async fn a_camera_is_held_and_goes_on_when_its_owner_switches_it_on() {
    let (world, node, ada, bo) = two().await;
    let producer = world.produce(&node, &bo, MediaKind::Video, false).await;
    world.transport(&node, &ada, Direction::Recv).await;
    let is_paused = async || {
        let request = Request::Stats { connection_id: bo.connection.clone() };
        let Answer::Stats(stats) = world.call(&node, request).await.unwrap() else { panic!() };
        stats["producers"][0]["stats"]["paused"].as_bool().unwrap()
    };
    let version = world.policy(dark()).await;
    world.call(&node, Request::RoomChanged { version }).await.unwrap();
    assert!(is_paused().await);
    assert!(world.consume(&node, &ada, &producer).await.unwrap().producer_paused);
    let resume = || Request::ResumeProducer { connection_id: bo.connection.clone(), producer_id: producer.clone() };
    let refused = Err(Problem::NotAllowed { source_of_media: Source::Camera, room_wide: true });
    assert_eq!(world.call(&node, resume()).await, refused);

    let version = world.policy(free()).await;
    world.call(&node, Request::RoomChanged { version }).await.unwrap();
    assert!(is_paused().await, "a right that is given back switches nothing on");
    let on = Request::SwitchedOn { connection_id: bo.connection.clone(), source: Source::Camera };
    assert_eq!(world.call(&node, on).await, Ok(Answer::Done));
    assert!(!is_paused().await);
    assert!(world.heard.by(&ada.connection, "producer-closed").is_empty());
}

#[tokio::test]
async fn a_screen_and_its_sound_are_closed() {
    let (world, node, _, bo) = two().await;
    let send = world.transport(&node, &bo, Direction::Send).await;
    for kind in [MediaKind::Video, MediaKind::Audio] {
        world.produce_on(&node, &bo, send.clone(), kind, true).await.unwrap();
    }
    let version = world.policy(Policy { may_share_screen: false, ..free() }).await;
    world.call(&node, Request::RoomChanged { version }).await.unwrap();
    assert_eq!(node.rooms.load().await.producers, 0);
}

#[tokio::test]
async fn who_says_that_something_is_on_of_which_nothing_comes_is_contradicted() {
    let (world, node, ada, bo) = two().await;
    let on = |who: &Person, source| Request::SwitchedOn { connection_id: who.connection.clone(), source };
    assert_eq!(world.call(&node, on(&bo, Source::Microphone)).await, Err(Problem::ProducerNotFound));
    world.produce(&node, &bo, MediaKind::Audio, false).await;
    assert_eq!(world.call(&node, on(&bo, Source::Microphone)).await, Ok(Answer::Done));
    assert_eq!(world.call(&node, on(&bo, Source::Camera)).await, Err(Problem::ProducerNotFound));
    assert_eq!(world.call(&node, on(&ada, Source::Microphone)).await, Err(Problem::ProducerNotFound), "his own counts");
}
