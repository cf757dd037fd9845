//! `PATCH`: description, start and policy.

use std::sync::Arc;

use dais_store::memory::Fate;
use serde_json::json;

use crate::support::{ADA, BO, Script, World, enter};

#[tokio::test]
async fn what_is_sent_changes_and_all_else_stays() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    let before = world.by(ADA).get("/api/meetings/m").await.body;
    let sent = json!({ "description": "Retro", "startsAt": "2033-06-01T10:00:00Z", "policy": { "locked": true } });
    let reply = world.by(ADA).patch("/api/meetings/m", sent).await;
    assert_eq!((reply.status, reply.headers["etag"].as_str()), (200, "\"2\""));

    let mut expected = before["meeting"].clone();
    expected["description"] = "Retro".into();
    expected["startsAt"] = "2033-06-01T10:00:00.000Z".into();
    expected["policy"]["locked"] = true.into();
    expected["version"] = 2.into();
    assert_eq!(reply.body["meeting"], expected);
    assert_eq!(world.by(ADA).get("/api/meetings/m").await.body, reply.body);

    let policy = world.by(ADA).patch("/api/meetings/m", json!({ "policy": { "mayUnmute": false } })).await;
    assert_eq!(policy.body["policy"]["locked"], true, "a switch that is not sent stays");
}

#[tokio::test]
async fn the_room_is_told_after_the_answer() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    enter(&world, BO, "c-bo", "m").await;
    world.by(ADA).patch("/api/meetings/m", json!({ "description": "Retro" })).await;
    assert!(world.sockets.take("c-bo").is_empty(), "not before the answer");
    world.settle().await;
    let told = world.sockets.take("c-bo");
    assert_eq!(told, [("meeting-updated".to_owned(), vec![json!({ "description": "Retro" }), json!("2")])]);
}

#[tokio::test]
async fn only_hosts_may() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    for sent in [json!({ "description": "Mine" }), json!({ "description": "Mine", "version": 7 }), json!({})] {
        let reply = world.by(BO).patch("/api/meetings/m", sent).await;
        reply.assert_error(403, "only-hosts");
        assert!(!reply.headers.contains_key("etag"));
    }
    world.by(BO).patch("/api/meetings/nowhere", json!({})).await.assert_error(404, "meeting-not-found");
}

#[tokio::test]
async fn a_change_at_another_version_is_refused() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    let patch = |body| world.by(ADA).patch("/api/meetings/m", body);
    assert_eq!(patch(json!({ "description": "One", "version": 1 })).await.status, 200);
    let late = patch(json!({ "description": "Two", "version": 1.0 })).await;
    assert!(late.assert_error(409, "version-conflict").contains("version 2"));
    assert_eq!(late.headers["etag"], "\"2\"");

    let tagged = |tag: &str, body| world.by(ADA).header("if-match", tag).patch("/api/meetings/m", body);
    let late = tagged("\"1\"", json!({ "description": "Two" })).await;
    late.assert_error(412, "version-conflict");
    assert_eq!(late.headers["etag"], "\"2\"");
    assert_eq!(tagged("\"2\"", json!({ "description": "Two" })).await.status, 200);
    assert_eq!(tagged("W/\"3\"", json!({ "description": "Three" })).await.status, 200);
    assert_eq!(tagged("*", json!({ "description": "Four" })).await.status, 200);
    assert_eq!(tagged("\"5\"", json!({ "description": "Five", "version": 5 })).await.status, 200);
    let both = tagged("\"6\"", json!({ "description": "Six", "version": 5 })).await;
    assert!(both.assert_error(400, "invalid-request").contains("version"));
    for tag in ["", "W/3", "+3", "\"x\"", "\"3", "\"1\", \"2\"", "\"-1\"", "\"1000000000000\""] {
        assert!(tagged(tag, json!({})).await.assert_error(400, "invalid-request").contains("If-Match"), "{tag}");
    }
}

#[tokio::test]
async fn a_change_that_is_so_already_succeeds_at_any_version_and_tells_nobody() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    enter(&world, BO, "c-bo", "m").await;
    let sent = json!({ "description": "One", "version": 1 });
    let first = world.by(ADA).patch("/api/meetings/m", sent.clone()).await;
    world.settle().await;
    world.sockets.take("c-bo");
    assert_eq!(world.by(ADA).patch("/api/meetings/m", sent).await, first);
    assert_eq!(world.by(ADA).patch("/api/meetings/m", json!({})).await, first);
    world.settle().await;
    assert!(world.sockets.take("c-bo").is_empty());
}

#[tokio::test]
async fn a_meeting_that_has_ended_stays_as_it_is() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    world.by(ADA).delete("/api/meetings/m").await;
    world.by(ADA).patch("/api/meetings/m", json!({ "description": "x" })).await.assert_error(409, "meeting-ended");
}

#[tokio::test]
async fn a_change_whose_result_was_lost_is_made_once_and_told() {
    for fates in [vec![Fate::FailAfter], vec![Fate::FailBefore, Fate::FailAfter]] {
        let world = World::with_weather(Arc::new(Script::then_fair("commit", fates)));
        world.meeting(ADA, "m").await;
        enter(&world, BO, "c-bo", "m").await;
        let reply = world.by(ADA).patch("/api/meetings/m", json!({ "description": "Retro", "version": 1 })).await;
        assert_eq!((reply.status, &reply.body["version"]), (200, &json!(2)));
        world.settle().await;
        assert_eq!(world.sockets.take_names("c-bo"), ["meeting-updated"]);
    }
}

#[tokio::test]
async fn a_table_that_stays_away_is_a_503() {
    let world = World::with_weather(Arc::new(Script::always("commit", Fate::FailBefore)));
    world.meeting(ADA, "m").await;
    let reply = world.by(ADA).patch("/api/meetings/m", json!({ "description": "x" })).await;
    reply.assert_error(503, "unavailable");
    assert_eq!(reply.headers["retry-after"], "1");
}
