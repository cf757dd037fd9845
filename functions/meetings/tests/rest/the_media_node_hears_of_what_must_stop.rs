//! A change that takes a right away, or ends the meeting, is told to the room's media node before anybody in the room hears of
//! it. What it need not enforce at once it is not told.

use dais_domain::{Command, Source};
use serde_json::{Value, json};

use crate::support::{ADA, BO, CY, World, command, enter};

/// Ada's meeting with a room in which she, Bo and Cy are; Bo is a host too.
async fn live() -> World {
    let world = World::new();
    world.meeting(ADA, "m").await;
    command(&world, ADA, "m", Command::MakeHost(BO.user_id()), "Bo").await;
    for (person, connection) in [(ADA, "c-ada"), (BO, "c-bo"), (CY, "c-cy")] {
        enter(&world, person, connection, "m").await;
    }
    world
}

/// The versions of which the node hears when Ada changes the meeting so.
async fn heard_of(world: &World, change: Value) -> Vec<u64> {
    assert_eq!(world.by(ADA).patch("/api/meetings/m", change).await.status, 200);
    world.settle().await;
    assert!(!world.sockets.take("c-cy").is_empty());
    for connection in ["c-ada", "c-bo"] {
        world.sockets.take(connection);
    }
    world.media.take()
}

#[tokio::test]
async fn the_end_of_a_meeting() {
    let world = live().await;
    assert_eq!(world.by(ADA).send("POST", "/api/meetings/m/end", None).await.status, 200);
    world.settle().await;
    assert_eq!(world.media.take(), [3]);
}

#[tokio::test]
async fn the_end_of_a_meeting_that_had_not_been_told() {
    let world = live().await;
    world.by(ADA).delete("/api/meetings/m").await;
    world.die();
    world.by(ADA).delete("/api/meetings/m").await;
    world.settle().await;
    assert_eq!(world.media.take(), [3]);
}

#[tokio::test]
async fn what_participants_may_no_longer_publish_and_nothing_else_of_an_edit() {
    let world = live().await;
    for switch in ["mayUnmute", "mayStartVideo", "mayShareScreen"] {
        let version = world.by(ADA).get("/api/meetings/m").await.body["version"].as_u64().unwrap();
        assert_eq!(heard_of(&world, json!({ "policy": { switch: false } })).await, [version + 1], "{switch}");
        assert!(heard_of(&world, json!({ "policy": { switch: true } })).await.is_empty(), "{switch}");
    }
    for change in [
        json!({ "description": "Retro" }),
        json!({ "startsAt": "2033-05-19T00:00:00Z" }),
        json!({ "policy": { "mutedOnEntry": false } }),
        json!({ "policy": { "locked": true } }),
    ] {
        assert!(heard_of(&world, change.clone()).await.is_empty(), "{change}");
    }
}

#[tokio::test]
async fn a_host_who_loses_a_right_with_his_role() {
    let world = live().await;
    let muted = Command::RoomWide { source: Source::Microphone, allowed: false };
    command(&world, ADA, "m", muted, "Ada").await;
    assert_eq!(world.by(ADA).delete("/api/meetings/m/hosts/user_bo").await.status, 200);
    world.settle().await;
    assert_eq!(world.media.take(), [4]);
}

#[tokio::test]
async fn a_host_who_loses_nothing_but_his_role_is_no_matter_for_it() {
    let world = live().await;
    assert_eq!(world.by(ADA).delete("/api/meetings/m/hosts/user_bo").await.status, 200);
    world.settle().await;
    assert!(world.media.take().is_empty());
    assert!(!world.sockets.take("c-bo").is_empty());
}
