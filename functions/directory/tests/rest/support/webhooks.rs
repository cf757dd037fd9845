//! Webhooks as Clerk words and Svix signs them.

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{NOW_MS, Person};

/// The secrets that the function knows.
pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub const OLD_SECRET: &str = "whsec_plJ3nmyCDGBKInavdOK15jslxxxxxxxx";

/// A webhook that is being put together.
#[derive(Debug, Clone)]
pub struct Webhook {
    pub id: String,
    pub signed_at_s: u64,
    pub secret: &'static str,
    pub body: String,
}

impl Webhook {
    /// An event, signed now.
    pub fn new(id: &str, event: &Value) -> Self {
        Self { id: id.to_owned(), signed_at_s: NOW_MS / 1000, secret: SECRET, body: event.to_string() }
    }

    pub fn headers(&self) -> Vec<(String, String)> {
        let key = BASE64_STANDARD.decode(self.secret.strip_prefix("whsec_").unwrap()).unwrap();
        let message = format!("{}.{}.{}", self.id, self.signed_at_s, self.body);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), message.as_bytes());
        let signature = format!("v1,{}", BASE64_STANDARD.encode(tag));
        [
            ("content-type", "application/json".to_owned()),
            ("svix-id", self.id.clone()),
            ("svix-timestamp", self.signed_at_s.to_string()),
            ("svix-signature", signature),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}

/// `user.created` or `user.updated`, so many ms after "now".
pub fn user(kind: &str, person: Person, emails: &[&str], after_ms: u64) -> Value {
    let addresses: Vec<Value> = emails
        .iter()
        .map(|email| json!({ "id": "idn_1", "email_address": email, "verification": { "status": "verified" } }))
        .collect();
    json!({
        "type": kind, "object": "event", "timestamp": NOW_MS + after_ms, "instance_id": "ins_1",
        "data": {
            "id": person.id, "object": "user", "first_name": person.name, "last_name": null, "username": null,
            "image_url": "https://img.example.com/1.png", "email_addresses": addresses,
            "created_at": NOW_MS, "updated_at": NOW_MS + after_ms,
        },
    })
}

/// `user.deleted`, so many ms after "now".
pub fn deleted(person: Person, after_ms: u64) -> Value {
    json!({
        "type": "user.deleted", "object": "event", "timestamp": NOW_MS + after_ms,
        "data": { "id": person.id, "object": "user", "deleted": true },
    })
}
