//! No invitation without a mail that will be sent, and no mail without an invitation.

use dais_domain::Timestamp;
use dais_mail::MailError;
use dais_store::Mails;
use serde_json::json;

use crate::support::{ADA, BO, NOW_MS, World, email_of};

fn after(seconds: u64) -> Timestamp {
    Timestamp::from_ms(NOW_MS + seconds * 1000)
}

async fn run(world: &World, seconds: u64) -> usize {
    let due = world.store.due_mails(after(seconds), 100).await.unwrap();
    world.courier().deliver(due, after(seconds)).await.len()
}

#[tokio::test]
async fn a_function_that_dies_after_its_answer_loses_no_mail() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    world.by(ADA).invite("m1", &[&email_of(BO)]).await;
    world.die();
    assert_eq!(run(&world, 60).await, 1);
    let token = world.post.tokens_to(&email_of(BO)).remove(0);
    assert_eq!(world.by(BO).answer("accept", &token).await.status, 200);
    assert_eq!(run(&world, 100_000).await, 1, "the notice to the inviter");
    assert_eq!(run(&world, 200_000).await, 0);
}

#[tokio::test]
async fn a_throttled_mail_is_tried_again_with_a_new_token() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    world.post.trouble(MailError::Later { reason: "TooManyRequestsException".to_owned() });
    world.by(ADA).invite("m1", &[&email_of(BO)]).await;
    world.settle().await;
    assert_eq!((world.post.take().len(), run(&world, 10).await), (0, 0), "it rests");
    assert_eq!(run(&world, 60).await, 1);
    assert_eq!(world.post.tokens_to(&email_of(BO)).len(), 1);
}

#[tokio::test]
async fn a_refused_mail_ends_its_invitation() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    world.post.trouble(MailError::Refused { reason: "MessageRejected".to_owned() });
    world.by(ADA).invite("m1", &[&email_of(BO)]).await;
    world.settle().await;
    assert_eq!(world.by(ADA).listed("m1").await["state"], "bounced");
    assert_eq!(run(&world, 100_000).await, 0);
}

#[tokio::test]
async fn who_unsubscribes_gets_no_more_mails() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    world.by(ADA).invite("m1", &[&email_of(BO)]).await;
    world.settle().await;
    let letter = world.post.take().remove(0);
    let (_, header) = letter.headers.iter().find(|(name, _)| *name == "List-Unsubscribe").unwrap();
    let path = header.trim_matches(['<', '>']).strip_prefix("https://meet.example.com").unwrap().to_owned();

    let page = world.nobody().get(&path).await;
    assert_eq!((page.status, page.headers["content-type"].as_str()), (200, "text/html; charset=utf-8"));
    assert_eq!(
        world.by(ADA).invite("m1", &[&email_of(BO)]).await.statuses(),
        ["already-invited"],
        "GET changes nothing"
    );
    world.settle().await;
    world.post.take();

    let form = "List-Unsubscribe=One-Click".to_owned();
    let asking = world.nobody().header("content-type", "application/x-www-form-urlencoded");
    let done = asking.clone().send("POST", &path, Some(form.clone())).await;
    assert_eq!(done.status, 200);
    assert_eq!(world.by(ADA).invite("m1", &[&email_of(BO)]).await.statuses(), ["suppressed"]);
    let unknown = asking.send("POST", "/api/unsubscribe/no-such-mail", Some(form)).await;
    assert_eq!((unknown.status, unknown.body), (200, done.body), "unknown mails are answered as known ones");
    world.nobody().get("/api/unsubscribe/a%20b").await.assert_error(400, "invalid-request");
}

#[tokio::test]
async fn an_address_that_was_suppressed_meanwhile_gets_nothing() {
    let world = World::new();
    world.meeting(ADA, "m1").await;
    world.by(ADA).invite("m1", &[&email_of(BO)]).await;
    let address = dais_domain::EmailAddress::new(email_of(BO)).unwrap();
    let reason = dais_store::SuppressionReason::Bounce;
    dais_store::Suppressions::suppress(&world.store, &address, reason, after(0)).await.unwrap();
    world.settle().await;
    assert_eq!(world.post.take().len(), 0);
    assert_eq!(world.by(ADA).listed("m1").await["state"], json!("bounced"));
}
