//! Who is in a room.

use dais_domain::{DisplayName, ImageUrl, Participant, UserId, Version};
use serde::Serialize;
use utoipa::ToSchema;

use super::schema;

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
    /// He may not switch his microphone on.
    pub audio_locked: bool,
    /// He may not switch his camera on.
    pub video_locked: bool,
    /// He may not share his screen.
    pub screen_share_locked: bool,
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
