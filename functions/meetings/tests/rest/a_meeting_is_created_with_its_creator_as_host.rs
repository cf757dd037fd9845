//! What is sent, what is made of what is not, and the two shapes of the answer.

use serde_json::json;

use crate::support::{ADA, DI, NOW_MS, World};

#[tokio::test]
async fn what_is_sent_is_kept_and_answered_in_both_shapes() {
    let world = World::new();
    let sent = json!({
        "roomId": "room-1", "userId": ADA.id, "userName": "Somebody", "description": "Stand-up",
        "startsAt": "2033-06-01T10:00:00+02:00",
    });
    let reply = world.by(ADA).post("/api/meetings", sent).await;

    assert_eq!(reply.status, 201);
    assert_eq!(reply.headers["location"], "/api/meetings/room-1");
    assert_eq!(reply.headers["etag"], "\"1\"");
    let created_at = "2033-05-18T03:33:20.000Z";
    let meeting = json!({
        "id": "room-1", "roomId": "room-1", "createdBy": "user_ada", "creatorId": "user_ada", "createdAt": created_at,
        "startsAt": "2033-06-01T08:00:00.000Z", "endedAt": null, "description": "Stand-up", "version": 1,
        "hostedBy": "Ada", "isHost": true, "isCoHost": false,
        "policy": {
            "mutedOnEntry": true, "mayUnmute": true, "mayStartVideo": true, "mayShareScreen": true, "locked": false,
        },
        "hosts": [{ "userId": "user_ada", "name": "Ada", "since": created_at }], "coHosts": [],
    });
    let mut expected = meeting.clone();
    expected["success"] = true.into();
    expected["meeting"] = meeting;
    assert_eq!(reply.body, expected);
    assert_eq!(world.by(ADA).get("/api/meetings/room-1").await.body, expected, "it was stored, not only echoed");
}

#[tokio::test]
async fn nothing_is_required() {
    let world = World::new();
    let first = world.by(ADA).post("/api/meetings", json!({})).await;
    let second = world.by(ADA).post("/api/meetings", json!({ "roomId": null, "description": null })).await;
    for reply in [&first, &second] {
        assert_eq!(reply.status, 201);
        assert_eq!(reply.body["id"].as_str().unwrap().len(), 21);
        assert_eq!(reply.body["description"], "Meeting");
        assert_eq!(reply.body["startsAt"], reply.body["createdAt"]);
    }
    assert_ne!(first.body["id"], second.body["id"]);
}

#[tokio::test]
async fn the_real_front_ends_name_the_id_otherwise() {
    let world = World::new();
    let id = "0f8fad5b-d9cb-469f-a165-70867728950e";
    let sent =
        json!({ "id": id, "userId": ADA.id, "description": "Instant Meeting", "startsAt": "2033-05-18T03:33:20Z" });
    let reply = world.by(ADA).post("/api/meetings", sent).await;
    assert_eq!((reply.status, &reply.body["meeting"]["id"]), (201, &json!(id)));
    let both = world.by(ADA).post("/api/meetings", json!({ "id": "x", "roomId": "x" })).await;
    assert_eq!((both.status, &both.body["id"]), (201, &json!("x")));
}

#[tokio::test]
async fn a_name_that_the_token_does_not_have_is_taken_from_the_request() {
    let world = World::new();
    let named = world.by(DI).post("/api/meetings", json!({ "userName": " Di\u{0}ana\n" })).await;
    assert_eq!(named.body["hostedBy"], "Diana");
    let nameless = world.by(DI).post("/api/meetings", json!({ "userName": "" })).await;
    assert_eq!(nameless.body["hostedBy"], json!(null));
    assert_eq!(nameless.body["hosts"][0]["name"], json!(null));
}

#[tokio::test]
async fn a_description_of_several_lines_becomes_one_and_a_blank_one_is_none() {
    let world = World::new();
    for (sent, kept) in [("One\r\ntwo\tthree", "One  two three"), (" \n ", "Meeting"), ("", "Meeting"), (" 🎉 ", "🎉")]
    {
        let reply = world.by(ADA).post("/api/meetings", json!({ "description": sent })).await;
        assert_eq!(reply.body["description"], kept, "{sent:?}");
    }
}

#[tokio::test]
async fn the_time_is_that_of_the_request() {
    let reply = World::new().by(ADA).at(NOW_MS + 1_234).post("/api/meetings", json!({})).await;
    assert_eq!(reply.body["createdAt"], "2033-05-18T03:33:21.234Z");
}
