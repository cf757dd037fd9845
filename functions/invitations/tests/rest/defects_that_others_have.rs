//! The defects of the code that the invitation document came from (numbers 52 to 68 of the contract). None may exist here.
//! What concerns letters is tested with the letters, what concerns users and networks with the directory.

use dais_courier::InvitationToken;
use dais_domain::{Command, Role};
use serde_json::json;

use crate::support::{ADA, BO, CY, DAY_MS, NOW_MS, Person, STRANGER, World, email_of};

#[tokio::test]
async fn d52_a_token_is_long_random_hashed_and_expires() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let (_, token) = world.invited(&email_of(BO)).await;
    assert_eq!(token.len(), InvitationToken::CHARS);
    let (_, other) = world.invited(&email_of(CY)).await;
    assert_ne!(token, other);
    let late = world.by(BO).at(NOW_MS + 7 * DAY_MS).answer("accept", &token).await;
    late.assert_error(410, "invitation-expired");
}

#[tokio::test]
async fn d53_who_is_not_invited_is_refused_before_anything_else_even_a_host() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let (_, token) = world.invited(&email_of(BO)).await;
    world.command(ADA, "m1", Command::MakeHost(CY.user_id())).await;
    for person in [ADA, CY, STRANGER] {
        world.by(person).answer("accept", &token).await.assert_error(403, "invitation-wrong-account");
    }
    world.nobody().answer("accept", &token).await.assert_error(401, "token-missing");
    assert_eq!(world.by(ADA).listed("m1").await["state"], "pending");
}

#[tokio::test]
async fn d54_it_dies_with_the_inviters_role_with_the_meeting_and_by_its_use() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let (_, used) = world.invited(&email_of(BO)).await;
    world.by(BO).answer("accept", &used).await;
    world.command(ADA, "m1", Command::RemoveHost(BO.user_id())).await;
    world.by(BO).answer("accept", &used).await.assert_error(410, "invitation-used");
    assert_eq!(world.role("m1", BO).await, Role::Participant);

    let (_, token) = world.invited(&email_of(CY)).await;
    world.command(ADA, "m1", Command::MakeHost(BO.user_id())).await;
    world.command(BO, "m1", Command::RemoveHost(ADA.user_id())).await;
    world.by(CY).answer("accept", &token).await.assert_error(409, "invitation-inviter-not-host");
    world.command(BO, "m1", Command::End).await;
    world.by(CY).answer("accept", &token).await.assert_error(409, "invitation-meeting-over");
}

#[tokio::test]
async fn d55_registered_people_are_invited_by_e_mail_and_only_hosts_of_this_meeting_are_left_out() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    world.meeting(BO, "m2").await;
    world.knows(BO, &[&email_of(BO)]).await;
    assert_eq!(world.by(ADA).invite("m1", &[&email_of(BO), &email_of(ADA)]).await.statuses(), ["sent", "already-host"]);
}

#[tokio::test]
async fn d56_clicks_do_not_multiply_and_a_mail_cannon_is_stopped() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let mut statuses = Vec::new();
    for _ in 0..7 {
        statuses.extend(world.by(ADA).invite("m1", &[&email_of(BO)]).await.statuses().into_iter().map(str::to_owned));
    }
    let again = "already-invited";
    assert_eq!(statuses, ["sent", again, again, again, again, "limit", "limit"]);
    let list = world.by(ADA).get("/api/meetings/m1/host-invitations").await;
    assert_eq!(list.body["invitations"].as_array().unwrap().len(), 1);
    let cannon: Vec<String> = (0..51).map(|n| format!("u{n}@example.com")).collect();
    let cannon: Vec<&str> = cannon.iter().map(String::as_str).collect();
    world.by(ADA).invite("m1", &cannon).await.assert_error(400, "too-many-invitees");
}

#[tokio::test]
async fn d57_each_address_has_its_result_and_its_mail() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let reply = world.by(ADA).invite("m1", &["a@example.com", "broken", "b@example.com"]).await;
    assert_eq!(reply.statuses(), ["sent", "invalid", "sent"]);
    world.settle().await;
    assert_eq!(world.post.take().len(), 2);
}

#[tokio::test]
async fn d58_looking_does_not_accept_and_accepting_twice_is_no_error() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let (_, token) = world.invited(&email_of(BO)).await;
    for _ in 0..2 {
        assert_eq!(world.by(BO).answer("preview", &token).await.body["state"], "pending");
    }
    for _ in 0..2 {
        assert_eq!(world.by(BO).answer("accept", &token).await.status, 200);
    }
    assert_eq!(world.by(BO).answer("preview", &token).await.body["state"], "accepted");
}

#[tokio::test]
async fn d59_an_address_that_is_not_verified_proves_nothing() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let (_, token) = world.invited(&email_of(BO)).await;
    for claims in [
        json!({ "email": email_of(BO), "email_verified": false }),
        json!({ "email": email_of(BO), "email_verified": null }),
        json!({ "email": email_of(BO), "email_verified": "true" }),
    ] {
        let reply = world.by(CY).claiming(claims).answer("accept", &token).await;
        reply.assert_error(403, "invitation-wrong-account");
    }
}

#[tokio::test]
async fn d61_the_right_to_invite_is_checked_with_the_acceptance_and_not_only_before() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let (_, token) = world.invited(&email_of(BO)).await;
    world.command(ADA, "m1", Command::MakeHost(CY.user_id())).await;
    let accept = world.by(BO).answer("accept", &token);
    let remove = world.command(CY, "m1", Command::RemoveHost(ADA.user_id()));
    let (reply, ()) = futures::join!(accept, remove);
    let host = world.role("m1", BO).await == Role::Host;
    assert_eq!(reply.status == 200, host, "{reply:?}");
    assert!(!world.stored("m1").await.hosts().is_empty());
}

#[tokio::test]
async fn d62_nobody_invites_in_anothers_name_and_no_answer_lists_addresses() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    world.by(STRANGER).invite("m1", &["x@example.com"]).await.assert_error(403, "only-hosts");
    let body = json!({ "emails": ["x@example.com"], "inviterId": ADA.id });
    let path = "/api/meetings/m1/host-invitations/email";
    world.by(STRANGER).post(path, body).await.assert_error(400, "invalid-request");
    let (_, token) = world.invited(&email_of(BO)).await;
    for what in ["preview", "accept"] {
        let reply = world.by(BO).answer(what, &token).await;
        assert!(!reply.body.to_string().contains("@example.com"), "{reply:?}");
    }
}

#[tokio::test]
async fn d63_people_whom_one_has_not_met_are_not_invited_by_id() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    world.knows(BO, &["bo@work.example"]).await;
    let body = json!({ "inviteeIds": [BO.id, "user_nobody"] });
    let reply = world.by(ADA).post("/api/meetings/m1/host-invitations/network", body).await;
    assert_eq!(reply.statuses(), ["not-registered", "not-registered"], "a stranger is not told from nobody");
    world.settle().await;
    assert_eq!(world.post.take().len(), 0);
}

#[tokio::test]
async fn d64_a_meeting_that_nobody_was_in_can_be_invited_to_and_hosts_are_left_out_because_they_are_hosts() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    for person in [BO, CY] {
        world.knows(person, &[&email_of(person)]).await;
    }
    assert_eq!(world.by(ADA).invite("m1", &[&email_of(BO)]).await.statuses(), ["sent"], "nobody was ever in it");
    world.command(ADA, "m1", Command::MakeHost(CY.user_id())).await;
    for person in [ADA, BO, CY] {
        world.attended(person, "m1").await;
    }
    let statuses = world.by(ADA).invite("m1", &[&email_of(CY), &email_of(BO)]).await.statuses().join(" ");
    assert_eq!(statuses, "already-host already-invited", "it matters who is host, not who else was in it");
}

#[tokio::test]
async fn d65_upper_and_lower_case_are_one_address() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    world.knows(BO, &["Bo.Diddley@Work.Example"]).await;
    let (_, token) = world.invited("BO.DIDDLEY@work.example").await;
    assert_eq!(world.by(ADA).invite("m1", &["bo.diddley@WORK.example"]).await.statuses(), ["already-invited"]);
    world.by(BO).answer("accept", &token).await.assert_error(410, "invitation-replaced");
}

#[tokio::test]
async fn d66_the_mail_goes_to_the_invitee() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    world.by(ADA).invite("m1", &[&email_of(BO)]).await;
    world.settle().await;
    let letter = world.post.take().remove(0);
    assert_eq!(letter.to.as_str(), email_of(BO));
    assert_eq!(letter.subject, "You've been invited to co-host Stand-up");
    assert!(letter.text.contains("https://meet.example.com/events/m1/accept-host?token="));
}

#[tokio::test]
async fn d67_a_refusal_is_no_server_error_and_says_what_to_do() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let unknown = InvitationToken::generate().unwrap();
    let reply = world.by(BO).answer("accept", unknown.reveal()).await;
    reply.assert_error(404, "invitation-not-found");
    assert_eq!(reply.body["error"], "Invalid or expired invitation token.");
    world.by(BO).post("/api/host-invitations/accept", json!({})).await.assert_error(400, "invalid-request");
    world.by(BO).post("/api/host-invitations/accept", json!({ "token": 1 })).await.assert_error(400, "invalid-request");
}

#[tokio::test]
async fn d68_commas_in_names_and_missing_names_make_no_hosts() {
    const JANE: Person = Person { id: "user_jane", name: Some("Doe, Jane") };
    let world = World::new();
    world.meeting(JANE, "m1").await;
    // Nothing is known of his name.
    world.command(JANE, "m1", Command::MakeHost(CY.user_id())).await;
    world.by(JANE).invite("m1", &[&email_of(BO)]).await;
    world.settle().await;
    let letters = world.post.take();
    let line = letters[0].text.lines().find(|line| line.contains("Hosted by"));
    assert_eq!(line.map(str::trim), Some("Hosted by Doe, Jane"), "{}", letters[0].text);
    assert!(letters[0].html.contains("Doe, Jane") && !letters[0].html.contains("Doe, Jane and"));

    let (_, token) = letters[0].text.split_once("?token=").unwrap();
    let token = &token[..InvitationToken::CHARS];
    assert_eq!(world.by(BO).answer("preview", token).await.body["meeting"]["hostedBy"], "Doe, Jane");
    assert_eq!(world.by(BO).at(NOW_MS + 1000).answer("accept", token).await.status, 200);
    assert_eq!(world.by(BO).answer("preview", token).await.body["meeting"]["hostedBy"], "Doe, Jane and Bo");
}
