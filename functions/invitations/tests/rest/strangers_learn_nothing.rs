//! Answers and work for known and unknown addresses and tokens do not differ to a stranger.

use std::sync::Arc;

use dais_courier::InvitationToken;
use dais_domain::Command;
use dais_invitations::{ROUTES, Rules};
use serde_json::json;

use crate::support::{ADA, BO, Counting, DAY_MS, NOW_MS, STRANGER, World, email_of};

#[tokio::test]
async fn dead_foreign_tokens_and_unknown_ones_look_the_same_and_cost_the_same() {
    let weather = Arc::new(Counting::default());
    let world = World::with(weather.clone(), Rules::default());
    for id in ["m1", "m2"] {
        world.meeting(ADA, id).await;
    }
    let (id, revoked) = world.invited("a@example.com").await;
    world.by(ADA).delete(&format!("/api/meetings/m1/host-invitations/{id}")).await;
    let (_, accepted) = world.invited(&email_of(BO)).await;
    world.by(BO).answer("accept", &accepted).await;
    let (_, replaced) = world.invited("b@example.com").await;
    world.by(ADA).invite("m1", &["b@example.com"]).await;
    let (_, expired) = world.invited("c@example.com").await;
    let unknown = InvitationToken::generate().unwrap().reveal().to_owned();

    for what in ["preview", "accept", "decline"] {
        let mut seen = Vec::new();
        for (token, now_ms) in [
            (&unknown, NOW_MS),
            (&revoked, NOW_MS),
            (&accepted, NOW_MS),
            (&replaced, NOW_MS),
            (&expired, NOW_MS + 7 * DAY_MS),
        ] {
            let before = weather.count();
            let reply = world.by(STRANGER).at(now_ms).answer(what, token).await;
            reply.assert_error(404, "invitation-not-found");
            seen.push((reply, weather.count() - before));
        }
        assert!(seen.iter().all(|one| *one == seen[0]), "{seen:?}");
    }
}

#[tokio::test]
async fn a_dead_token_of_an_ended_meeting_looks_unknown_too() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let (_, token) = world.invited(&email_of(BO)).await;
    world.command(ADA, "m1", Command::End).await;
    world.by(STRANGER).answer("accept", &token).await.assert_error(404, "invitation-not-found");
}

#[tokio::test]
async fn a_host_does_not_learn_who_is_registered() {
    let weather = Arc::new(Counting::default());
    let world = World::with(weather.clone(), Rules::default());
    world.meeting(ADA, "m1").await;
    world.knows(BO, &["bo@work.example"]).await;
    let mut seen = Vec::new();
    for email in ["bo@work.example", "xy@work.example"] {
        let before = weather.count();
        let mut reply = world.by(ADA).invite("m1", &[email]).await;
        let result = &mut reply.body["results"][0];
        result["email"] = json!(null);
        result["invitationId"] = json!(null);
        let listed = world.by(ADA).listed("m1").await;
        assert_eq!((&listed["email"], &listed["inviteeId"]), (&json!(email), &json!(null)));
        seen.push((reply, weather.count() - before));
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn what_cannot_be_a_token_looks_like_an_unknown_one() {
    let world = World::new();
    let unknown = InvitationToken::generate().unwrap();
    let expected = world.by(STRANGER).answer("accept", unknown.reveal()).await;
    for text in ["", "abc", "💥", &"x".repeat(1000)] {
        assert_eq!(world.by(STRANGER).answer("accept", text).await, expected, "{text}");
    }
}

#[tokio::test]
async fn without_a_session_nothing_is_read() {
    let weather = Arc::new(Counting::default());
    let world = World::with(weather.clone(), Rules::default());
    for route in ROUTES.iter().filter(|route| !route.path.contains("unsubscribe")) {
        let path = route.path.replace("{id}", "m1").replace("{invitationId}", "i1");
        let asking = world.nobody().header("content-type", "application/json");
        asking.send(route.method.as_str(), &path, Some("{}".to_owned())).await.assert_error(401, "token-missing");
    }
    assert_eq!(weather.count(), 0);
}
