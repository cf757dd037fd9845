//! Anybody can post to the address. Whoever does not know a secret learns nothing and reaches no table.

use std::sync::Arc;

use serde_json::json;

use crate::support::{ADA, Counting, NOW_MS, Webhook, World, user};

fn created() -> Webhook {
    Webhook::new("msg_1", &user("user.created", ADA, &["ada@example.com"], 0))
}

#[tokio::test]
async fn without_its_headers_it_is_no_webhook() {
    let counting = Arc::new(Counting::default());
    let world = World::with_weather(counting.clone());
    world.post(Vec::new(), "{}").await.assert_error(401, "webhook-unsigned");
    for name in ["svix-id", "svix-timestamp", "svix-signature"] {
        let headers = created().headers().into_iter().filter(|(header, _)| header != name).collect();
        world.post(headers, &created().body).await.assert_error(401, "webhook-unsigned");
    }
    assert_eq!(counting.count(), 0);
}

#[tokio::test]
async fn a_wrong_signature_is_refused_before_anything_is_read() {
    let counting = Arc::new(Counting::default());
    let world = World::with_weather(counting.clone());
    let stranger = Webhook { secret: "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", ..created() };
    world.webhook(&stranger).await.assert_error(401, "webhook-wrong-signature");
    let other_body = created().body.replace("ada@example.com", "eve@example.com");
    world.post(created().headers(), &other_body).await.assert_error(401, "webhook-wrong-signature");
    world.post(created().headers(), "no json").await.assert_error(401, "webhook-wrong-signature");
    for (name, value) in [("svix-id", "msg_2"), ("svix-timestamp", "2000000001"), ("svix-signature", "v1,AAAA")] {
        let mut headers = created().headers();
        headers.iter_mut().filter(|(header, _)| header == name).for_each(|(_, held)| value.clone_into(held));
        world.post(headers, &created().body).await.assert_error(401, "webhook-wrong-signature");
    }
    let mut twice = created().headers();
    twice.push(("svix-id".to_owned(), "msg_1".to_owned()));
    world.post(twice, &created().body).await.assert_error(401, "webhook-wrong-signature");
    assert_eq!(counting.count(), 0);
}

#[tokio::test]
async fn a_signature_is_good_for_five_minutes() {
    let world = World::new();
    for signed_at_s in [NOW_MS / 1000 - 301, NOW_MS / 1000 + 301] {
        let webhook = Webhook { signed_at_s, ..created() };
        world.webhook(&webhook).await.assert_error(401, "webhook-out-of-time");
    }
    assert_eq!(world.known(ADA).await, None);
    for (id, signed_at_s) in [("msg_2", NOW_MS / 1000 - 300), ("msg_3", NOW_MS / 1000 + 300)] {
        world.webhook(&Webhook { id: id.to_owned(), signed_at_s, ..created() }).await.assert_taken();
    }
}

#[tokio::test]
async fn a_body_is_bounded() {
    let counting = Arc::new(Counting::default());
    let world = World::with_weather(counting.clone());
    let huge = Webhook { body: " ".repeat(64 * 1024 + 1), ..created() };
    world.webhook(&huge).await.assert_error(413, "body-too-large");
    assert_eq!(counting.count(), 0);
}

#[tokio::test]
async fn what_is_signed_and_cannot_be_read_is_refused_without_a_quote() {
    let world = World::new();
    let with = |body: &str| Webhook { body: body.to_owned(), ..created() };
    world.webhook(&with("no json")).await.assert_error(400, "invalid-json");
    world.webhook(&with("[]")).await.assert_error(400, "invalid-json");
    world.webhook(&with("{}")).await.assert_error(400, "invalid-request");
    world.webhook(&with(r#"{"type": 5, "data": {}}"#)).await.assert_error(400, "invalid-request");
    let nameless = json!({ "type": "user.created", "data": { "id": "no id#", "updated_at": 1 } });
    let message = world.told("msg_2", &nameless).await.assert_error(400, "invalid-request").to_owned();
    assert!(message.starts_with("data ") && !message.contains("no id#"), "{message}");
    let odd = Webhook { id: "msg 1".to_owned(), ..created() };
    world.webhook(&odd).await.assert_error(400, "invalid-request");
    let mut headers = created().headers();
    headers.retain(|(name, _)| name != "content-type");
    world.post(headers, &created().body).await.assert_error(415, "unsupported-media-type");
    assert_eq!(world.known(ADA).await, None);
}
