//! Nobody creates in the name of another, nor in his personal room.

use serde_json::json;

use crate::support::{ADA, BO, World};

#[tokio::test]
async fn another_user_in_the_body_is_refused() {
    let world = World::new();
    let reply = world.by(BO).post("/api/meetings", json!({ "roomId": "forged", "userId": ADA.id })).await;
    assert!(reply.assert_error(403, "foreign-user").contains("userId"));
    world.by(BO).get("/api/meetings/forged").await.assert_error(404, "meeting-not-found");
}

#[tokio::test]
async fn a_personal_room_is_created_by_its_owner_alone() {
    let world = World::new();
    world.by(BO).post("/api/meetings", json!({ "roomId": ADA.id })).await.assert_error(403, "foreign-room");
    world.by(BO).post("/api/meetings", json!({ "id": "user_nobody_yet" })).await.assert_error(403, "foreign-room");
    let own = world.by(ADA).post("/api/meetings", json!({ "roomId": ADA.id })).await;
    assert_eq!((own.status, &own.body["createdBy"]), (201, &json!(ADA.id)));
}

#[tokio::test]
async fn two_ids_that_differ_are_refused() {
    let reply = World::new().by(ADA).post("/api/meetings", json!({ "roomId": "one", "id": "two" })).await;
    assert!(reply.assert_error(400, "invalid-request").contains("roomId and id"));
}
