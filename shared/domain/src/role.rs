//! The three roles.

use serde::{Deserialize, Serialize};

/// What a user may do in a meeting. Durable, per (meeting, user). On the wire it is the two booleans `isHost` and `isCoHost`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Anyone without another role. Not stored.
    Participant,
    /// Moderates participants.
    CoHost,
    /// Everything; all hosts are equal, the creator is only the first.
    Host,
}

impl Role {
    /// All roles, lowest first.
    pub const ALL: [Role; 3] = [Role::Participant, Role::CoHost, Role::Host];

    /// `isHost` on the wire.
    pub fn is_host(self) -> bool {
        self == Role::Host
    }

    /// `isCoHost` on the wire.
    pub fn is_cohost(self) -> bool {
        self == Role::CoHost
    }
}
