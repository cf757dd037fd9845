//! `GET …/log`: the audit trail.

use serde_json::json;

use crate::support::{ADA, BO, World};

#[tokio::test]
async fn it_says_who_changed_what_and_when() {
    let world = World::new();
    world.by(ADA).post("/api/meetings", json!({ "roomId": "m", "startsAt": "2033-06-01T10:00:00Z" })).await;
    let edit = json!({ "description": "Retro", "startsAt": "2033-06-02T10:00:00Z", "policy": { "locked": true } });
    world.by(ADA).patch("/api/meetings/m", edit).await;
    world.by(ADA).delete("/api/meetings/m").await;

    let reply = world.by(ADA).get("/api/meetings/m/log").await;
    assert_eq!(reply.status, 200);
    let (at, by, by_name) = ("2033-05-18T03:33:20.000Z", "user_ada", "Ada");
    let policy = json!({ "mutedOnEntry": true, "mayUnmute": true, "mayStartVideo": true, "mayShareScreen": true, "locked": true });
    let changes = [
        json!({ "type": "created", "description": "Meeting", "startsAt": "2033-06-01T10:00:00.000Z" }),
        json!({ "type": "edited", "description": "Retro", "startsAt": "2033-06-02T10:00:00.000Z", "policy": policy }),
        json!({ "type": "ended" }),
    ];
    let entries: Vec<_> = (1..)
        .zip(changes)
        .map(|(version, change)| json!({ "version": version, "at": at, "by": by, "byName": by_name, "change": change }))
        .collect();
    assert_eq!(reply.body, json!({ "success": true, "entries": entries, "nextAfter": null }));
}

#[tokio::test]
async fn it_comes_in_pages_without_gaps() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    for index in 0..6 {
        world.by(ADA).patch("/api/meetings/m", json!({ "description": format!("{index}") })).await;
    }
    let mut versions = Vec::new();
    let mut after = json!(0);
    while !after.is_null() {
        let page = world.by(ADA).get(&format!("/api/meetings/m/log?after={after}&limit=3")).await.body;
        versions.extend(page["entries"].as_array().unwrap().iter().map(|entry| entry["version"].as_u64().unwrap()));
        after = page["nextAfter"].clone();
    }
    assert_eq!(versions, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(world.by(ADA).get("/api/meetings/m/log?after=7").await.body["entries"], json!([]));
}

#[tokio::test]
async fn only_hosts_may() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    let reply = world.by(BO).get("/api/meetings/m/log").await;
    reply.assert_error(403, "only-hosts");
    assert_eq!(reply.body["error"], "Only hosts can read the log");
    world.by(ADA).get("/api/meetings/nowhere/log").await.assert_error(404, "meeting-not-found");
}
