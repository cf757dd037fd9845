//! What the identity provider tells of a user is believed, in whatever order it comes.

use std::sync::Arc;

use dais_store::memory::Fate;
use serde_json::json;

use crate::support::{ADA, BO, Counting, NOW_MS, OLD_SECRET, Person, Script, Webhook, World, deleted, user};

#[tokio::test]
async fn somebody_who_is_created_is_known_by_his_verified_addresses() {
    let world = World::new();
    world.told("msg_1", &user("user.created", ADA, &["Ada@Example.com", "a.l@example.com"], 0)).await.assert_taken();
    let ada = world.known(ADA).await.unwrap();
    assert_eq!(ada.name.unwrap().as_str(), "Ada");
    assert_eq!(ada.image_url.unwrap().as_str(), "https://img.example.com/1.png");
    assert_eq!(world.owner("ada@example.com").await, Some(ADA.user_id()));
    assert_eq!(world.owner("a.l@example.com").await, Some(ADA.user_id()));
}

#[tokio::test]
async fn somebody_who_is_updated_is_known_as_he_is_now() {
    let world = World::new();
    world.told("msg_1", &user("user.created", ADA, &["ada@example.com"], 0)).await.assert_taken();
    let married = Person { name: Some("Ada King"), ..ADA };
    world.told("msg_2", &user("user.updated", married, &["king@example.com"], 1)).await.assert_taken();
    assert_eq!(world.known(ADA).await.unwrap().name.unwrap().as_str(), "Ada King");
    assert_eq!(world.owner("king@example.com").await, Some(ADA.user_id()));
    assert_eq!(world.owner("ada@example.com").await, None);
}

#[tokio::test]
async fn the_order_of_arrival_does_not_matter() {
    let world = World::new();
    world.told("msg_3", &user("user.updated", ADA, &["new@example.com"], 5)).await.assert_taken();
    world.told("msg_1", &user("user.created", ADA, &["old@example.com"], 0)).await.assert_taken();
    assert_eq!(world.owner("new@example.com").await, Some(ADA.user_id()));
    assert_eq!(world.owner("old@example.com").await, None);
    world.told("msg_5", &deleted(BO, 9)).await.assert_taken();
    world.told("msg_4", &user("user.updated", BO, &["bo@example.com"], 8)).await.assert_taken();
    assert_eq!(world.known(BO).await, None);
    assert_eq!(world.owner("bo@example.com").await, None);
}

#[tokio::test]
async fn an_address_that_was_given_to_somebody_else_is_his() {
    let world = World::new();
    world.told("msg_1", &user("user.created", ADA, &["x@example.com"], 0)).await.assert_taken();
    world.told("msg_3", &user("user.created", BO, &["x@example.com"], 7)).await.assert_taken();
    assert_eq!(world.owner("x@example.com").await, Some(BO.user_id()));
    world.told("msg_2", &user("user.updated", ADA, &[], 6)).await.assert_taken();
    assert_eq!(world.owner("x@example.com").await, Some(BO.user_id()));
}

#[tokio::test]
async fn a_message_that_comes_again_is_not_read_again() {
    let counting = Arc::new(Counting::default());
    let world = World::with_weather(counting.clone());
    let created = Webhook::new("msg_1", &user("user.created", ADA, &["ada@example.com"], 0));
    world.webhook(&created).await.assert_taken();
    let before = counting.count();
    // Svix signs each attempt with its own time.
    world.webhook(&Webhook { signed_at_s: created.signed_at_s + 60, ..created }).await.assert_taken();
    assert_eq!(counting.count() - before, 1);
}

#[tokio::test]
async fn what_could_not_be_written_is_done_when_it_comes_again() {
    for operation in ["was_handled", "learn", "handled"] {
        for fate in [Fate::FailBefore, Fate::FailAfter] {
            let world = World::with_weather(Arc::new(Script::then_fair(operation, [fate])));
            let created = Webhook::new("msg_1", &user("user.created", ADA, &["ada@example.com"], 0));
            let refused = world.webhook(&created).await;
            refused.assert_error(503, "unavailable");
            assert_eq!(refused.headers["retry-after"], "1");
            world.webhook(&created).await.assert_taken();
            assert_eq!(world.owner("ada@example.com").await, Some(ADA.user_id()), "{operation}");
        }
    }
}

#[tokio::test]
async fn during_a_rotation_both_secrets_are_good() {
    let world = World::new();
    let created = user("user.created", ADA, &[], 0);
    world.webhook(&Webhook { secret: OLD_SECRET, ..Webhook::new("msg_1", &created) }).await.assert_taken();
    assert!(world.known(ADA).await.is_some());
    world.told("msg_2", &deleted(ADA, 1)).await.assert_taken();
    assert!(world.known(ADA).await.is_none());
}

#[tokio::test]
async fn events_that_are_not_about_users_are_taken_and_change_nothing() {
    let world = World::new();
    let event =
        json!({ "type": "session.created", "object": "event", "timestamp": NOW_MS, "data": { "id": "sess_1" } });
    world.told("msg_1", &event).await.assert_taken();
}
