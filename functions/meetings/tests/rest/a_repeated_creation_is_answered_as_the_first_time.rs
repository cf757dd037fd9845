//! By its id, by its `Idempotency-Key`, or by being the same request.

use serde_json::json;

use crate::support::{ADA, BO, NOW_MS, World};

const DAY_MS: u64 = 24 * 3600 * 1000;

#[tokio::test]
async fn the_same_id_and_content_is_the_same_answer_whatever_has_happened_since() {
    let world = World::new();
    for (index, sent) in [
        json!({ "roomId": "r0" }),
        json!({ "id": "r1", "description": "Retro" }),
        json!({ "roomId": "r2", "startsAt": "2033-06-01T10:00:00Z", "userName": "A" }),
    ]
    .into_iter()
    .enumerate()
    {
        let first = world.by(ADA).post("/api/meetings", sent.clone()).await;
        assert_eq!(first.status, 201);
        assert_eq!(world.by(ADA).at(NOW_MS + 5_000).post("/api/meetings", sent.clone()).await, first);
        let path = format!("/api/meetings/r{index}");
        assert_eq!(world.by(ADA).patch(&path, json!({ "description": "Other" })).await.status, 200);
        assert_eq!(world.by(ADA).delete(&path).await.status, 200);
        assert_eq!(world.by(ADA).at(NOW_MS + 9_000).post("/api/meetings", sent).await, first);
    }
}

#[tokio::test]
async fn the_same_id_with_other_content_is_refused() {
    let world = World::new();
    let sent = json!({ "roomId": "r", "description": "One", "startsAt": "2033-06-01T10:00:00Z" });
    assert_eq!(world.by(ADA).post("/api/meetings", sent).await.status, 201);
    for other in [
        json!({ "roomId": "r", "description": "Two", "startsAt": "2033-06-01T10:00:00Z" }),
        json!({ "roomId": "r", "description": "One", "startsAt": "2033-06-01T10:00:01Z" }),
        json!({ "roomId": "r", "description": "One" }),
        json!({ "roomId": "r" }),
    ] {
        let reply = world.by(ADA).post("/api/meetings", other).await;
        assert!(reply.assert_error(409, "meeting-exists").contains("You created it"));
    }
    assert_eq!(world.by(ADA).get("/api/meetings/r").await.body["description"], "One");
}

#[tokio::test]
async fn the_same_key_is_the_same_meeting_though_the_id_is_generated() {
    let world = World::new();
    let create = |body| world.by(ADA).header("idempotency-key", "key-1").post("/api/meetings", body);
    let first = create(json!({ "description": "Keyed" })).await;
    assert_eq!(first.status, 201);
    assert_eq!(create(json!({ "description": "Keyed" })).await, first);
    create(json!({ "description": "Other" })).await.assert_error(422, "idempotency-key-reused");
    create(json!({ "description": "Keyed", "id": "given" })).await.assert_error(422, "idempotency-key-reused");

    let other = world.by(BO).header("idempotency-key", "key-1").post("/api/meetings", json!({})).await;
    assert_eq!(other.status, 201, "keys belong to their user");
    let mine = world.by(ADA).get("/api/meetings").await;
    assert_eq!(mine.body["meetings"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_is_remembered_for_a_day() {
    let world = World::new();
    let create = |at| world.by(ADA).at(at).header("idempotency-key", "key-1").post("/api/meetings", json!({}));
    let first = create(NOW_MS).await;
    assert_eq!(create(NOW_MS + DAY_MS - 1).await.body, first.body);
    let next_day = create(NOW_MS + DAY_MS).await;
    assert_eq!(next_day.status, 201);
    assert_ne!(next_day.body["id"], first.body["id"]);
}

#[tokio::test]
async fn a_key_is_bounded_and_visible() {
    let world = World::new();
    let create = |key: &str| world.by(ADA).header("idempotency-key", key).post("/api/meetings", json!({}));
    assert_eq!(create(&"k".repeat(255)).await.status, 201);
    for key in ["", "two words", "tab\tbed", &"k".repeat(256)] {
        assert!(create(key).await.assert_error(400, "invalid-request").contains("Idempotency-Key"), "{key:?}");
    }
}

#[tokio::test]
async fn one_request_that_is_handled_twice_creates_one_meeting() {
    let world = World::new();
    let create = |id| world.by(ADA).request_id(id).post("/api/meetings", json!({}));
    let first = create("JKJaXmPLvHcESHA=").await;
    assert_eq!(create("JKJaXmPLvHcESHA=").await, first);
    assert_ne!(create("another=").await.body["id"], first.body["id"]);
}
