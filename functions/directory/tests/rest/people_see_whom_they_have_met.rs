//! `GET /api/network`: one's own, searched and in pages.

use dais_domain::Command;
use serde_json::{Value, json};

use crate::support::{ADA, BO, CY, DI, Person, World, user};

/// Ada has met Bo in two meetings and Cy in one, which Di co-hosts and never came to.
async fn world() -> World {
    let world = World::new();
    world.meeting("m1", "Weekly stand-up", BO, &[]).await;
    world.meeting("m2", "Straßenfest", CY, &[]).await;
    world.command("m2", CY, Command::MakeCohost(DI.user_id()), None).await;
    world.attended("m1", ADA, 10).await;
    world.attended("m2", ADA, 20).await;
    world.attended("m2", BO, 20).await;
    world
}

fn names(reply: &super::support::Reply) -> Vec<&str> {
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.body["people"].as_array().unwrap().iter().map(|person| person["userId"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn it_has_everybody_with_the_meetings_they_shared() {
    let world = world().await;
    let reply = world.network(ADA, "").await;
    assert_eq!(names(&reply), [BO.id, CY.id, DI.id]);
    let bo = &reply.body["people"][0];
    assert_eq!(bo["name"], "Bo");
    assert_eq!(bo["imageUrl"], Value::Null);
    assert_eq!(bo["metAt"], "2033-05-18T03:33:40.000Z");
    assert_eq!(bo["meetingCount"], 2);
    assert_eq!(
        bo["meetings"],
        json!([
            { "id": "m2", "title": "Straßenfest", "at": "2033-05-18T03:33:40.000Z" },
            { "id": "m1", "title": "Weekly stand-up", "at": "2033-05-18T03:33:30.000Z" },
        ])
    );
    assert_eq!(reply.body["people"][2]["name"], Value::Null);
    assert_eq!(reply.body["nextCursor"], Value::Null);
    assert_eq!(names(&world.network(Person { id: "user_new", name: None }, "").await), [""; 0]);
}

#[tokio::test]
async fn it_is_searched_by_person_and_by_title() {
    let world = world().await;
    for (query, found) in [
        ("bo", vec![BO.id]),
        ("%20CY%20", vec![CY.id]),
        ("STAND", vec![BO.id]),
        ("strassen", vec![BO.id, CY.id, DI.id]),
        ("ada", vec![]),
        ("user_", vec![]),
        ("", vec![BO.id, CY.id, DI.id]),
    ] {
        assert_eq!(names(&world.network(ADA, &format!("?q={query}")).await), found, "{query}");
    }
}

#[tokio::test]
async fn it_comes_in_pages() {
    let world = world().await;
    let mut seen = Vec::new();
    let mut query = "?limit=1".to_owned();
    loop {
        let reply = world.network(ADA, &query).await;
        assert_eq!(names(&reply).len(), 1);
        seen.push(names(&reply)[0].to_owned());
        let Some(cursor) = reply.body["nextCursor"].as_str() else { break };
        query = format!("?limit=1&cursor={cursor}");
    }
    assert_eq!(seen, [BO.id, CY.id, DI.id]);
}

#[tokio::test]
async fn of_many_meetings_the_ten_latest_are_shown_or_those_that_were_searched() {
    let world = World::new();
    for n in 0..12 {
        let id = format!("m{n}");
        world.meeting(&id, &format!("Number {n}!"), BO, &[]).await;
        world.attended(&id, ADA, n).await;
    }
    let shown = |reply: &Value| -> Vec<String> {
        let meetings = reply["people"][0]["meetings"].as_array().unwrap();
        meetings.iter().map(|meeting| meeting["id"].as_str().unwrap().to_owned()).collect()
    };
    let all = world.network(ADA, "").await.body;
    assert_eq!(all["people"][0]["meetingCount"], 12);
    let latest: Vec<String> = (2..12).rev().map(|n| format!("m{n}")).collect();
    assert_eq!(shown(&all), latest);
    let found = shown(&world.network(ADA, "?q=number%200!").await.body);
    assert_eq!((found.len(), found[9].as_str()), (10, "m0"));
}

#[tokio::test]
async fn nobody_sees_the_network_of_somebody_else() {
    let world = world().await;
    world.network(BO, "?userId=user_ada").await.assert_error(403, "foreign-user");
    assert_eq!(names(&world.network(ADA, "?userId=user_ada").await).len(), 3);
    world.network(BO, "?user=user_ada").await.assert_error(400, "invalid-request");
    world.send("GET", "/api/network", Vec::new(), None).await.assert_error(401, "token-missing");
    let forged = vec![("authorization".to_owned(), "Bearer forged".to_owned())];
    world.send("GET", "/api/network", forged, None).await.assert_error(401, "token-malformed");
}

#[tokio::test]
async fn no_address_is_shown() {
    let world = world().await;
    world.told("msg_1", &user("user.created", BO, &["bo@example.com"], 0)).await.assert_taken();
    let reply = world.network(ADA, "").await;
    assert!(!reply.body.to_string().contains("example.com\",") && !reply.body.to_string().contains("bo@"));
    assert_eq!(reply.body["people"][0]["imageUrl"], "https://img.example.com/1.png");
}

#[tokio::test]
async fn the_directory_has_the_name_of_whom_the_meeting_has_none() {
    let world = world().await;
    let named = Person { name: Some("Di Prima"), ..DI };
    world.told("msg_1", &user("user.created", named, &[], 0)).await.assert_taken();
    assert_eq!(world.network(ADA, "").await.body["people"][2]["name"], "Di Prima");
}

#[tokio::test]
async fn parameters_that_make_no_sense_are_refused() {
    let world = world().await;
    for query in ["?limit=0", "?limit=101", "?limit=ten", "?cursor=x", "?cursor=", "?q=a&q=b", "?page=2"] {
        world.network(ADA, query).await.assert_error(400, "invalid-request");
    }
    world.network(ADA, &format!("?q={}", "x".repeat(201))).await.assert_error(400, "invalid-request");
    assert_eq!(world.network(ADA, &format!("?q={}", "x".repeat(200))).await.status, 200);
}

#[tokio::test]
async fn whoever_asks_is_known_afterwards() {
    let world = World::new();
    assert_eq!(world.network(ADA, "").await.status, 200);
    assert_eq!(world.known(ADA).await, None, "after the answer");
    world.settle().await;
    assert_eq!(world.owner("user_ada@example.com").await, Some(ADA.user_id()));
    // An address that is not verified is not his, and staff in his place are not he.
    world.network_claiming(BO, "", json!({ "email_verified": false })).await;
    world.network_claiming(CY, "", json!({ "act": { "sub": "user_staff" } })).await;
    world.settle().await;
    assert_eq!(world.known(BO).await.unwrap().emails, []);
    assert_eq!(world.known(CY).await, None);
}

#[tokio::test]
async fn what_is_not_served_is_refused_as_elsewhere() {
    let world = World::new();
    world.send("DELETE", "/api/network", Vec::new(), None).await.assert_error(405, "method-not-allowed");
    world.send("GET", "/api/networks", Vec::new(), None).await.assert_error(404, "not-found");
}
