//! The log of a meeting: one entry per version. Audit trail, source of replay, feed for webhooks.

use serde::{Deserialize, Serialize};

use crate::{Description, DisplayName, InvitationId, MeetingEdit, Policy, Role, Source, Timestamp, UserId, Version};

/// What happened, in one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Change {
    /// The meeting was created; its creator became the first host.
    Created {
        /// The first description.
        description: Description,
        /// The first start.
        #[serde(rename = "startsAt")]
        starts_at: Timestamp,
    },
    /// Somebody's role changed.
    Role {
        /// Whose.
        user: UserId,
        /// His name then, if known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<DisplayName>,
        /// The role before.
        from: Role,
        /// The role after.
        to: Role,
        /// The accepted invitation that gave it, if one did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        invitation: Option<InvitationId>,
        /// What he may publish now and could not before, or no longer: room-wide switches concern participants alone.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        rights: Vec<Source>,
    },
    /// Description, start or policy changed.
    Edited {
        /// What.
        #[serde(flatten)]
        edit: MeetingEdit,
        /// Sources that participants may publish since then, or no longer.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        switched: Vec<Source>,
    },
    /// The meeting was ended for all.
    Ended,
    /// The account of the last host was deleted. His role stays, so that there is a host; his name is gone.
    Forgotten {
        /// Whose.
        user: UserId,
    },
    /// Somebody may no longer publish a source, or may again.
    Restricted {
        /// Who.
        user: UserId,
        /// What.
        source: Source,
        /// He may.
        allowed: bool,
        /// He may although participants may not.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        exempted: bool,
    },
    /// All participants may no longer publish a source, or may again; so may those who come later.
    RoomWide {
        /// What.
        source: Source,
        /// They may.
        allowed: bool,
        /// All room-wide switches after it.
        policy: Policy,
    },
    /// Somebody was removed from the meeting, and lost his role in it. He may not come back.
    Removed {
        /// Who.
        user: UserId,
        /// His name then, if known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<DisplayName>,
        /// The role that he had.
        from: Role,
    },
    /// Somebody who was removed may come back, without a role.
    Readmitted {
        /// Who.
        user: UserId,
    },
}

impl Change {
    /// Whether it is about what all participants may publish.
    pub fn is_room_wide(&self) -> bool {
        match self {
            Self::RoomWide { .. } => true,
            Self::Edited { switched, .. } => !switched.is_empty(),
            _ => false,
        }
    }

    /// Whether somebody may lose by it what he sends or gets: then the room's media node must know. What somebody is given, it
    /// reads when he takes it up.
    pub fn may_end_media(&self) -> bool {
        match self {
            Self::Role { to, rights, .. } => *to == Role::Participant && !rights.is_empty(),
            Self::Edited { edit, switched } => {
                edit.policy.is_some_and(|policy| switched.iter().any(|source| !policy.allows(*source)))
            }
            Self::Restricted { allowed, .. } | Self::RoomWide { allowed, .. } => !allowed,
            Self::Ended | Self::Removed { .. } => true,
            Self::Created { .. } | Self::Forgotten { .. } | Self::Readmitted { .. } => false,
        }
    }

    /// The same without the name of `user`.
    fn without_name_of(mut self, user: &UserId) -> Self {
        if let Self::Role { user: whose, name, .. } | Self::Removed { user: whose, name, .. } = &mut self
            && whose == user
        {
            *name = None;
        }
        self
    }
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEntry {
    /// The version that this change made.
    pub version: Version,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub by: UserId,
    /// His name then, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_name: Option<DisplayName>,
    /// What.
    pub change: Change,
}

impl LogEntry {
    /// The same without the name of `user`, whose account was deleted. What he did, and his id, remain.
    #[must_use]
    pub fn without_name_of(self, user: &UserId) -> Self {
        let by_name = self.by_name.filter(|_| self.by != *user);
        Self { by_name, change: self.change.without_name_of(user), ..self }
    }
}
