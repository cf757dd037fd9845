//! People and switches of a meeting.

use dais_domain::{DisplayName, Policy, RoleGrant, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Date, schema};

/// Somebody with a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// Who.
    #[schema(value_type = schema::UserId)]
    pub user_id: UserId,
    /// His name, if it is known.
    #[schema(value_type = Option<schema::Name>, required)]
    pub name: Option<DisplayName>,
    /// Since when he has the role.
    #[schema(value_type = schema::DateTime)]
    pub since: Date,
}

impl Person {
    /// From what the meeting has of its hosts or co-hosts.
    pub fn list(holders: Vec<(&UserId, &RoleGrant)>) -> Vec<Self> {
        let person = |(user, grant): (&UserId, &RoleGrant)| Self {
            user_id: user.clone(),
            name: grant.name.clone(),
            since: grant.since.into(),
        };
        holders.into_iter().map(person).collect()
    }
}

/// Room-wide switches; they hold for those who join later too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Policy)]
pub struct PolicyBody {
    /// People join with the microphone off.
    pub muted_on_entry: bool,
    /// Participants may switch their microphone on.
    pub may_unmute: bool,
    /// Participants may switch their camera on.
    pub may_start_video: bool,
    /// Participants may share their screen.
    pub may_share_screen: bool,
    /// Nobody new may join but hosts and co-hosts.
    pub locked: bool,
}

impl From<Policy> for PolicyBody {
    fn from(policy: Policy) -> Self {
        let Policy { muted_on_entry, may_unmute, may_start_video, may_share_screen, locked } = policy;
        Self { muted_on_entry, may_unmute, may_start_video, may_share_screen, locked }
    }
}
