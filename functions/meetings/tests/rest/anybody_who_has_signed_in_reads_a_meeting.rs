//! Front ends need `createdBy` before they join.

use serde_json::json;

use crate::support::{ADA, BO, STRANGER, World};

#[tokio::test]
async fn a_stranger_sees_who_created_it_and_that_he_is_no_host() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    let own = world.by(ADA).get("/api/meetings/m").await;
    let others = world.by(STRANGER).get("/api/meetings/m").await;
    assert_eq!((own.status, others.status), (200, 200));
    assert_eq!(others.body["createdBy"], ADA.id);
    assert_eq!((&own.body["isHost"], &others.body["isHost"]), (&json!(true), &json!(false)));
    assert_eq!(others.headers["etag"], "\"1\"");
}

#[tokio::test]
async fn an_unknown_id_is_not_found() {
    let reply = World::new().by(ADA).get("/api/meetings/nowhere").await;
    reply.assert_error(404, "meeting-not-found");
    assert_eq!(reply.body["error"], "Meeting not found");
}

#[tokio::test]
async fn an_id_may_come_escaped() {
    let world = World::new();
    world.meeting(ADA, "a:b").await;
    assert_eq!(world.by(BO).get("/api/meetings/a%3Ab").await.body["id"], "a:b");
}

#[tokio::test]
async fn no_answer_has_an_address_of_a_person_or_is_kept_by_anybody() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    for path in ["/api/meetings/m", "/api/meetings", "/api/meetings/m/log", "/api/meetings/m/participants"] {
        let reply = world.by(ADA).get(path).await;
        assert_eq!(reply.status, 200);
        assert!(!reply.body.to_string().contains("example.com"), "{path}");
        assert_eq!(reply.headers["cache-control"], "no-store");
        assert_eq!(reply.headers["x-content-type-options"], "nosniff");
        assert_eq!(reply.headers["content-type"], "application/json");
    }
}
