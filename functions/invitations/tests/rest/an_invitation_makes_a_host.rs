//! From the host's click to a host in the room.

use dais_domain::{Command, Role};
use serde_json::json;

use crate::support::{ADA, BO, CY, DAY_MS, NOW_MS, Script, World, email_of, enter};
use dais_invitations::Rules;
use dais_store::memory::Fate;
use std::sync::Arc;

#[tokio::test]
async fn an_invited_stranger_becomes_host_by_proving_the_address() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let (id, token) = world.invited(&email_of(BO)).await;

    let preview = world.by(BO).answer("preview", &token).await;
    assert_eq!(preview.status, 200, "{preview:?}");
    let shown = &preview.body;
    assert_eq!((&shown["state"], &shown["role"]), (&json!("pending"), &json!("host")));
    assert_eq!(shown["meeting"]["title"], "Stand-up");
    assert_eq!(shown["meeting"]["hostedBy"], "Ada");
    assert_eq!((&shown["inviterName"], &shown["alreadyHost"]), (&json!("Ada"), &json!(false)));
    assert_eq!(world.role("m1", BO).await, Role::Participant, "looking changes nothing");

    let accepted = world.by(BO).answer("accept", &token).await;
    assert_eq!(accepted.status, 200, "{accepted:?}");
    assert_eq!(accepted.body["message"], "Invitation accepted!");
    assert_eq!(accepted.body["meeting"]["hosts"].as_array().unwrap().len(), 2);
    assert_eq!(world.role("m1", BO).await, Role::Host);
    let listed = world.by(BO).listed("m1").await;
    assert_eq!((&listed["id"], &listed["state"]), (&json!(id), &json!("accepted")));
    assert_eq!(listed["acceptedBy"], BO.id);
}

#[tokio::test]
async fn the_live_room_and_the_inviter_are_told() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    enter(&world, ADA, "c-ada", "m1").await;
    enter(&world, BO, "c-bo", "m1").await;
    let (_, token) = world.invited(&email_of(BO)).await;
    assert_eq!(world.by(BO).answer("accept", &token).await.status, 200);
    assert_eq!(world.sockets.take("c-ada"), [], "the answer comes first");
    world.settle().await;
    let updated = world.sockets.take("c-ada");
    assert_eq!(updated[0].0, "participant-updated");
    assert_eq!(updated[0].1[0]["participantId"], BO.id);
    assert_eq!(updated[0].1[0]["updates"], json!({ "isHost": true }));
    assert_eq!(world.sockets.take_names("c-bo"), ["participant-updated", "host-granted"]);

    let letters = world.post.take();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to.as_str(), email_of(ADA));
    assert_eq!(letters[0].subject, "Bo is now a host of Stand-up");
}

#[tokio::test]
async fn a_registered_user_is_invited_by_any_of_his_addresses() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    world.knows(BO, &["bo@work.example", &email_of(BO)]).await;
    let (_, token) = world.invited("Bo@Work.example").await;
    assert_eq!(world.by(BO).answer("accept", &token).await.status, 200);
    assert_eq!(world.role("m1", BO).await, Role::Host);
}

#[tokio::test]
async fn people_of_ones_network_are_invited_by_their_ids() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    world.knows(BO, &["bo@work.example"]).await;
    world.knows(CY, &["cy@work.example"]).await;
    world.attended(ADA, "m1").await;
    world.attended(BO, "m1").await;
    let path = "/api/meetings/m1/host-invitations/network";
    let reply = world.by(ADA).post(path, json!({ "inviteeIds": [BO.id, CY.id, "user_nobody", "a b", ADA.id] })).await;
    assert_eq!(reply.statuses(), ["sent", "not-registered", "not-registered", "invalid", "already-host"]);
    assert_eq!(reply.body["createdInvites"], 1);
    world.settle().await;
    let listed = world.by(ADA).listed("m1").await;
    assert_eq!((&listed["inviteeId"], &listed["email"]), (&json!(BO.id), &json!(null)), "{listed}");
    let tokens = world.post.tokens_to("bo@work.example");
    assert_eq!(world.by(BO).answer("accept", &tokens[0]).await.status, 200);
    assert_eq!(world.role("m1", BO).await, Role::Host);
}

#[tokio::test]
async fn a_cohost_invitation_makes_a_cohost() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let path = "/api/meetings/m1/host-invitations/email";
    let reply = world.by(ADA).post(path, json!({ "emails": [email_of(BO)], "role": "cohost" })).await;
    assert_eq!(reply.statuses(), ["sent"]);
    world.settle().await;
    let token = world.post.tokens_to(&email_of(BO)).remove(0);
    let accepted = world.by(BO).answer("accept", &token).await;
    assert_eq!((&accepted.body["role"], accepted.status), (&json!("cohost"), 200));
    assert_eq!(world.role("m1", BO).await, Role::CoHost);
}

#[tokio::test]
async fn who_became_host_meanwhile_is_told_so_and_the_invitation_is_used() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let (_, token) = world.invited(&email_of(BO)).await;
    world.command(ADA, "m1", Command::MakeHost(BO.user_id())).await;
    let accepted = world.by(BO).answer("accept", &token).await;
    assert_eq!((accepted.status, &accepted.body["message"]), (200, &json!("Already a host")));
    assert_eq!(world.by(ADA).listed("m1").await["state"], "accepted");
}

#[tokio::test]
async fn the_same_acceptance_may_come_twice_but_an_invitation_works_once() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let (_, token) = world.invited(&email_of(BO)).await;
    for message in ["Invitation accepted!", "Already a host"] {
        assert_eq!(world.by(BO).answer("accept", &token).await.body["message"], message);
    }
    assert_eq!(world.stored("m1").await.version.0, 2);
    let other_account = world.by(CY).claiming(json!({ "email": email_of(BO) }));
    other_account.answer("accept", &token).await.assert_error(410, "invitation-used");
}

#[tokio::test]
async fn an_acceptance_of_which_the_table_said_nothing_is_told_once() {
    let weather = Arc::new(Script::then_fair("accept", [Fate::FailAfter]));
    let world = World::with(weather, Rules::default());
    world.meeting(ADA, "m1").await;
    enter(&world, BO, "c-bo", "m1").await;
    let (_, token) = world.invited(&email_of(BO)).await;
    let accepted = world.by(BO).answer("accept", &token).await;
    assert_eq!(accepted.body["message"], "Invitation accepted!", "{accepted:?}");
    world.settle().await;
    assert_eq!(world.sockets.take_names("c-bo"), ["participant-updated", "host-granted"]);
    assert_eq!(world.post.take().len(), 1);
}

#[tokio::test]
async fn declining_ends_it() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let (_, token) = world.invited(&email_of(BO)).await;
    for _ in 0..2 {
        assert_eq!(world.by(BO).answer("decline", &token).await.status, 200);
    }
    assert_eq!(world.by(ADA).listed("m1").await["state"], "declined");
    world.by(BO).answer("accept", &token).await.assert_error(410, "invitation-declined");
}

#[tokio::test]
async fn its_owner_is_told_what_is_wrong_with_it() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let (_, token) = world.invited(&email_of(BO)).await;
    let late = NOW_MS + 7 * DAY_MS;
    for what in ["preview", "accept", "decline"] {
        world.by(BO).at(late).answer(what, &token).await.assert_error(410, "invitation-expired");
    }
    assert_eq!(world.by(ADA).at(late).listed("m1").await["state"], "expired");
    world.command(ADA, "m1", Command::MakeHost(CY.user_id())).await;
    world.command(CY, "m1", Command::RemoveHost(ADA.user_id())).await;
    world.by(BO).answer("accept", &token).await.assert_error(409, "invitation-inviter-not-host");
    world.command(CY, "m1", Command::End).await;
    world.by(BO).answer("accept", &token).await.assert_error(409, "invitation-meeting-over");
}

#[tokio::test]
async fn the_wrong_account_is_told_which_one_is_needed_and_it_stays_pending() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let (_, token) = world.invited("bo.b@secret.example").await;
    for what in ["preview", "accept", "decline"] {
        let reply = world.by(CY).answer(what, &token).await;
        reply.assert_error(403, "invitation-wrong-account");
        assert_eq!(reply.body["error"], "You are not authorized to accept this invitation.");
        assert_eq!(reply.body["hint"], "b…@secret.example");
        assert!(!reply.body.to_string().contains("bo.b"), "{reply:?}");
    }
    assert_eq!(world.by(ADA).listed("m1").await["state"], "pending");
}

#[tokio::test]
async fn nobody_accepts_or_invites_in_anothers_place() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let (id, token) = world.invited(&email_of(BO)).await;
    let staff = json!({ "act": { "sub": "user_staff" } });
    for what in ["accept", "decline"] {
        world.by(BO).claiming(staff.clone()).answer(what, &token).await.assert_error(403, "impersonated");
    }
    world.by(ADA).claiming(staff.clone()).invite("m1", &["x@example.com"]).await.assert_error(403, "impersonated");
    let path = format!("/api/meetings/m1/host-invitations/{id}");
    world.by(ADA).claiming(staff).delete(&path).await.assert_error(403, "impersonated");
}
