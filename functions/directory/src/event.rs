//! What the identity provider says of a user, in Clerk's words
//! (<https://clerk.com/docs/guides/development/webhooks/overview>).

use dais_domain::{DisplayName, EmailAddress, ImageUrl, Timestamp, UserId};
use dais_store::{KnownUser, NewsSource};
use serde::Deserialize;
use serde_json::Value;

/// News of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// He is new, or something of him has changed.
    Is(KnownUser),
    /// He has been deleted.
    Gone {
        /// Who.
        user: UserId,
        /// When, by the provider's clock; `None` if it does not say.
        at: Option<Timestamp>,
    },
    /// Nothing about a user.
    Other,
}

/// The envelope of every event.
#[derive(Debug, Deserialize)]
pub struct Event {
    #[serde(rename = "type")]
    kind: String,
    data: Value,
    /// When it happened, ms.
    timestamp: Option<u64>,
}

#[derive(Deserialize)]
struct User {
    id: UserId,
    first_name: Option<String>,
    last_name: Option<String>,
    username: Option<String>,
    #[serde(default)]
    image_url: Value,
    #[serde(default)]
    email_addresses: Vec<Address>,
    /// Ms.
    updated_at: u64,
}

#[derive(Deserialize)]
struct Address {
    email_address: String,
    verification: Option<Verification>,
}

#[derive(Deserialize)]
struct Verification {
    status: Option<String>,
}

#[derive(Deserialize)]
struct Deleted {
    id: UserId,
}

impl Event {
    /// Reads what it says of a user. The error is the rest of a sentence that begins with `data`.
    pub fn news(self) -> Result<News, String> {
        match self.kind.as_str() {
            "user.created" | "user.updated" => {
                let user: User = serde_json::from_value(self.data).map_err(|error| unreadable(&error))?;
                Ok(News::Is(user.into()))
            }
            "user.deleted" => {
                let Deleted { id } = serde_json::from_value(self.data).map_err(|error| unreadable(&error))?;
                Ok(News::Gone { user: id, at: self.timestamp.map(Timestamp::from_ms) })
            }
            _ => Ok(News::Other),
        }
    }
}

impl From<User> for KnownUser {
    fn from(user: User) -> Self {
        let parts: Vec<String> = [user.first_name, user.last_name].into_iter().flatten().collect();
        let name = DisplayName::lenient(&parts.join(" "));
        let name = name.or_else(|| user.username.as_deref().and_then(DisplayName::lenient));
        let emails = user.email_addresses.into_iter().filter(Address::is_verified);
        Self {
            id: user.id,
            name,
            image_url: user.image_url.as_str().and_then(|url| ImageUrl::new(url).ok()),
            emails: emails.filter_map(|address| EmailAddress::new(address.email_address).ok()).collect(),
            source: NewsSource::Provider,
            updated_at: Timestamp::from_ms(user.updated_at),
        }
    }
}

impl Address {
    fn is_verified(&self) -> bool {
        self.verification.as_ref().and_then(|verification| verification.status.as_deref()) == Some("verified")
    }
}

/// Without what it quotes: it may be somebody's address.
fn unreadable(error: &serde_json::Error) -> String {
    let reason = error.to_string();
    if reason.starts_with("missing field") {
        return format!("cannot be read: {reason}");
    }
    "is not of the provider's shape".to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use serde_json::json;

    use super::*;

    fn read(event: Value) -> Result<News, String> {
        serde_json::from_value::<Event>(event).unwrap().news()
    }

    fn known(data: Value) -> KnownUser {
        match read(json!({ "type": "user.updated", "data": data, "timestamp": 5, "object": "event" })) {
            Ok(News::Is(user)) => user,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_verified_addresses_count() {
        let address =
            |email: &str, status: Value| json!({ "id": "idn_1", "email_address": email, "verification": status });
        let user = known(json!({
            "id": "user_1", "first_name": "Ada", "last_name": "Lovelace", "updated_at": 7, "image_url": "https://img.example.com/a",
            "email_addresses": [
                address("Ada@Example.com", json!({ "status": "verified", "strategy": "email_code" })),
                address("new@example.com", json!({ "status": "unverified" })),
                address("failed@example.com", json!({ "status": null })),
                address("none@example.com", json!(null)),
                address("no address", json!({ "status": "verified" })),
            ],
        }));
        assert_eq!(user.emails, [EmailAddress::new("ada@example.com").unwrap()]);
        assert_eq!(user.name.unwrap().as_str(), "Ada Lovelace");
        assert_eq!(user.image_url.unwrap().as_str(), "https://img.example.com/a");
        assert_eq!((user.updated_at, user.source), (Timestamp::from_ms(7), NewsSource::Provider));
    }

    #[test]
    fn a_name_is_put_together_from_what_there_is() {
        let cases = [
            (json!({ "first_name": "Ada" }), Some("Ada")),
            (json!({ "last_name": "Lovelace" }), Some("Lovelace")),
            (json!({ "first_name": null, "last_name": null, "username": "ada" }), Some("ada")),
            (json!({ "first_name": " ", "username": "ada" }), Some("ada")),
            (json!({ "first_name": "Ada\u{0}\nL" }), Some("AdaL")),
            (json!({}), None),
        ];
        for (mut data, name) in cases {
            data["id"] = json!("user_1");
            data["updated_at"] = json!(1);
            assert_eq!(known(data.clone()).name.as_ref().map(DisplayName::as_str), name, "{data}");
        }
    }

    #[test]
    fn a_deletion_says_who_and_when() {
        let gone = json!({ "type": "user.deleted", "data": { "id": "user_1", "deleted": true }, "timestamp": 5 });
        let user = UserId::new("user_1").unwrap();
        assert_eq!(read(gone), Ok(News::Gone { user: user.clone(), at: Some(Timestamp::from_ms(5)) }));
        let timeless = json!({ "type": "user.deleted", "data": { "id": "user_1" } });
        assert_eq!(read(timeless), Ok(News::Gone { user, at: None }));
    }

    #[test]
    fn other_events_are_nothing() {
        assert_eq!(read(json!({ "type": "session.created", "data": { "id": 5 } })), Ok(News::Other));
    }

    #[test]
    fn what_cannot_be_read_is_not_quoted() {
        let bad = [
            json!({ "type": "user.created", "data": { "id": "ada@secret#", "updated_at": 1 } }),
            json!({ "type": "user.created", "data": { "id": "user_1", "updated_at": "secret" } }),
            json!({ "type": "user.created", "data": { "id": "user_1" } }),
            json!({ "type": "user.deleted", "data": {} }),
            json!({ "type": "user.deleted", "data": "secret" }),
        ];
        for event in bad {
            let reason = read(event).unwrap_err();
            assert!(!reason.contains("secret"), "{reason}");
        }
    }
}
