//! `GET /api/meetings`.

use std::collections::BTreeSet;

use dais_domain::Timestamp;
use serde_json::{Value, json};

use crate::support::{ADA, BO, NOW_MS, World};

const HOUR_MS: u64 = 3_600_000;

/// Three that have started and three that have not, one hour apart; `m-3` starts now.
async fn six_meetings() -> World {
    let world = World::new();
    for index in 0..6_u64 {
        let starts_at = Timestamp::from_ms(NOW_MS + index * HOUR_MS - 3 * HOUR_MS).to_rfc3339();
        let sent = json!({ "roomId": format!("m-{index}"), "startsAt": starts_at });
        assert_eq!(world.by(ADA).post("/api/meetings", sent).await.status, 201);
    }
    world.meeting(BO, "not-mine").await;
    world
}

fn ids(page: &Value) -> Vec<String> {
    page["meetings"].as_array().unwrap().iter().map(|meeting| meeting["id"].as_str().unwrap().to_owned()).collect()
}

async fn all_pages(world: &World, query: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut path = format!("/api/meetings?{query}");
    // Time goes on between the pages; what is listed does not change with it.
    for round in 0.. {
        let page = world.by(ADA).at(NOW_MS + round * 2 * HOUR_MS).get(&path).await;
        assert_eq!(page.status, 200, "{page:?}");
        found.extend(ids(&page.body));
        let Some(cursor) = page.body["nextCursor"].as_str() else { break };
        path = format!("/api/meetings?{query}&cursor={cursor}");
    }
    found
}

#[tokio::test]
async fn they_are_upcoming_or_past_or_all() {
    let world = six_meetings().await;
    for limit in [1, 2, 3, 4, 100] {
        for (query, expected) in [
            ("period=upcoming", vec!["m-3", "m-4", "m-5"]),
            ("period=past", vec!["m-2", "m-1", "m-0"]),
            ("hosting=false", vec!["m-5", "m-4", "m-3", "m-2", "m-1", "m-0"]),
            ("userId=user_ada", vec!["m-5", "m-4", "m-3", "m-2", "m-1", "m-0"]),
        ] {
            assert_eq!(all_pages(&world, &format!("{query}&limit={limit}")).await, expected, "{query} {limit}");
        }
    }
}

#[tokio::test]
async fn what_was_ended_before_its_start_is_not_upcoming() {
    let world = six_meetings().await;
    world.by(ADA).delete("/api/meetings/m-4").await;
    for limit in [1, 2, 3] {
        assert_eq!(all_pages(&world, &format!("period=upcoming&limit={limit}")).await, ["m-3", "m-5"]);
    }
    let all = world.by(ADA).get("/api/meetings").await.body;
    assert_eq!(ids(&all).len(), 6);
    assert_eq!(all["meetings"][1]["endedAt"], "2033-05-18T03:33:20.000Z");
}

#[tokio::test]
async fn hosting_leaves_out_where_one_is_host_no_more() {
    let world = six_meetings().await;
    // Ada makes Bo a host by the socket, and steps down.
    make_host(&world, "m-1").await;
    world.by(ADA).delete("/api/meetings/m-1/hosts/user_ada").await;
    assert_eq!(all_pages(&world, "hosting=true&limit=2").await, ["m-5", "m-4", "m-3", "m-2", "m-0"]);
    assert!(all_pages(&world, "limit=2").await.contains(&"m-1".to_owned()), "it is still one's own");
    let bos: BTreeSet<_> = ids(&world.by(BO).get("/api/meetings?hosting=true").await.body).into_iter().collect();
    assert_eq!(bos, BTreeSet::from(["m-1".to_owned(), "not-mine".to_owned()]));
}

async fn make_host(world: &World, id: &str) {
    use dais_domain::{Actor, Command, MeetingId};
    use dais_store::Meetings;
    let meeting = world.store.meeting(&MeetingId::new(id).unwrap()).await.unwrap().unwrap();
    let actor = Actor { user_id: ADA.user_id(), name: None };
    let command = Command::MakeHost(BO.user_id());
    let decision = meeting.decide(&actor, &command, None, Timestamp::from_ms(NOW_MS)).unwrap().unwrap();
    world.store.commit(&decision).await.unwrap();
}

#[tokio::test]
async fn nobody_lists_the_meetings_of_another() {
    let world = six_meetings().await;
    let reply = world.by(BO).get("/api/meetings?userId=user_ada").await;
    assert!(reply.assert_error(403, "foreign-user").contains("userId"));
}

#[tokio::test]
async fn a_cursor_is_good_for_its_list_and_no_other() {
    let world = six_meetings().await;
    let page = world.by(ADA).get("/api/meetings?period=upcoming&limit=1").await.body;
    let cursor = page["nextCursor"].as_str().unwrap();
    for path in [
        format!("/api/meetings?period=past&cursor={cursor}"),
        format!("/api/meetings?cursor={cursor}"),
        format!("/api/meetings?period=upcoming&cursor={cursor}x"),
        "/api/meetings?cursor=".to_owned(),
        "/api/meetings?cursor=garbage".to_owned(),
        "/api/meetings?cursor=%00".to_owned(),
    ] {
        let reply = world.by(ADA).get(&path).await;
        assert!(reply.assert_error(400, "invalid-request").contains("cursor"), "{path}");
    }
    let of_another = world.by(BO).get(&format!("/api/meetings?period=upcoming&cursor={cursor}")).await;
    assert!(!ids(&of_another.body).iter().any(|id| id.starts_with("m-")), "it shows nothing of another's list");
}
