//! Each address has its own result, and one that is wrong harms no other.

use std::sync::Arc;

use dais_domain::{Command, EmailAddress, Timestamp};
use dais_invitations::{Rules, Unregistered};
use dais_store::{SuppressionReason, Suppressions, memory::Fate};
use serde_json::json;

use crate::support::{ADA, BO, CY, NOW_MS, STRANGER, Script, World, email_of};

#[tokio::test]
async fn every_status_in_one_call() {
    let rules = Rules { per_address_day: 1, ..Rules::default() };
    let world = World::with_rules(rules);
    world.meeting(ADA, "m1").await;
    world.meeting(ADA, "m2").await;
    world.knows(BO, &["bo@work.example"]).await;
    world.command(ADA, "m1", Command::MakeHost(BO.user_id())).await;
    let complained = EmailAddress::new("spam@example.com").unwrap();
    world.store.suppress(&complained, SuppressionReason::Complaint, Timestamp::from_ms(NOW_MS)).await.unwrap();
    world.by(ADA).invite("m2", &["often@example.com"]).await;

    let emails = [
        "new@example.com",
        "BO@work.example",
        "no address",
        "spam@example.com",
        "often@example.com",
        "New@Example.com",
    ];
    let reply = world.by(ADA).invite("m1", &emails).await;
    assert_eq!(reply.statuses(), ["sent", "already-host", "invalid", "suppressed", "limit", "sent"]);
    assert_eq!(reply.body["createdInvites"], 1);
    let results = reply.body["results"].as_array().unwrap();
    let given: Vec<&str> = results.iter().map(|result| result["email"].as_str().unwrap()).collect();
    assert_eq!(given, emails);
    assert_eq!(results[0]["invitationId"], results[5]["invitationId"], "one address, one invitation");
    assert!(results[1..5].iter().all(|result| result.get("invitationId").is_none() && result["message"].is_string()));
    world.settle().await;
    assert_eq!(world.post.tokens_to("new@example.com").len(), 1);
}

#[tokio::test]
async fn a_second_invitation_renews_the_first() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    let (id, first) = world.invited(&email_of(BO)).await;
    let again = world.by(ADA).invite("m1", &[&email_of(BO)]).await;
    assert_eq!((again.statuses(), &again.body["createdInvites"]), (vec!["already-invited"], &json!(0)));
    assert_eq!(again.body["results"][0]["invitationId"], json!(id));
    world.by(BO).answer("accept", &first).await.assert_error(410, "invitation-replaced");
    world.settle().await;
    let second = world.post.tokens_to(&email_of(BO)).remove(0);
    world.by(BO).answer("accept", &first).await.assert_error(410, "invitation-replaced");
    assert_eq!(world.by(BO).answer("accept", &second).await.status, 200);
}

#[tokio::test]
async fn unregistered_addresses_are_filtered_where_the_deployment_says_so() {
    let world = World::with_rules(Rules { unregistered: Unregistered::Filter, ..Rules::default() });
    world.meeting(ADA, "m1").await;
    world.knows(BO, &["bo@work.example"]).await;
    let reply = world.by(ADA).invite("m1", &["bo@work.example", "nobody@example.com"]).await;
    assert_eq!(reply.statuses(), ["sent", "not-registered"]);
    world.settle().await;
    assert_eq!(world.post.take().len(), 1);
}

#[tokio::test]
async fn an_invocation_that_happens_twice_invites_once() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    for _ in 0..2 {
        let reply = world.by(ADA).request_id("same=").invite("m1", &[&email_of(BO)]).await;
        assert_eq!(reply.statuses(), ["sent"]);
    }
    world.settle().await;
    assert_eq!(world.post.tokens_to(&email_of(BO)).len(), 1);
}

#[tokio::test]
async fn a_write_of_which_the_table_said_nothing_is_not_doubled() {
    let weather = Arc::new(Script::then_fair("invite", [Fate::FailAfter, Fate::FailBefore]));
    let world = World::with(weather, Rules::default());
    world.meeting(ADA, "m1").await;
    let reply = world.by(ADA).invite("m1", &["a@example.com", "b@example.com"]).await;
    assert_eq!(reply.statuses(), ["sent", "sent"]);
    world.settle().await;
    assert_eq!(world.post.take().len(), 2);
}

/// Defect 57: a failure in the middle was an error for all, although mails had gone out.
#[tokio::test]
async fn a_table_that_fails_for_some_is_told_for_each() {
    let fates = [Fate::FailBefore, Fate::FailBefore, Fate::FailBefore];
    let weather = Arc::new(Script::then_fair("spend", [Fate::Proceed].into_iter().chain(fates[..1].iter().copied())));
    let world = World::with(weather, Rules::default());
    world.meeting(ADA, "m1").await;
    let reply = world.by(ADA).invite("m1", &["a@example.com", "b@example.com"]).await;
    let mut statuses = reply.statuses();
    statuses.sort_unstable();
    assert_eq!(statuses, ["failed", "sent"]);
    world.settle().await;
    assert_eq!(world.post.take().len(), 1);
}

#[tokio::test]
async fn limits_are_answered_clearly() {
    let world = World::with_rules(Rules { per_call: 3, per_host_hour: 4, per_address_day: 2, ..Rules::default() });
    for id in ["m1", "m2", "m3"] {
        world.meeting(ADA, id).await;
    }
    let too_many = ["a@e.com", "b@e.com", "c@e.com", "d@e.com"];
    let message = world.by(ADA).invite("m1", &too_many).await;
    assert!(message.assert_error(400, "too-many-invitees").contains("at most 3"));

    assert_eq!(world.by(ADA).invite("m1", &["a@e.com", "b@e.com", "c@e.com"]).await.statuses(), ["sent"; 3]);
    assert_eq!(world.by(ADA).invite("m2", &["a@e.com", "b@e.com"]).await.statuses(), ["sent", "limit"]);
    let next_hour = NOW_MS + 3_600_000;
    let reply = world.by(ADA).at(next_hour).invite("m3", &["a@e.com", "b@e.com"]).await;
    assert_eq!(reply.statuses(), ["limit", "sent"], "an address gets two mails a day from all together");
}

#[tokio::test]
async fn only_hosts_invite() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    world.command(ADA, "m1", Command::MakeCohost(CY.user_id())).await;
    for person in [CY, STRANGER] {
        let reply = world.by(person).invite("m1", &["x@example.com"]).await;
        reply.assert_error(403, "only-hosts");
        assert_eq!(reply.body["error"], "Only hosts can invite other hosts");
    }
    world.by(ADA).invite("m9", &["x@example.com"]).await.assert_error(404, "meeting-not-found");
    world.command(ADA, "m1", Command::End).await;
    world.by(ADA).invite("m1", &["x@example.com"]).await.assert_error(409, "meeting-ended");
}
