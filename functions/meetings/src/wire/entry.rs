//! The audit trail in answers.

use dais_domain::{Change, Description, DisplayName, InvitationId, LogEntry, Role, Source, UserId, Version};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Date, PolicyBody, schema};

/// A role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Role)]
pub enum RoleBody {
    /// Neither of the others.
    Participant,
    /// Moderates participants.
    CoHost,
    /// Everything.
    Host,
}

impl From<Role> for RoleBody {
    fn from(role: Role) -> Self {
        match role {
            Role::Participant => Self::Participant,
            Role::CoHost => Self::CoHost,
            Role::Host => Self::Host,
        }
    }
}

/// What somebody publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Source)]
pub enum SourceBody {
    /// His voice.
    Microphone,
    /// His picture.
    Camera,
    /// His screen.
    Screen,
}

impl From<Source> for SourceBody {
    fn from(source: Source) -> Self {
        match source {
            Source::Microphone => Self::Microphone,
            Source::Camera => Self::Camera,
            Source::Screen => Self::Screen,
        }
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[schema(as = Change)]
pub enum ChangeBody {
    /// The meeting was created; its creator became the first host.
    Created {
        /// The first description.
        #[schema(value_type = schema::Text)]
        description: Description,
        /// The first start.
        #[schema(value_type = schema::DateTime, rename = "startsAt")]
        starts_at: Date,
    },
    /// Somebody's role changed.
    Role {
        /// Whose.
        #[schema(value_type = schema::UserId, rename = "userId")]
        user_id: UserId,
        /// His name then, if it was known.
        #[schema(value_type = Option<schema::Name>, required)]
        name: Option<DisplayName>,
        /// The role before.
        from: RoleBody,
        /// The role after.
        to: RoleBody,
        /// The accepted invitation that gave the role, if one did.
        #[schema(value_type = Option<schema::InvitationId>, rename = "invitationId", nullable = false)]
        #[serde(skip_serializing_if = "Option::is_none")]
        invitation_id: Option<InvitationId>,
    },
    /// Description, start or policy changed; only what changed is there.
    Edited {
        /// The new description.
        #[schema(value_type = Option<schema::Text>, nullable = false)]
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<Description>,
        /// The new start.
        #[schema(value_type = Option<schema::DateTime>, rename = "startsAt", nullable = false)]
        #[serde(skip_serializing_if = "Option::is_none")]
        starts_at: Option<Date>,
        /// The new policy, whole.
        #[schema(nullable = false)]
        #[serde(skip_serializing_if = "Option::is_none")]
        policy: Option<PolicyBody>,
    },
    /// The meeting was ended for all.
    Ended,
    /// The account of the last host was deleted: his role stays, his name is gone.
    Forgotten {
        /// Whose.
        #[schema(value_type = schema::UserId, rename = "userId")]
        user_id: UserId,
    },
    /// Somebody may no longer publish a source, or may again.
    Restricted {
        /// Who.
        #[schema(value_type = schema::UserId, rename = "userId")]
        user_id: UserId,
        /// What.
        source: SourceBody,
        /// He may.
        allowed: bool,
    },
    /// All participants may no longer publish a source, or may again; so may those who come later.
    RoomWide {
        /// What.
        source: SourceBody,
        /// They may.
        allowed: bool,
    },
    /// Somebody was removed from the meeting and may not come back.
    Removed {
        /// Who.
        #[schema(value_type = schema::UserId, rename = "userId")]
        user_id: UserId,
        /// His name then, if it was known.
        #[schema(value_type = Option<schema::Name>, required)]
        name: Option<DisplayName>,
        /// The role that he had, and lost.
        from: RoleBody,
    },
    /// Somebody who was removed may come back.
    Readmitted {
        /// Who.
        #[schema(value_type = schema::UserId, rename = "userId")]
        user_id: UserId,
    },
}

impl From<Change> for ChangeBody {
    fn from(change: Change) -> Self {
        match change {
            Change::Created { description, starts_at } => Self::Created { description, starts_at: Date(starts_at) },
            Change::Role { user, name, from, to, invitation, .. } => {
                Self::Role { user_id: user, name, from: from.into(), to: to.into(), invitation_id: invitation }
            }
            Change::Edited { edit, .. } => Self::Edited {
                description: edit.description,
                starts_at: edit.starts_at.map(Date),
                policy: edit.policy.map(PolicyBody::from),
            },
            Change::Ended => Self::Ended,
            Change::Forgotten { user } => Self::Forgotten { user_id: user },
            Change::Restricted { user, source, allowed, .. } => {
                Self::Restricted { user_id: user, source: source.into(), allowed }
            }
            Change::RoomWide { source, allowed, .. } => Self::RoomWide { source: source.into(), allowed },
            Change::Removed { user, name, from } => Self::Removed { user_id: user, name, from: from.into() },
            Change::Readmitted { user } => Self::Readmitted { user_id: user },
        }
    }
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LogEntry)]
pub struct EntryBody {
    /// The version that this change made.
    #[schema(value_type = u64, minimum = 1)]
    pub version: Version,
    /// When.
    #[schema(value_type = schema::DateTime)]
    pub at: Date,
    /// Who did it.
    #[schema(value_type = schema::UserId)]
    pub by: UserId,
    /// His name then, if it was known.
    #[schema(value_type = Option<schema::Name>, required)]
    pub by_name: Option<DisplayName>,
    /// What.
    pub change: ChangeBody,
}

impl From<LogEntry> for EntryBody {
    fn from(entry: LogEntry) -> Self {
        let LogEntry { version, at, by, by_name, change } = entry;
        Self { version, at: at.into(), by, by_name, change: change.into() }
    }
}

/// A page of the log, oldest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Log)]
pub struct LogAnswer {
    /// Always true.
    pub success: bool,
    /// The entries. No version is missing between them.
    pub entries: Vec<EntryBody>,
    /// Send it as `after` for what follows; null when nothing does.
    #[schema(value_type = Option<u64>, required)]
    pub next_after: Option<Version>,
}
