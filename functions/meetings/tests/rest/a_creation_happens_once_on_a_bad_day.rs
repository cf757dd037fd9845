//! Whatever the table answers, a creation is neither lost nor doubled.

use std::sync::Arc;

use dais_store::memory::Fate;
use serde_json::json;

use crate::support::{ADA, Script, World};

async fn meetings_after(world: &World) -> usize {
    world.by(ADA).get("/api/meetings").await.body["meetings"].as_array().unwrap().len()
}

#[tokio::test]
async fn an_error_after_the_write_is_no_second_meeting() {
    for body in [json!({}), json!({ "roomId": "given" })] {
        let world = World::with_weather(Arc::new(Script::then_fair("create", [Fate::FailAfter])));
        let reply = world.by(ADA).post("/api/meetings", body).await;
        assert_eq!(reply.status, 201, "{reply:?}");
        assert_eq!(meetings_after(&world).await, 1);
        assert_eq!(world.by(ADA).get(&reply.headers["location"]).await.body, reply.body);
    }
}

#[tokio::test]
async fn an_error_before_the_write_is_tried_again() {
    let fates = [Fate::FailBefore, Fate::FailAfter];
    let world = World::with_weather(Arc::new(Script::then_fair("create", fates)));
    assert_eq!(world.by(ADA).post("/api/meetings", json!({})).await.status, 201);
    assert_eq!(meetings_after(&world).await, 1);
}

#[tokio::test]
async fn a_table_that_stays_away_is_a_503_that_asks_to_try_again() {
    let world = World::with_weather(Arc::new(Script::always("create", Fate::FailBefore)));
    let reply = world.by(ADA).post("/api/meetings", json!({})).await;
    assert!(reply.assert_error(503, "unavailable").contains("again"));
    assert_eq!(reply.headers["retry-after"], "1");
}

#[tokio::test]
async fn trying_again_after_a_503_creates_what_was_wanted_once() {
    let fates = [Fate::FailAfter, Fate::FailBefore];
    let world = World::with_weather(Arc::new(Script::then_fair("log", fates)));
    let create = || world.by(ADA).header("idempotency-key", "k").post("/api/meetings", json!({}));
    let first = create().await;
    create().await.assert_error(503, "unavailable");
    create().await.assert_error(503, "unavailable");
    assert_eq!(create().await, first);
    assert_eq!(meetings_after(&world).await, 1);
}
