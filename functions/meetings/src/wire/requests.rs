//! What callers send. Unknown fields are refused, so that a misspelt one is noticed.

use dais_domain::{Description, MeetingEdit, MeetingId, Policy, TextError, UserId, Version};
use serde::{Deserialize, Deserializer, de::Error};
use utoipa::ToSchema;

use super::{Date, schema};
use crate::headers::MAX_VERSION;

/// A description as people type it: of several lines, or blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title(Option<Description>);

impl Title {
    /// What a meeting is about when nobody says so, as the first document has it.
    const DEFAULT: &'static str = "Meeting";

    fn read(text: &str) -> Result<Self, TextError> {
        // Before it is trimmed: the bound is on what is sent, as the schema has it.
        if text.chars().count() > Description::MAX_CHARS {
            return Err(TextError::TooLong { max: Description::MAX_CHARS });
        }
        match Description::new(text.replace(['\r', '\n', '\t'], " ")) {
            Ok(description) => Ok(Self(Some(description))),
            Err(TextError::Empty) => Ok(Self(None)),
            Err(error) => Err(error),
        }
    }

    /// The description, or the one of a meeting that has none.
    pub fn into_description(title: Option<Self>) -> Description {
        let given = title.and_then(|Self(description)| description);
        given.unwrap_or_else(|| Description::new(Self::DEFAULT).unwrap_or_else(|_| unreachable!("a constant")))
    }
}

impl<'de> Deserialize<'de> for Title {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&String::deserialize(deserializer)?).map_err(Error::custom)
    }
}

/// A version that a meeting can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownVersion(pub Version);

/// `3.0` is a whole number too, as JSON Schema has it.
impl<'de> Deserialize<'de> for KnownVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        let whole =
            || number.as_f64().filter(|float| float.fract() == 0.0 && (0.0..=MAX_VERSION as f64).contains(float));
        let version = number.as_u64().or_else(|| whole().map(|float| float as u64));
        let known = version.filter(|version| *version <= MAX_VERSION).map(|version| Self(Version(version)));
        known.ok_or_else(|| Error::custom(format!("must be a whole number from 0 to {MAX_VERSION}")))
    }
}

/// A new meeting. Everything may be left out.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct CreateMeeting {
    /// The wanted id; generated when absent. Ids that begin with `user_` are personal rooms: only that user creates his.
    #[schema(value_type = Option<schema::MeetingId>)]
    pub room_id: Option<MeetingId>,
    /// The same as `roomId`. If both are there they must be equal.
    #[schema(value_type = Option<schema::MeetingId>)]
    pub id: Option<MeetingId>,
    /// The caller. Not needed, as the token says it; somebody else's is refused.
    #[schema(value_type = Option<schema::UserId>)]
    pub user_id: Option<UserId>,
    /// What the caller is called, if his token does not say it.
    pub user_name: Option<String>,
    /// When it starts; now when absent.
    #[schema(value_type = Option<schema::DateTime>)]
    pub starts_at: Option<Date>,
    /// What it is about; "Meeting" when absent or blank.
    #[schema(value_type = Option<schema::Text>)]
    pub description: Option<Title>,
}

/// A change of a meeting. What is absent stays as it is.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct EditMeeting {
    /// What it is about; "Meeting" when blank.
    #[schema(value_type = Option<schema::Text>)]
    pub description: Option<Title>,
    /// When it starts.
    #[schema(value_type = Option<schema::DateTime>)]
    pub starts_at: Option<Date>,
    /// Room-wide switches; those that are absent stay as they are.
    pub policy: Option<EditPolicy>,
    /// Change it only if it is at this version. `If-Match` says the same.
    #[schema(value_type = Option<schema::VersionNumber>)]
    pub version: Option<KnownVersion>,
}

/// A change of room-wide switches.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct EditPolicy {
    /// People join with the microphone off.
    pub muted_on_entry: Option<bool>,
    /// Participants may switch their microphone on.
    pub may_unmute: Option<bool>,
    /// Participants may switch their camera on.
    pub may_start_video: Option<bool>,
    /// Participants may share their screen.
    pub may_share_screen: Option<bool>,
    /// Nobody new may join but hosts and co-hosts.
    pub locked: Option<bool>,
}

impl EditPolicy {
    fn applied_to(&self, policy: Policy) -> Policy {
        Policy {
            muted_on_entry: self.muted_on_entry.unwrap_or(policy.muted_on_entry),
            may_unmute: self.may_unmute.unwrap_or(policy.may_unmute),
            may_start_video: self.may_start_video.unwrap_or(policy.may_start_video),
            may_share_screen: self.may_share_screen.unwrap_or(policy.may_share_screen),
            locked: self.locked.unwrap_or(policy.locked),
        }
    }
}

impl EditMeeting {
    /// What it means for a meeting with this policy.
    pub fn edit(&self, policy: Policy) -> MeetingEdit {
        MeetingEdit {
            description: self.description.clone().map(|title| Title::into_description(Some(title))),
            starts_at: self.starts_at.map(|Date(at)| at),
            policy: self.policy.as_ref().map(|edit| edit.applied_to(policy)),
        }
    }
}
