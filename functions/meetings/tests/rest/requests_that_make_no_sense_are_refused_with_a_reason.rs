//! Which field, and why.

use serde_json::json;

use crate::support::{ADA, World};

#[tokio::test]
async fn a_body_that_does_not_fit_names_the_field() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    let long = "x".repeat(129);
    for (field, reason, body) in [
        ("roomId", "must not be empty", json!({ "roomId": "" })),
        ("roomId", "may contain only", json!({ "roomId": "a b" })),
        ("roomId", "may contain only", json!({ "roomId": "a/b" })),
        ("roomId", "at most 128", json!({ "roomId": long })),
        ("roomId", "expected a string", json!({ "roomId": 7 })),
        ("roomId", "dots", json!({ "roomId": ".." })),
        ("id", "dots", json!({ "id": "." })),
        ("id", "expected a string", json!({ "id": ["x"] })),
        ("userId", "may contain only", json!({ "userId": "ü" })),
        ("userName", "expected a string", json!({ "userName": 7 })),
        ("startsAt", "RFC 3339", json!({ "startsAt": "tomorrow" })),
        ("startsAt", "RFC 3339", json!({ "startsAt": "2033-02-30T00:00:00Z" })),
        ("startsAt", "expected a string", json!({ "startsAt": 5 })),
        ("description", "at most 500", json!({ "description": "x".repeat(501) })),
        ("description", "control characters", json!({ "description": "a\u{7}b" })),
        ("hosts", "no known field", json!({ "hosts": ["user_x"] })),
        ("createdBy", "no known field", json!({ "createdBy": "user_x" })),
    ] {
        let reply = world.by(ADA).post("/api/meetings", body).await;
        let message = reply.assert_error(400, "invalid-request");
        assert!(message.contains(field) && message.contains(reason), "{message}");
    }
    for (field, reason, body) in [
        ("policy.locked", "expected a boolean", json!({ "policy": { "locked": "yes" } })),
        ("policy.loocked", "no known field", json!({ "policy": { "loocked": true } })),
        ("policy", "expected an object", json!({ "policy": 7 })),
        ("version", "number", json!({ "version": "one" })),
        ("version", "whole number from 0", json!({ "version": -1 })),
        ("version", "whole number from 0", json!({ "version": 1.5 })),
        ("version", "to 999999999999", json!({ "version": 1_000_000_000_000_u64 })),
        ("version", "to 999999999999", json!({ "version": 1e300 })),
        ("createdBy", "no known field", json!({ "createdBy": "user_x" })),
    ] {
        let reply = world.by(ADA).patch("/api/meetings/m", body).await;
        let message = reply.assert_error(400, "invalid-request");
        assert!(message.contains(field) && message.contains(reason), "{message}");
    }
}

#[tokio::test]
async fn what_is_no_json_object_is_refused() {
    let world = World::new();
    let deep = "[".repeat(10_000);
    let deep_object = r#"{"a":"#.repeat(5_000);
    let bodies = ["", "{", "[]", "7", "null", "\"x\"", "\u{0}", r#"{"id":"\ud800"}"#, &deep, &deep_object];
    for body in bodies {
        let ask = world.by(ADA).header("content-type", "application/json");
        ask.send("POST", "/api/meetings", Some(body.to_owned())).await.assert_error(400, "invalid-json");
    }
}

#[tokio::test]
async fn a_reason_quotes_only_the_beginning_of_what_was_sent() {
    let reply = World::new().by(ADA).post("/api/meetings", json!({ "x".repeat(60_000): 1 })).await;
    assert!(reply.assert_error(400, "invalid-request").chars().count() < 700);
}

#[tokio::test]
async fn a_body_over_64_kb_is_refused_unread() {
    let world = World::new();
    let body = |bytes: usize| format!("{{{}}}", " ".repeat(bytes - 2));
    let send =
        |body| world.by(ADA).header("content-type", "application/json").send("POST", "/api/meetings", Some(body));
    assert_eq!(send(body(64 * 1024)).await.status, 201);
    send(body(64 * 1024 + 1)).await.assert_error(413, "body-too-large");
}

#[tokio::test]
async fn a_body_must_be_said_to_be_json() {
    let world = World::new();
    let send = |media_type: &str| {
        world.by(ADA).header("content-type", media_type).send("POST", "/api/meetings", Some("{}".to_owned()))
    };
    for media_type in ["application/json", "Application/JSON; charset=utf-8"] {
        assert_eq!(send(media_type).await.status, 201);
    }
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "application/json-seq", ""] {
        send(media_type).await.assert_error(415, "unsupported-media-type");
    }
    let silent = world.by(ADA).send("POST", "/api/meetings", Some("{}".to_owned())).await;
    silent.assert_error(415, "unsupported-media-type");
}

#[tokio::test]
async fn parameters_are_bounded_and_known() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    for (path, name) in [
        ("/api/meetings?limit=0", "limit"),
        ("/api/meetings?limit=101", "limit"),
        ("/api/meetings?limit=-1", "limit"),
        ("/api/meetings?limit=1.5", "limit"),
        ("/api/meetings?limit=", "limit"),
        ("/api/meetings?limit=99999999999999999999", "limit"),
        ("/api/meetings?limit=1&limit=2", "limit"),
        ("/api/meetings?period=sometime", "period"),
        ("/api/meetings?period=", "period"),
        ("/api/meetings?hosting=yes", "hosting"),
        ("/api/meetings?hostng=true", "hosting"),
        ("/api/meetings/m/log?after=-1", "after"),
        ("/api/meetings/m/log?after=99999999999999999999", "after"),
        ("/api/meetings/m/log?limit=101", "limit"),
        ("/api/meetings/m/log?from=1", "after"),
    ] {
        let reply = world.by(ADA).get(path).await;
        assert!(reply.assert_error(400, "invalid-request").contains(name), "{path} {:?}", reply.body);
    }
}

#[tokio::test]
async fn an_id_in_the_address_that_is_none_is_refused() {
    let world = World::new();
    for id in ["a%20b", "%00", "%FF", "a%2Fb", "a%23b", "a%3Fb", &"x".repeat(129)] {
        let reply = world.by(ADA).get(&format!("/api/meetings/{id}")).await;
        assert!(reply.assert_error(400, "invalid-request").starts_with("id "), "{id}");
    }
    let reply = world.by(ADA).delete("/api/meetings/m/hosts/a%20b").await;
    assert!(reply.assert_error(400, "invalid-request").starts_with("userId "));
}

#[tokio::test]
async fn one_address_does_not_pass_for_another() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    for path in
        ["/api/meetings/m%3Fx/hosts/user_bo", "/api/meetings/m%23/hosts/user_bo", "/api/meetings/m%2Fhosts%2Fuser_bo"]
    {
        world.by(ADA).delete(path).await.assert_error(400, "invalid-request");
    }
    assert_eq!(world.by(ADA).get("/api/meetings/m").await.body["version"], 1);
}
