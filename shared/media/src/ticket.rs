//! Tickets: what shows a media node that a call comes from a function that can read the node's record.
//!
//! `authorization: Dais v1.{expiry in ms since 1970}.{mac}`, where `mac` is the base64url of HMAC-SHA-256 under the node's key over
//! `v1`, the node's id, the expiry and the body, each after its length. The key is 32 random bytes that the node makes when it
//! starts and writes into its record: nothing to configure, and it dies with the process.

use std::time::Duration;

use aws_lc_rs::{constant_time, hmac};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use dais_domain::{NodeId, Timestamp};

/// How long a ticket holds. Covers the retries of one invocation, and clocks that differ by seconds.
pub const LIFE: Duration = Duration::from_secs(30);
/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

const SCHEME: &str = "Dais";

/// The key of one node's tickets. Not shown in logs.
#[derive(Clone)]
pub struct TicketKey([u8; KEY_BYTES]);

impl std::fmt::Debug for TicketKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TicketKey")
    }
}

impl TicketKey {
    /// A key from random bytes.
    pub fn new(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// A key as it stands in a record. `None`: it is none.
    pub fn parse(text: &str) -> Option<Self> {
        BASE64_URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// As it stands in a record.
    pub fn to_text(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The `authorization` header of a call to `node`.
    pub fn sign(&self, node: &NodeId, body: &[u8], now: Timestamp) -> String {
        let expiry = now.plus(LIFE).as_ms().to_string();
        let mac = BASE64_URL_SAFE_NO_PAD.encode(self.mac(node, &expiry, body));
        format!("{SCHEME} v1.{expiry}.{mac}")
    }

    /// Whether `header` is a ticket of this key for this body that holds now.
    pub fn accepts(&self, header: &str, node: &NodeId, body: &[u8], now: Timestamp) -> bool {
        let parts = header
            .strip_prefix(SCHEME)
            .and_then(|rest| rest.strip_prefix(" v1."))
            .and_then(|rest| rest.split_once('.'));
        let Some((expiry, mac)) = parts else { return false };
        let Ok(expires_at) = expiry.parse::<u64>().map(Timestamp::from_ms) else { return false };
        let Ok(mac) = BASE64_URL_SAFE_NO_PAD.decode(mac) else { return false };
        // One that holds for longer than any is given for was not made by us, whatever else it says.
        let in_time = expires_at > now && expires_at <= now.plus(LIFE).plus(LIFE);
        let genuine = constant_time::verify_slices_are_equal(self.mac(node, expiry, body).as_ref(), &mac).is_ok();
        in_time && genuine
    }

    fn mac(&self, node: &NodeId, expiry: &str, body: &[u8]) -> hmac::Tag {
        let mut mac = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &self.0));
        for part in [b"v1".as_slice(), node.as_str().as_bytes(), expiry.as_bytes(), body] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.sign()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_ms(1_700_000_000_000)
    }

    fn key() -> (TicketKey, NodeId) {
        (TicketKey::new([7; KEY_BYTES]), NodeId::new("node-1").unwrap())
    }

    #[test]
    fn a_ticket_holds_for_its_node_and_body_and_time() {
        let (key, node) = key();
        let ticket = key.sign(&node, b"body", now());
        assert!(key.accepts(&ticket, &node, b"body", now()));
        assert!(!key.accepts(&ticket, &node, b"other", now()), "another body");
        assert!(!key.accepts(&ticket, &NodeId::new("node-2").unwrap(), b"body", now()), "another node");
        assert!(!key.accepts(&ticket, &node, b"body", now().plus(LIFE)), "later");
        assert!(!TicketKey::new([8; KEY_BYTES]).accepts(&ticket, &node, b"body", now()), "another key");
    }

    #[test]
    fn what_is_no_ticket_is_refused() {
        let (key, node) = key();
        let ticket = key.sign(&node, b"", now());
        let far = key.sign(&node, b"", now().plus(LIFE * 3));
        for bad in ["", "Dais", "Dais v1.", "Dais v1.x.y", "Bearer x", &ticket[..ticket.len() - 1], &far] {
            assert!(!key.accepts(bad, &node, b"", now()), "{bad}");
        }
    }

    #[test]
    fn a_key_survives_its_record_and_shows_nothing() {
        let (key, node) = key();
        let again = TicketKey::parse(&key.to_text()).unwrap();
        assert!(again.accepts(&key.sign(&node, b"x", now()), &node, b"x", now()));
        assert_eq!(format!("{key:?}"), "TicketKey");
        assert!(TicketKey::parse("short").is_none());
    }
}
