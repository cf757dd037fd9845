//! Webhooks about users: `user.created` once, `user.updated` when something changed, `user.deleted`; each signed by Svix's
//! scheme, and repeated with the same id by the local clock until it is taken.
#![allow(clippy::unwrap_used)]

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_STANDARD};
use dais_local::{
    clock::Clock,
    identity_provider::{IdentityProvider, TokenParameters, Webhook, routes},
    table::Place,
};
use futures::FutureExt;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

struct Receiver {
    provider: IdentityProvider,
    clock: Clock,
    status: Arc<AtomicU16>,
    webhooks: UnboundedReceiver<Webhook>,
}

impl Receiver {
    fn new() -> Self {
        let clock = Clock::new();
        let provider = IdentityProvider::open(&Place::Memory, "http://localhost/_local", clock.clone()).unwrap();
        let (sender, webhooks) = unbounded_channel();
        let status = Arc::new(AtomicU16::new(204));
        let answer = Arc::clone(&status);
        provider.deliver_through(Arc::new(move |webhook| {
            sender.send(webhook).unwrap();
            std::future::ready(answer.load(Ordering::SeqCst)).boxed()
        }));
        Self { provider, clock, status, webhooks }
    }

    /// The next webhook: its id and its event, after verification as Svix describes it.
    async fn next(&mut self) -> (String, Value) {
        let webhook = self.webhooks.recv().await.unwrap();
        let header = |wanted: &str| {
            webhook.headers.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.clone()).unwrap()
        };
        let (id, timestamp) = (header("svix-id"), header("svix-timestamp"));
        let body = String::from_utf8(webhook.body.clone()).unwrap();
        let secret = BASE64_STANDARD.decode(self.provider.webhook_secret().strip_prefix("whsec_").unwrap()).unwrap();
        let signature = BASE64_STANDARD.decode(header("svix-signature").strip_prefix("v1,").unwrap()).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        hmac::verify(&key, format!("{id}.{timestamp}.{body}").as_bytes(), &signature).unwrap();
        let age_s = (self.clock.now_ms() / 1000).abs_diff(timestamp.parse().unwrap());
        assert!(age_s <= 300, "within the tolerance of receivers: {age_s} s");
        (id, serde_json::from_str(&body).unwrap())
    }

    fn nothing_more(&mut self) {
        assert!(self.webhooks.try_recv().is_err());
    }
}

#[tokio::test]
async fn a_user_webhook_is_signed_and_sent_until_it_is_taken() {
    let mut receiver = Receiver::new();
    receiver.status.store(500, Ordering::SeqCst);
    receiver.provider.token(&TokenParameters::for_user("ada").unwrap()).unwrap();
    let (first, _) = receiver.next().await;

    receiver.status.store(200, Ordering::SeqCst);
    // The next attempt is due in five seconds of local time. Whether it sleeps already when the clock moves is no matter.
    let mut again = None;
    while again.is_none() {
        receiver.clock.advance(Duration::from_secs(5));
        again = tokio::time::timeout(Duration::from_millis(50), receiver.next()).await.ok();
    }
    assert_eq!(again.unwrap().0, first, "the same id, so that the receiver can tell");
}

#[tokio::test]
async fn a_user_is_created_once_then_updated_then_deleted() {
    let mut receiver = Receiver::new();
    let mut ada = TokenParameters::for_user("ada").unwrap();
    let user_id = receiver.provider.token(&ada).unwrap().user_id;
    let (_, created) = receiver.next().await;
    assert_eq!(created["type"], "user.created");
    assert_eq!(created["data"]["id"], user_id.as_str());
    assert_eq!(created["data"]["first_name"], "Ada");
    let address = &created["data"]["email_addresses"][0];
    assert_eq!(address["email_address"], "ada@example.com");
    assert_eq!(address["verification"]["status"], "verified");
    assert_eq!(created["data"]["primary_email_address_id"], address["id"]);

    receiver.provider.token(&ada).unwrap();
    tokio::task::yield_now().await;
    receiver.nothing_more();

    ada.name = Some("Ada King Lovelace".to_owned());
    receiver.provider.token(&ada).unwrap();
    let (_, updated) = receiver.next().await;
    assert_eq!(updated["type"], "user.updated");
    assert_eq!(
        (&updated["data"]["first_name"], &updated["data"]["last_name"]),
        (&"Ada".into(), &"King Lovelace".into())
    );

    let address = support::serve(routes(receiver.provider.clone())).await;
    assert_eq!(support::post(address, "/_local/users", r#"{"user":"ada","deleted":true}"#).await.status, 200);
    let (_, deleted) = receiver.next().await;
    assert_eq!(deleted["type"], "user.deleted");
    assert_eq!(deleted["data"], serde_json::json!({ "deleted": true, "id": user_id, "object": "user" }));

    let refused = receiver.provider.token(&TokenParameters::for_user("ada").unwrap()).unwrap_err();
    assert!(refused.contains("deleted"), "{refused}");
    assert_eq!(support::post(address, "/_local/users", r#"{"user":"ada"}"#).await.json()["id"], user_id.as_str());
    assert_eq!(receiver.next().await.1["type"], "user.created");
    receiver.nothing_more();
}

#[tokio::test]
async fn users_are_made_and_listed_over_http() {
    let receiver = Receiver::new();
    let address = support::serve(routes(receiver.provider)).await;
    let made =
        support::post(address, "/_local/users", r#"{"user":"bo","name":"Bo","email":"bo@b.org","verified":false}"#);
    assert_eq!(made.await.status, 200);
    let listed = support::get(address, "/_local/users").await.json();
    assert_eq!(listed["users"].as_array().unwrap().len(), 1);
    assert_eq!((&listed["users"][0]["email"], &listed["users"][0]["verified"]), (&"bo@b.org".into(), &false.into()));

    for wrong in [r#"{"name":"x"}"#, r#"{"user":"bo","admin":true}"#, r#"{"user":"bo","verified":"no"}"#, "{"] {
        assert_eq!(support::post(address, "/_local/users", wrong).await.status, 400, "{wrong}");
    }
}
