//! List, revoke, resend.

use dais_domain::{Command, EmailAddress, Timestamp};
use dais_invitations::Rules;
use dais_store::{SuppressionReason, Suppressions};
use serde_json::json;

use crate::support::{ADA, BO, CY, DAY_MS, NOW_MS, STRANGER, World, email_of};

fn path(id: &str) -> String {
    format!("/api/meetings/m1/host-invitations/{id}")
}

#[tokio::test]
async fn a_revoked_invitation_is_dead_at_once() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let (id, token) = world.invited(&email_of(BO)).await;
    for _ in 0..2 {
        let revoked = world.by(ADA).delete(&path(&id)).await;
        assert_eq!((revoked.status, &revoked.body["invitation"]["state"]), (200, &json!("revoked")));
    }
    world.by(BO).answer("accept", &token).await.assert_error(410, "invitation-revoked");
    world.by(ADA).post(&format!("{}/resend", path(&id)), json!({})).await.assert_error(409, "invitation-not-pending");
    assert_eq!(world.by(ADA).invite("m1", &[&email_of(BO)]).await.statuses(), ["sent"], "it can be made anew");
}

#[tokio::test]
async fn a_mail_that_was_not_sent_yet_is_not_sent_after_the_revocation() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let reply = world.by(ADA).invite("m1", &[&email_of(BO)]).await;
    let id = reply.body["results"][0]["invitationId"].as_str().unwrap();
    world.by(ADA).delete(&path(id)).await;
    world.settle().await;
    assert_eq!(world.post.take().len(), 0);
}

#[tokio::test]
async fn what_was_accepted_cannot_be_revoked() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let (id, token) = world.invited(&email_of(BO)).await;
    world.by(BO).answer("accept", &token).await;
    world.by(ADA).delete(&path(&id)).await.assert_error(409, "invitation-not-pending");
}

#[tokio::test]
async fn a_new_mail_has_a_new_token_and_the_old_one_dies() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let (id, first) = world.invited(&email_of(BO)).await;
    let late = NOW_MS + 8 * DAY_MS;
    let resent = world.by(ADA).at(late).post(&format!("{}/resend", path(&id)), json!({})).await;
    assert_eq!((resent.status, &resent.body["invitation"]["state"]), (200, &json!("pending")));
    world.settle().await;
    let second = world.post.tokens_to(&email_of(BO)).remove(0);
    assert_ne!(first, second);
    world.by(BO).at(late).answer("accept", &first).await.assert_error(410, "invitation-replaced");
    assert_eq!(world.by(BO).at(late).answer("accept", &second).await.status, 200);
}

#[tokio::test]
async fn another_host_who_sends_it_again_is_its_inviter_then() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    world.command(ADA, "m1", Command::MakeHost(CY.user_id())).await;
    let (id, _) = world.invited(&email_of(BO)).await;
    world.by(CY).post(&format!("{}/resend", path(&id)), json!({})).await;
    world.settle().await;
    let token = world.post.tokens_to(&email_of(BO)).remove(0);
    world.command(CY, "m1", Command::RemoveHost(ADA.user_id())).await;
    assert_eq!(world.by(BO).answer("accept", &token).await.status, 200);
}

#[tokio::test]
async fn an_expired_invitation_that_another_has_followed_is_not_revived() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let (id, _) = world.invited(&email_of(BO)).await;
    let late = NOW_MS + 8 * DAY_MS;
    let again = world.by(ADA).at(late).invite("m1", &[&email_of(BO)]).await;
    assert_eq!(again.statuses(), ["sent"]);
    let resent = world.by(ADA).at(late).post(&format!("{}/resend", path(&id)), json!({})).await;
    resent.assert_error(409, "invitation-not-pending");
}

#[tokio::test]
async fn resending_has_its_limits() {
    let world = World::with_rules(Rules { per_address_day: 2, ..Rules::default() });
    world.meeting(ADA, "m1").await;
    let (id, _) = world.invited(&email_of(BO)).await;
    let resend = format!("{}/resend", path(&id));
    assert_eq!(world.by(ADA).post(&resend, json!({})).await.status, 200);
    let limited = world.by(ADA).post(&resend, json!({})).await;
    limited.assert_error(429, "invitation-limit");
    assert_eq!(limited.headers["retry-after"], "3600");
    let address = EmailAddress::new(email_of(BO)).unwrap();
    world.store.suppress(&address, SuppressionReason::Bounce, Timestamp::from_ms(NOW_MS)).await.unwrap();
    world.by(ADA).post(&resend, json!({})).await.assert_error(409, "invitation-suppressed");
}

#[tokio::test]
async fn an_invocation_that_happens_twice_sends_again_once() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let (id, _) = world.invited(&email_of(BO)).await;
    for _ in 0..2 {
        let resent = world.by(ADA).request_id("same=").post(&format!("{}/resend", path(&id)), json!({})).await;
        assert_eq!(resent.status, 200);
    }
    world.settle().await;
    assert_eq!(world.post.tokens_to(&email_of(BO)).len(), 1);
}

#[tokio::test]
async fn hosts_see_all_invitations_in_pages_and_nobody_else_does() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    for n in 0..5 {
        world.by(ADA).at(NOW_MS + n).invite("m1", &[&format!("u{n}@example.com")]).await;
    }
    let (mut emails, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.by(ADA).get(&format!("/api/meetings/m1/host-invitations?limit=2{cursor}")).await;
        let invitations = page.body["invitations"].as_array().unwrap().clone();
        emails.extend(invitations.iter().map(|invitation| invitation["email"].as_str().unwrap().to_owned()));
        match page.body["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(emails, ["u4@example.com", "u3@example.com", "u2@example.com", "u1@example.com", "u0@example.com"]);
    for (method, path) in [("GET", "/api/meetings/m1/host-invitations"), ("DELETE", &path("i"))] {
        world.by(STRANGER).send(method, path, None).await.assert_error(403, "only-hosts");
    }
    world.by(STRANGER).post(&format!("{}/resend", path("i")), json!({})).await.assert_error(403, "only-hosts");
    world.by(ADA).delete(&path("i")).await.assert_error(404, "invitation-not-found");
    world.by(ADA).post(&format!("{}/resend", path("i")), json!({})).await.assert_error(404, "invitation-not-found");
}
