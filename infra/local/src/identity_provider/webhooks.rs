//! Webhooks about users, in Clerk's shape, signed and repeated as Svix does.

use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_STANDARD};
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::{
    keys::readable,
    users::{User, UserEvent},
};
use crate::clock::Clock;

/// A webhook ready to be posted.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// `svix-id`, `svix-timestamp`, `svix-signature`, `content-type`.
    pub headers: Vec<(&'static str, String)>,
    /// JSON; signed as it stands.
    pub body: Vec<u8>,
}

/// Posts a webhook to the route that takes them and gives the HTTP status of the answer.
pub type Deliver = Arc<dyn Fn(Webhook) -> BoxFuture<'static, u16> + Send + Sync>;

/// Svix's schedule: how long after a failed attempt the next one comes, in local ms.
const RETRIES_MS: [u64; 7] = [5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 36_000_000];

/// The event as Clerk words it. A deletion carries no more than the id.
pub(super) fn body(event: UserEvent, user: &User, now_ms: u64) -> Vec<u8> {
    let (kind, data) = match event {
        UserEvent::Created => ("user.created", shown(user)),
        UserEvent::Updated => ("user.updated", shown(user)),
        UserEvent::Deleted => ("user.deleted", json!({ "deleted": true, "id": user.id, "object": "user" })),
    };
    let event = json!({
        "data": data,
        "event_attributes": { "http_request": { "client_ip": "127.0.0.1", "user_agent": "dais-local" } },
        "instance_id": "ins_local",
        "object": "event",
        "timestamp": now_ms,
        "type": kind,
    });
    event.to_string().into_bytes()
}

fn shown(user: &User) -> Value {
    let (first_name, last_name) = match user.name.as_deref().map(|name| name.split_once(' ').unwrap_or((name, ""))) {
        Some((first, "")) => (Some(first), None),
        Some((first, last)) => (Some(first), Some(last)),
        None => (None, None),
    };
    let email_id = format!("idn_{}", readable(format!("address of {}", user.id).as_bytes()));
    let addresses: Vec<Value> = user
        .email
        .iter()
        .map(|email| {
            json!({
                "id": email_id,
                "object": "email_address",
                "email_address": email,
                "linked_to": [],
                "verification": {
                    "status": if user.verified { "verified" } else { "unverified" },
                    "strategy": "email_code",
                },
            })
        })
        .collect();
    json!({
        "id": user.id,
        "object": "user",
        "username": user.user,
        "first_name": first_name,
        "last_name": last_name,
        "image_url": user.picture.as_deref().unwrap_or_default(),
        "primary_email_address_id": user.email.is_some().then_some(email_id),
        "email_addresses": addresses,
        "created_at": user.created_at_ms,
        "updated_at": user.updated_at_ms,
    })
}

/// Sends `body` until somebody answers 2xx, by Svix's schedule. The id stays, so that the receiver can tell a repetition.
pub(super) fn send(deliver: Deliver, key: Vec<u8>, clock: Clock, body: Vec<u8>) {
    let id = format!("msg_{}", nanoid::nanoid!(27, &nanoid::alphabet::SAFE));
    tokio::spawn(async move {
        for attempt in 0..=RETRIES_MS.len() {
            let status = deliver(signed(&key, &id, clock.now_ms() / 1000, body.clone())).await;
            if (200..300).contains(&status) {
                return;
            }
            tracing::warn!(%id, status, attempt, "a webhook was not taken");
            if let Some(wait_ms) = RETRIES_MS.get(attempt) {
                clock.sleep_until(clock.now_ms() + wait_ms).await;
            }
        }
    });
}

/// Svix's scheme `v1`: HMAC-SHA256 over `id.timestamp.body`.
fn signed(key: &[u8], id: &str, timestamp_s: u64, body: Vec<u8>) -> Webhook {
    let mut message = format!("{id}.{timestamp_s}.").into_bytes();
    message.extend_from_slice(&body);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), &message);
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        ("svix-id", id.to_owned()),
        ("svix-timestamp", timestamp_s.to_string()),
        ("svix-signature", format!("v1,{}", BASE64_STANDARD.encode(tag.as_ref()))),
    ];
    Webhook { headers, body }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn signs_the_example_of_svix_as_svix_does() {
        // The example of Svix's documentation on verifying payloads by hand.
        let key = BASE64_STANDARD.decode("plJ3nmyCDGBKInavdOK15jsl").unwrap();
        let body = br#"{"event_type":"ping","data":{"success":true}}"#.to_vec();
        let webhook = signed(&key, "msg_loFOjxBNrRLzqYUf", 1_731_705_121, body);
        let signature = webhook.headers.iter().find(|(name, _)| *name == "svix-signature").unwrap();
        assert_eq!(signature.1, "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=");
    }
}
