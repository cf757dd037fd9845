//! People and switches of a meeting.

use dais_domain::{DisplayName, ImageUrl, Participant, Policy, RoleGrant, UserId, Version};
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

/// Somebody in the room, exactly as on the socket.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Participant)]
pub struct ParticipantBody {
    /// His user id.
    #[schema(value_type = schema::UserId)]
    pub id: UserId,
    /// His name.
    #[schema(value_type = schema::Name)]
    pub name: DisplayName,
    /// His picture.
    #[schema(value_type = Option<String>, required, max_length = 512)]
    pub image_url: Option<ImageUrl>,
    /// Role host.
    pub is_host: bool,
    /// Role co-host.
    pub is_co_host: bool,
    /// Microphone off.
    pub is_audio_muted: bool,
    /// Camera off.
    pub is_video_paused: bool,
}

/// Who is in the room.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Participants)]
pub struct ParticipantsAnswer {
    /// Always true.
    pub success: bool,
    /// In the order in which they came. At most 4,000, so that the answer can be carried.
    #[schema(value_type = Vec<ParticipantBody>)]
    pub participants: Vec<Participant>,
    /// How many there are.
    pub total: usize,
    /// Version of the meeting that their roles are of.
    #[schema(value_type = u64, minimum = 1)]
    pub version: Version,
}

impl ParticipantsAnswer {
    /// Participants with long names and pictures take about 1.2 KB, and a function's answer may have 6 MB.
    const MAX: usize = 4_000;

    /// From what a room shows.
    pub fn new(mut participants: Vec<Participant>, version: Version) -> Self {
        let total = participants.len();
        participants.truncate(Self::MAX);
        Self { success: true, participants, total, version }
    }
}
