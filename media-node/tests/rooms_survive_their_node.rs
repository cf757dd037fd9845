//! A node that dies or drains loses its rooms to another, and their clients are told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::time::Duration;

use dais_media::control::{Problem, Request};
use dais_media_node::NodeSettings;
use dais_store::{MediaNodes, Rooms};
use support::world::{Person, World};

#[tokio::test]
async fn a_node_that_falls_silent_loses_them_to_another() {
    let world = World::new().await;
    // Renews its lease once, when it starts, and never again: a node that hangs.
    let silent = NodeSettings { renew_every: Duration::from_secs(3_600), ..World::settings() };
    let (dead, bo) = (world.node_with(&silent).await, Person::new("bo"));
    world.store.claim_room(&world.room, dead.id(), None, world.clock.now()).await.unwrap();
    world.join(&dead, &bo).await;
    let heir = world.node().await;
    let told = world.heard.wait(&bo.connection, "media-node-changed", 1).await;
    assert_eq!((told[0]["roomId"].as_str(), told[0]["reason"].as_str()), (Some("room"), Some("failed")));
    let view = world.store.room(&world.room, world.clock.now()).await.unwrap().unwrap();
    let claim = view.media.unwrap();
    assert_eq!((&claim.node, claim.epoch), (heir.id(), 2));
    assert!(world.call_under(&heir, 2, Request::Join { peer: bo.peer() }).await.is_ok());
    // Should it wake up after all, it gives the room up.
    dead.rooms.look_after_all().await;
    assert_eq!(dead.rooms.load().await.rooms, 0);
    assert_eq!(world.call(&dead, Request::Join { peer: bo.peer() }).await, Err(Problem::NotHere));
}

#[tokio::test]
async fn a_node_that_drains_hands_them_over_and_leaves_the_table() {
    let world = World::new().await;
    let (leaving, heir, bo) = (world.node_with_room().await, world.node().await, Person::new("bo"));
    world.join(&leaving, &bo).await;
    let id = leaving.id().clone();
    leaving.drain().await;
    let told = world.heard.wait(&bo.connection, "media-node-changed", 1).await;
    assert_eq!(told[0]["reason"], "draining");
    let view = world.store.room(&world.room, world.clock.now()).await.unwrap().unwrap();
    assert_eq!(&view.media.unwrap().node, heir.id());
    assert!(world.store.node(&id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_node_that_drains_takes_no_new_ones() {
    let world = World::new().await;
    let (node, bo) = (world.node_with_room().await, Person::new("bo"));
    world.enter(&bo).await;
    node.rooms.drain();
    assert_eq!(world.call(&node, Request::Join { peer: bo.peer() }).await, Err(Problem::Draining));
}
