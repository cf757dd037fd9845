//! `POST …/end` and `DELETE`: the room is told, and everybody leaves it.

use std::sync::Arc;

use dais_domain::{ConnectionId, MeetingId, Timestamp};
use dais_store::{Connections, Rooms, memory::Fate};
use serde_json::json;

use crate::support::{ADA, BO, CY, NOW_MS, Reply, Script, World, enter};

async fn end(world: &World, way: &str) -> Reply {
    match way {
        "POST" => world.by(ADA).send("POST", "/api/meetings/m/end", None).await,
        _ => world.by(ADA).delete("/api/meetings/m").await,
    }
}

async fn in_room(world: &World) -> usize {
    let id = MeetingId::new("m").unwrap();
    world.store.room(&id, Timestamp::from_ms(NOW_MS)).await.unwrap().unwrap().presences.len()
}

#[tokio::test]
async fn everybody_is_told_and_nobody_is_in_the_room_any_more() {
    for way in ["POST", "DELETE"] {
        let world = World::new();
        world.meeting(ADA, "m").await;
        for (person, connection) in [(ADA, "c-ada"), (BO, "c-bo-1"), (BO, "c-bo-2")] {
            enter(&world, person, connection, "m").await;
        }
        let reply = end(&world, way).await;
        assert_eq!((reply.status, &reply.body["endedAt"]), (200, &json!("2033-05-18T03:33:20.000Z")));
        assert_eq!(reply.body["version"], 2);

        world.settle().await;
        for connection in ["c-ada", "c-bo-1", "c-bo-2"] {
            let told = ("meeting-ended".to_owned(), vec![json!({ "by": "Ada" }), json!("2")]);
            assert_eq!(world.sockets.take(connection), [told], "{way} {connection}");
            let id = ConnectionId::new(connection).unwrap();
            assert_eq!(world.store.connection(&id).await.unwrap().unwrap().room, None);
        }
        assert_eq!(in_room(&world).await, 0);
    }
}

#[tokio::test]
async fn ending_it_again_is_the_same_answer_and_tells_nobody() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    enter(&world, ADA, "c-ada", "m").await;
    let first = end(&world, "POST").await;
    world.settle().await;
    assert_eq!(world.sockets.take("c-ada").len(), 1);
    for way in ["POST", "DELETE"] {
        assert_eq!(end(&world, way).await, first);
    }
    world.settle().await;
    assert!(world.sockets.take("c-ada").is_empty());
}

#[tokio::test]
async fn ending_it_again_finishes_what_was_not_finished() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    enter(&world, BO, "c-bo", "m").await;
    end(&world, "POST").await;
    world.die();
    assert_eq!(end(&world, "POST").await.status, 200);
    world.settle().await;
    assert_eq!(world.sockets.take_names("c-bo"), ["meeting-ended"]);
    assert_eq!(in_room(&world).await, 0);
}

#[tokio::test]
async fn a_connection_that_is_gone_does_not_keep_the_others() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    for (person, connection) in [(BO, "c-bo"), (CY, "c-cy")] {
        enter(&world, person, connection, "m").await;
    }
    world.sockets.lose("c-bo");
    end(&world, "DELETE").await;
    world.settle().await;
    assert_eq!(world.sockets.take_names("c-cy").first().map(String::as_str), Some("meeting-ended"));
    assert_eq!(in_room(&world).await, 0);
}

#[tokio::test]
async fn one_presence_that_cannot_be_removed_leaves_the_others_alone() {
    let world = World::with_weather(Arc::new(Script::then_fair("leave", [Fate::FailBefore])));
    world.meeting(ADA, "m").await;
    for (person, connection) in [(BO, "c-bo"), (CY, "c-cy")] {
        enter(&world, person, connection, "m").await;
    }
    end(&world, "DELETE").await;
    world.settle().await;
    assert_eq!(in_room(&world).await, 1);
}

#[tokio::test]
async fn only_hosts_may() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    let refused =
        [world.by(BO).delete("/api/meetings/m").await, world.by(BO).send("POST", "/api/meetings/m/end", None).await];
    for reply in refused {
        reply.assert_error(403, "only-hosts");
        assert_eq!(reply.body["error"], "Only hosts can end the meeting");
    }
    assert_eq!(world.by(BO).get("/api/meetings/m").await.body["endedAt"], json!(null));
    world.by(ADA).delete("/api/meetings/nowhere").await.assert_error(404, "meeting-not-found");
}
