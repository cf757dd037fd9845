//! The shapes of items. Keys are not part of them; `schema` says which version of the shape was written.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use dais_domain::{
    ConnectionId, Description, DisplayName, ImageUrl, LogEntry, MediaState, Meeting, MeetingId, Policy, Presence,
    RoleGrant, SocketId, Timestamp, UserId, Version,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_dynamo::aws_sdk_dynamodb_1::{from_item, to_item};

use crate::{
    StoreError,
    keys::{self, Key},
};

/// An item as the SDK has it.
pub type Item = HashMap<String, AttributeValue>;

const SCHEMA: u8 = 1;

/// A meeting.
#[derive(Debug, Serialize, Deserialize)]
pub struct MeetingItem {
    schema: u8,
    id: MeetingId,
    created_by: UserId,
    created_at: Timestamp,
    starts_at: Timestamp,
    description: Description,
    roles: BTreeMap<UserId, RoleGrant>,
    policy: Policy,
    ended_at: Option<Timestamp>,
    changed_at: Timestamp,
    version: Version,
}

impl From<&Meeting> for MeetingItem {
    fn from(meeting: &Meeting) -> Self {
        Self {
            schema: SCHEMA,
            id: meeting.id.clone(),
            created_by: meeting.created_by.clone(),
            created_at: meeting.created_at,
            starts_at: meeting.starts_at,
            description: meeting.description.clone(),
            roles: meeting.roles.clone(),
            policy: meeting.policy,
            ended_at: meeting.ended_at,
            changed_at: meeting.changed_at,
            version: meeting.version,
        }
    }
}

impl From<MeetingItem> for Meeting {
    fn from(item: MeetingItem) -> Self {
        Self {
            id: item.id,
            created_by: item.created_by,
            created_at: item.created_at,
            starts_at: item.starts_at,
            description: item.description,
            roles: item.roles,
            policy: item.policy,
            ended_at: item.ended_at,
            changed_at: item.changed_at,
            version: item.version,
        }
    }
}

/// A connection's presence in a room.
#[derive(Debug, Serialize, Deserialize)]
pub struct PresenceItem {
    schema: u8,
    connection_id: ConnectionId,
    socket_id: SocketId,
    user_id: UserId,
    name: DisplayName,
    image_url: Option<ImageUrl>,
    media: MediaState,
    joined_at: Timestamp,
    expires_at: Timestamp,
}

impl From<&Presence> for PresenceItem {
    fn from(presence: &Presence) -> Self {
        Self {
            schema: SCHEMA,
            connection_id: presence.connection_id.clone(),
            socket_id: presence.socket_id.clone(),
            user_id: presence.user_id.clone(),
            name: presence.name.clone(),
            image_url: presence.image_url.clone(),
            media: presence.media,
            joined_at: presence.joined_at,
            expires_at: presence.expires_at,
        }
    }
}

impl From<PresenceItem> for Presence {
    fn from(item: PresenceItem) -> Self {
        Self {
            connection_id: item.connection_id,
            socket_id: item.socket_id,
            user_id: item.user_id,
            name: item.name,
            image_url: item.image_url,
            media: item.media,
            joined_at: item.joined_at,
            expires_at: item.expires_at,
        }
    }
}

/// A log entry.
#[derive(Debug, Serialize, Deserialize)]
pub struct LogItem {
    schema: u8,
    entry: LogEntry,
}

impl From<&LogEntry> for LogItem {
    fn from(entry: &LogEntry) -> Self {
        Self { schema: SCHEMA, entry: entry.clone() }
    }
}

impl From<LogItem> for LogEntry {
    fn from(item: LogItem) -> Self {
        item.entry
    }
}

/// Points from a user to a meeting of his.
#[derive(Debug, Serialize, Deserialize)]
pub struct OwnMeetingItem {
    /// Which meeting.
    pub meeting_id: MeetingId,
    /// Of the meeting, when this was written: an older one never replaces a newer one.
    pub version: Version,
}

/// A creation that has been done under an idempotency key.
#[derive(Debug, Serialize, Deserialize)]
pub struct CreationKeyItem {
    /// What it created.
    pub meeting_id: MeetingId,
    /// Hash of the request.
    pub fingerprint: String,
    /// From then on it is as if it were not there.
    pub expires_at: Timestamp,
}

/// Turns a body into an item with its key.
pub fn item(kind: &'static str, key: Key, body: impl Serialize) -> Result<Item, StoreError> {
    let mut item: Item = to_item(body).map_err(|error| corrupt(kind, error))?;
    item.insert(keys::PK.to_owned(), AttributeValue::S(key.pk));
    item.insert(keys::SK.to_owned(), AttributeValue::S(key.sk));
    Ok(item)
}

/// Reads a body out of an item.
pub fn body<T: DeserializeOwned>(kind: &'static str, item: Item) -> Result<T, StoreError> {
    from_item(item).map_err(|error| corrupt(kind, error))
}

/// The key as the SDK wants it.
pub fn key_item(key: Key) -> Item {
    HashMap::from([(keys::PK.to_owned(), AttributeValue::S(key.pk)), (keys::SK.to_owned(), AttributeValue::S(key.sk))])
}

/// A number attribute.
pub fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A string attribute.
pub fn string(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// When DynamoDB may delete the item.
pub fn with_ttl(mut item: Item, at: Timestamp) -> Item {
    item.insert(keys::TTL.to_owned(), number(at.as_epoch_seconds()));
    item
}

/// An error without what it quotes from the item. The names of fields are ours and may stay.
pub fn corrupt(item: &'static str, error: impl std::fmt::Display) -> StoreError {
    let whole = error.to_string();
    let quoted = if whole.starts_with("missing field") { None } else { whole.find(['"', '`', '\'']) };
    let reason = match quoted {
        Some(at) => format!("{}(left out)", &whole[..at]),
        None => whole,
    };
    StoreError::Corrupt { item, reason }
}
