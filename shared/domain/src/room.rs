//! The room: the live side of a meeting, as one consistent read shows it.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::{
    Actor, Command, ConnectionId, Decision, DisplayName, ImageUrl, MediaClaim, Meeting, Refusal, SocketId, Source,
    Timestamp, UserId, Version,
};

/// What a participant sends of himself. Both off until he says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MediaState {
    /// The microphone is off.
    pub is_audio_muted: bool,
    /// The camera is off.
    pub is_video_paused: bool,
    /// The version of the meeting under which he said so of his microphone.
    #[serde(default)]
    pub audio_as_of: Version,
    /// The same of his camera.
    #[serde(default)]
    pub video_as_of: Version,
}

impl Default for MediaState {
    fn default() -> Self {
        Self {
            is_audio_muted: true,
            is_video_paused: true,
            audio_as_of: Version::default(),
            video_as_of: Version::default(),
        }
    }
}

/// A change of one's media state: what it sets; `None` leaves the other one as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MediaChange {
    /// The microphone is off now.
    pub is_audio_muted: Option<bool>,
    /// The camera is off now.
    pub is_video_paused: Option<bool>,
    /// The version of the meeting that allowed it.
    pub as_of: Version,
}

impl MediaState {
    /// The state after a change.
    pub fn after(self, change: MediaChange) -> Self {
        Self {
            is_audio_muted: change.is_audio_muted.unwrap_or(self.is_audio_muted),
            is_video_paused: change.is_video_paused.unwrap_or(self.is_video_paused),
            audio_as_of: change.is_audio_muted.map_or(self.audio_as_of, |_| change.as_of),
            video_as_of: change.is_video_paused.map_or(self.video_as_of, |_| change.as_of),
        }
    }
}

/// The whole state, as of the later of its two versions.
impl From<MediaState> for MediaChange {
    fn from(state: MediaState) -> Self {
        Self {
            is_audio_muted: Some(state.is_audio_muted),
            is_video_paused: Some(state.is_video_paused),
            as_of: state.audio_as_of.max(state.video_as_of),
        }
    }
}

/// One connection in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// Where to post.
    pub connection_id: ConnectionId,
    /// What clients know it by.
    pub socket_id: SocketId,
    /// Whose it is.
    pub user_id: UserId,
    /// His name.
    pub name: DisplayName,
    /// His picture.
    pub image_url: Option<ImageUrl>,
    /// What he sends.
    pub media: MediaState,
    /// When this connection came into the room.
    pub joined_at: Timestamp,
    /// After this it is certainly gone: API Gateway ends every connection after two hours.
    pub expires_at: Timestamp,
}

/// A user in a room: one entry, however many connections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Participant {
    /// The user id, not a socket id.
    pub id: UserId,
    /// His name.
    pub name: DisplayName,
    /// His picture, or null.
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

/// A meeting and everybody who is in its room, read together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomView {
    /// The meeting.
    pub meeting: Meeting,
    /// The live connections, in the order in which they came.
    pub presences: Vec<Presence>,
    /// Connections of people who have been removed from the meeting: they are in the room no more, and are still to be taken out.
    pub expelled: Vec<Presence>,
    /// The media node that has the room, if one has.
    pub media: Option<MediaClaim>,
}

impl RoomView {
    /// Puts together what was read; presences that are certainly gone are left out.
    pub fn new(meeting: Meeting, mut presences: Vec<Presence>, media: Option<MediaClaim>, now: Timestamp) -> Self {
        presences.retain(|presence| presence.expires_at > now);
        presences.sort_by(|a, b| (a.joined_at, &a.connection_id).cmp(&(b.joined_at, &b.connection_id)));
        Self { meeting, presences, expelled: Vec::new(), media }.without_removed()
    }

    /// The room with the meeting at a later version.
    #[must_use]
    pub fn at(self, meeting: Meeting) -> Self {
        Self { meeting, ..self }.without_removed()
    }

    fn without_removed(mut self) -> Self {
        let is_out = |presence: &mut Presence| self.meeting.moderation.has_removed(&presence.user_id);
        self.expelled.extend(self.presences.extract_if(.., is_out));
        self
    }

    /// The connection's entry, if it is in the room.
    pub fn presence(&self, connection: &ConnectionId) -> Option<&Presence> {
        self.presences.iter().find(|presence| presence.connection_id == *connection)
    }

    /// All connections of a user.
    pub fn presences_of<'a>(&'a self, user: &'a UserId) -> impl Iterator<Item = &'a Presence> {
        self.presences.iter().filter(move |presence| presence.user_id == *user)
    }

    /// The participants, in the order in which they came. A user's microphone is on if it is on in one of his tabs.
    pub fn participants(&self) -> Vec<Participant> {
        merged(&self.meeting, self.presences.iter())
    }

    /// The connections of a user, those included that are to be taken out.
    pub fn connections_of<'a>(&'a self, user: &'a UserId) -> impl Iterator<Item = &'a Presence> {
        self.presences.iter().chain(&self.expelled).filter(move |presence| presence.user_id == *user)
    }

    /// One participant.
    pub fn participant(&self, user: &UserId) -> Option<Participant> {
        merged(&self.meeting, self.presences_of(user)).pop()
    }

    /// Decides a command that came over `connection`. Its sender must be in the room, and so must the target.
    pub fn decide(
        &self,
        connection: &ConnectionId,
        command: &Command,
        now: Timestamp,
    ) -> Result<Option<Decision>, Refusal> {
        let sender = self.presence(connection).ok_or(Refusal::RoomNotFound)?;
        let actor = sender.actor();
        self.meeting.authorize(&actor, command)?;
        let target_name = match command.target() {
            Some(target) => match self.presences_of(target).last() {
                Some(there) => Some(there.name.clone()),
                None if self.concerns_absent(command, target) => None,
                None => return Err(Refusal::ParticipantNotFound),
            },
            None => None,
        };
        self.meeting.decide(&actor, command, target_name, now)
    }

    /// Whether a command may be about somebody who is not in the room: one who was removed, or who is to get a right back.
    fn concerns_absent(&self, command: &Command, target: &UserId) -> bool {
        match command {
            Command::Readmit(_) | Command::Remove(_) => self.meeting.moderation.has_removed(target),
            Command::Restrict { source, allowed: true, .. } => self.meeting.may_publish(target, *source).is_err(),
            _ => false,
        }
    }
}

fn merged<'a>(meeting: &Meeting, presences: impl Iterator<Item = &'a Presence>) -> Vec<Participant> {
    let mut index: HashMap<&UserId, usize> = HashMap::new();
    let mut participants: Vec<Participant> = Vec::new();
    for presence in presences {
        let media = meeting.shown(&presence.user_id, presence.media);
        if let Some(&at) = index.get(&presence.user_id) {
            let seen = &mut participants[at];
            seen.is_audio_muted &= media.is_audio_muted;
            seen.is_video_paused &= media.is_video_paused;
            seen.name = presence.name.clone();
            seen.image_url = presence.image_url.clone();
        } else {
            index.insert(&presence.user_id, participants.len());
            participants.push(Participant::new(presence, media, meeting));
        }
    }
    participants
}

impl Presence {
    /// The person behind the connection.
    pub fn actor(&self) -> Actor {
        Actor { user_id: self.user_id.clone(), name: Some(self.name.clone()) }
    }
}

impl Participant {
    fn new(presence: &Presence, media: MediaState, meeting: &Meeting) -> Self {
        let role = meeting.role_of(&presence.user_id);
        let is_locked = |source| meeting.may_publish(&presence.user_id, source).is_err();
        Self {
            id: presence.user_id.clone(),
            name: presence.name.clone(),
            image_url: presence.image_url.clone(),
            is_host: role.is_host(),
            is_co_host: role.is_cohost(),
            is_audio_muted: media.is_audio_muted,
            is_video_paused: media.is_video_paused,
            audio_locked: is_locked(Source::Microphone),
            video_locked: is_locked(Source::Camera),
            screen_share_locked: is_locked(Source::Screen),
        }
    }
}
