//! The log of a meeting: one entry per version. Audit trail, source of replay, feed for webhooks.

use serde::{Deserialize, Serialize};

use crate::{Description, DisplayName, InvitationId, MeetingEdit, Role, Timestamp, UserId, Version};

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
    },
    /// Description, start or policy changed.
    Edited(MeetingEdit),
    /// The meeting was ended for all.
    Ended,
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
