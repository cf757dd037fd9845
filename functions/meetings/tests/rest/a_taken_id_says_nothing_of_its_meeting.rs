//! What another's id reveals when one wants to create it: that it is taken.

use serde_json::json;

use crate::support::{ADA, BO, World};

#[tokio::test]
async fn the_refusal_has_nothing_of_the_others_meeting() {
    let world = World::new();
    let sent =
        json!({ "roomId": "taken", "description": "Acquisition of Initech", "startsAt": "2033-06-01T10:00:00Z" });
    assert_eq!(world.by(ADA).post("/api/meetings", sent.clone()).await.status, 201);
    for by_another in [sent, json!({ "roomId": "taken" })] {
        let reply = world.by(BO).header("idempotency-key", "k").post("/api/meetings", by_another).await;
        reply.assert_error(409, "meeting-exists");
        assert_eq!(reply.body["error"], "Meeting with this ID already exists");
        let text = reply.body.to_string();
        for secret in ["Initech", ADA.id, "Ada", "2033"] {
            assert!(!text.contains(secret), "{text}");
        }
        assert!(!reply.headers.contains_key("etag") && !reply.headers.contains_key("location"));
    }
    assert_eq!(world.by(BO).get("/api/meetings/taken").await.body["createdBy"], ADA.id);
}
