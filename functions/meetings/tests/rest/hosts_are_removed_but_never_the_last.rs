//! `DELETE …/hosts/{userId}`.

use dais_domain::Command;
use serde_json::json;

use crate::support::{ADA, BO, CY, STRANGER, World, command, enter};

#[tokio::test]
async fn an_absent_host_is_removed() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    command(&world, ADA, "m", Command::MakeHost(BO.user_id()), "Bo").await;
    assert_eq!(world.by(CY).get("/api/meetings/m").await.body["hostedBy"], "Ada and Bo");
    let reply = world.by(ADA).delete("/api/meetings/m/hosts/user_bo").await;
    assert_eq!((reply.status, &reply.body["hostedBy"], &reply.body["version"]), (200, &json!("Ada"), &json!(3)));
    world.by(BO).patch("/api/meetings/m", json!({ "description": "x" })).await.assert_error(403, "only-hosts");
}

#[tokio::test]
async fn all_tabs_of_the_one_removed_are_told_and_everybody_sees_it() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    command(&world, ADA, "m", Command::MakeHost(BO.user_id()), "Bo").await;
    for (person, connection) in [(ADA, "c-ada"), (BO, "c-bo-1"), (BO, "c-bo-2")] {
        enter(&world, person, connection, "m").await;
    }
    assert_eq!(world.by(ADA).delete("/api/meetings/m/hosts/user_bo").await.status, 200);
    world.settle().await;
    let updated = json!({ "participantId": "user_bo", "updates": { "isHost": false } });
    let updated = ("participant-updated".to_owned(), vec![updated, json!("3")]);
    let revoked = ("host-revoked".to_owned(), vec![json!({ "by": "Ada" }), json!("3")]);
    assert_eq!(world.sockets.take("c-ada"), std::slice::from_ref(&updated));
    for tab in ["c-bo-1", "c-bo-2"] {
        assert_eq!(world.sockets.take(tab), [updated.clone(), revoked.clone()]);
    }
}

#[tokio::test]
async fn the_last_host_stays() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    let reply = world.by(ADA).delete("/api/meetings/m/hosts/user_ada").await;
    reply.assert_error(409, "last-host");
    assert_eq!(reply.body["error"], "Cannot remove the last host");
}

#[tokio::test]
async fn a_host_steps_down_when_there_is_another_and_the_creator_is_removed_as_any_other() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    command(&world, ADA, "m", Command::MakeHost(BO.user_id()), "Bo").await;
    let reply = world.by(ADA).delete("/api/meetings/m/hosts/user_ada").await;
    assert_eq!((&reply.body["isHost"], &reply.body["createdBy"]), (&json!(false), &json!("user_ada")));
    world.by(BO).delete("/api/meetings/m/hosts/user_bo").await.assert_error(409, "last-host");
}

#[tokio::test]
async fn only_hosts_may() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    command(&world, ADA, "m", Command::MakeCohost(CY.user_id()), "Cy").await;
    for person in [CY, STRANGER] {
        let reply = world.by(person).delete("/api/meetings/m/hosts/user_ada").await;
        reply.assert_error(403, "only-hosts");
        assert_eq!(reply.body["error"], "Only hosts can remove host status");
    }
    world.by(ADA).delete("/api/meetings/nowhere/hosts/user_ada").await.assert_error(404, "meeting-not-found");
}

#[tokio::test]
async fn who_is_no_host_is_none_afterwards_and_keeps_what_he_is() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    command(&world, ADA, "m", Command::MakeCohost(CY.user_id()), "Cy").await;
    for user in ["user_cy", "user_stranger", "auth0%7C42"] {
        let reply = world.by(ADA).delete(&format!("/api/meetings/m/hosts/{user}")).await;
        assert_eq!((reply.status, &reply.body["version"]), (200, &json!(2)), "{user}");
        assert_eq!(reply.body["coHosts"][0]["userId"], "user_cy");
    }
}

#[tokio::test]
async fn in_a_meeting_that_has_ended_roles_stay() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    command(&world, ADA, "m", Command::MakeHost(BO.user_id()), "Bo").await;
    world.by(ADA).delete("/api/meetings/m").await;
    world.by(ADA).delete("/api/meetings/m/hosts/user_bo").await.assert_error(409, "meeting-ended");
}

#[tokio::test]
async fn staff_in_a_users_place_does_not_change_roles() {
    let world = World::new();
    world.meeting(ADA, "m").await;
    command(&world, ADA, "m", Command::MakeHost(BO.user_id()), "Bo").await;
    let staff = || world.by(ADA).claiming(json!({ "act": { "sub": "user_staff" } }));
    staff().delete("/api/meetings/m/hosts/user_bo").await.assert_error(403, "impersonated");
    assert_eq!(staff().get("/api/meetings/m").await.body["hostedBy"], "Ada and Bo");
}
