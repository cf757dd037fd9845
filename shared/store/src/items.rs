//! The shapes of items. Keys are not part of them; `schema` says which version of the shape was written.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use dais_domain::{
    ConnectionId, Description, DisplayName, EmailAddress, ImageUrl, Invitation, InvitationId, LogEntry, MailId,
    MediaState, Meeting, MeetingId, Moderation, Outcome, Policy, Presence, Role, RoleGrant, SocketId, Timestamp,
    TokenHash, UserId, Version,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_dynamo::aws_sdk_dynamodb_1::{from_item, to_item};

use crate::{
    Mail, MailKind, StoreError,
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
    #[serde(default)]
    moderation: Moderation,
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
            moderation: meeting.moderation.clone(),
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
            moderation: item.moderation,
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

/// An invitation.
#[derive(Debug, Serialize, Deserialize)]
pub struct InvitationItem {
    schema: u8,
    id: InvitationId,
    meeting_id: MeetingId,
    email: EmailAddress,
    user_id: Option<UserId>,
    by_network: bool,
    role: Role,
    inviter: UserId,
    inviter_name: Option<DisplayName>,
    inviter_email: Option<EmailAddress>,
    created_at: Timestamp,
    invited_at: Timestamp,
    expires_at: Timestamp,
    outcome: Outcome,
    mail: MailId,
    token: Option<TokenHash>,
    revision: u64,
}

impl From<&Invitation> for InvitationItem {
    fn from(invitation: &Invitation) -> Self {
        let invitation = invitation.clone();
        Self {
            schema: SCHEMA,
            id: invitation.id,
            meeting_id: invitation.meeting_id,
            email: invitation.email,
            user_id: invitation.user_id,
            by_network: invitation.by_network,
            role: invitation.role,
            inviter: invitation.inviter,
            inviter_name: invitation.inviter_name,
            inviter_email: invitation.inviter_email,
            created_at: invitation.created_at,
            invited_at: invitation.invited_at,
            expires_at: invitation.expires_at,
            outcome: invitation.outcome,
            mail: invitation.mail,
            token: invitation.token,
            revision: invitation.revision,
        }
    }
}

impl From<InvitationItem> for Invitation {
    fn from(item: InvitationItem) -> Self {
        Self {
            id: item.id,
            meeting_id: item.meeting_id,
            email: item.email,
            user_id: item.user_id,
            by_network: item.by_network,
            role: item.role,
            inviter: item.inviter,
            inviter_name: item.inviter_name,
            inviter_email: item.inviter_email,
            created_at: item.created_at,
            invited_at: item.invited_at,
            expires_at: item.expires_at,
            outcome: item.outcome,
            mail: item.mail,
            token: item.token,
            revision: item.revision,
        }
    }
}

/// Points to an invitation, from its token or from the one whom it is for.
#[derive(Debug, Serialize, Deserialize)]
pub struct InvitationPointer {
    /// Its meeting.
    pub meeting_id: MeetingId,
    /// Which.
    pub invitation_id: InvitationId,
}

/// A mail. When it is due stands in the key of the index of leases.
#[derive(Debug, Serialize, Deserialize)]
pub struct MailItem {
    schema: u8,
    id: MailId,
    kind: MailKind,
    meeting_id: MeetingId,
    invitation_id: InvitationId,
    created_at: Timestamp,
    attempt: u32,
    #[serde(default, rename = "lease_due", skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
}

impl From<&Mail> for MailItem {
    fn from(mail: &Mail) -> Self {
        let mail = mail.clone();
        Self {
            schema: SCHEMA,
            id: mail.id,
            kind: mail.kind,
            meeting_id: mail.meeting_id,
            invitation_id: mail.invitation_id,
            created_at: mail.created_at,
            attempt: mail.attempt,
            due: mail.due,
        }
    }
}

impl From<MailItem> for Mail {
    fn from(item: MailItem) -> Self {
        Self {
            id: item.id,
            kind: item.kind,
            meeting_id: item.meeting_id,
            invitation_id: item.invitation_id,
            created_at: item.created_at,
            attempt: item.attempt,
            due: item.due,
        }
    }
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
