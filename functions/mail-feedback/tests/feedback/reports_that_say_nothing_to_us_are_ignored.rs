use dais_domain::{InvitationState, UserId};
use dais_mail_feedback::{Outcome, Report};
use dais_store::{Directory, KnownUser, Suppressions};
use serde_json::{Value, json};

use crate::support::{ADDRESS, MESSAGE, Scene, address, at, bounce, complaint};

#[tokio::test]
async fn a_bounce_that_may_pass() {
    let scene = Scene::new().await;
    for kind in ["Transient", "Undetermined", "SomethingNew"] {
        assert_eq!(scene.take(&bounce(MESSAGE, kind)).await, Outcome::Passing, "{kind}");
    }
    assert_eq!(scene.after().await, (InvitationState::Pending, None));
}

#[tokio::test]
async fn a_message_that_we_did_not_send() {
    let scene = Scene::new().await;
    assert_eq!(scene.take(&bounce("0100018f-ffff-000000", "Permanent")).await, Outcome::Unknown);
    assert_eq!(scene.take(&complaint("0100018f-ffff-000000", None)).await, Outcome::Unknown);
    assert_eq!(scene.after().await, (InvitationState::Pending, None));
}

/// Where it went nobody knows any more.
#[tokio::test]
async fn a_message_to_somebody_whose_account_is_gone() {
    let scene = Scene::new().await;
    let bo = UserId::new("bo").unwrap();
    scene.store.learn(&KnownUser::by_token(bo.clone(), None, None, Some(ADDRESS), at(0))).await.unwrap();
    scene.store.forget(&bo, at(1)).await.unwrap();
    for trace in scene.store.traces(&bo, 100).await.unwrap() {
        scene.store.erase(&bo, &trace).await.unwrap();
    }
    assert_eq!(scene.take(&bounce(MESSAGE, "Permanent")).await, Outcome::Unknown);
    assert!(scene.store.suppressed(&[address()]).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_event_of_another_kind() {
    let scene = Scene::new().await;
    let mut event = bounce(MESSAGE, "Permanent");
    event["detail"]["eventType"] = json!("Delivery");
    assert_eq!(scene.take(&event).await, Outcome::Passing);
}

/// Events that are none: each lacks something, or has something else in its place.
fn malformed() -> Vec<Value> {
    let broken = |place: &str, value: Value| {
        let mut event = bounce(MESSAGE, "Permanent");
        *event.pointer_mut(place).unwrap() = value;
        event
    };
    vec![
        Value::Null,
        json!([]),
        json!({}),
        json!("text"),
        broken("/source", json!("aws.s3")),
        broken("/time", json!("yesterday")),
        broken("/time", Value::Null),
        broken("/detail", Value::Null),
        broken("/detail", json!({ "eventType": "Bounce" })),
        broken("/detail/eventType", json!(1)),
        broken("/detail/bounce", Value::Null),
        broken("/detail/bounce/bounceType", json!({})),
        broken("/detail/mail", json!([])),
        broken("/detail/mail/messageId", json!("")),
        broken("/detail/mail/messageId", json!("a b#c")),
        broken("/detail/mail/messageId", json!("x".repeat(10_000))),
        broken("/detail/eventType", json!("Complaint")),
    ]
}

#[tokio::test]
async fn what_is_no_report_at_all() {
    let scene = Scene::new().await;
    for event in malformed() {
        assert_eq!(scene.take(&event).await, Outcome::Malformed, "{event}");
    }
    assert_eq!(scene.after().await, (InvitationState::Pending, None));
}

#[test]
fn what_is_wrong_is_said_without_an_address() {
    for event in malformed() {
        let sentence = Report::read(&event).unwrap_err().to_string();
        assert!(!sentence.contains(ADDRESS) && !sentence.contains('@'), "{sentence}");
    }
}
