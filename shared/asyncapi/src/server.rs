//! What the server says of rooms, roles and rights, and how it refuses.
//!
//! The types deny members that they do not know, so that nothing is sent that is not described.

use dais_domain::wire::names;
use dais_rest::{
    text_schema,
    wire::{PolicyBody, schema},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Event;

text_schema!(SocketId, "Id of a socket, as `socket.id` of its client.", |schema| schema.min_length(Some(1)));

/// Somebody in the room. One entry per user, however many tabs he has.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Participant {
    /// His user id.
    #[schema(value_type = schema::UserId)]
    pub id: String,
    /// What he is called.
    #[schema(value_type = schema::Name)]
    pub name: String,
    /// His picture, or null.
    #[schema(required)]
    pub image_url: Option<String>,
    /// He has the role host.
    pub is_host: bool,
    /// He has the role co-host.
    pub is_co_host: bool,
    /// His microphone is off.
    pub is_audio_muted: bool,
    /// His camera is off.
    pub is_video_paused: bool,
    /// He may not switch his microphone on.
    pub audio_locked: bool,
    /// He may not switch his camera on.
    pub video_locked: bool,
    /// He may not share his screen.
    pub screen_share_locked: bool,
}

/// Everybody in the room, or a page of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Participants(pub Vec<Participant>);

/// Who has gone.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ParticipantLeft {
    /// The socket that was his last.
    #[schema(value_type = SocketId)]
    pub peer_id: String,
    /// Who.
    #[schema(value_type = schema::UserId)]
    pub user_id: String,
}

/// Whose role is another.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ParticipantUpdated {
    /// His user id.
    #[schema(value_type = schema::UserId)]
    pub participant_id: String,
    /// What has changed.
    pub updates: RoleUpdates,
}

/// The marks of a role that have changed, and only those.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleUpdates {
    /// He is a host, or no longer.
    #[schema(nullable = false)]
    pub is_host: Option<bool>,
    /// He is a co-host, or no longer.
    #[schema(nullable = false)]
    pub is_co_host: Option<bool>,
}

/// What is shown of somebody's microphone, camera and rights now. What is not there is as it was.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ParticipantState {
    /// Whose.
    #[schema(value_type = schema::UserId)]
    pub user_id: String,
    /// His microphone is off.
    #[schema(nullable = false)]
    pub is_audio_muted: Option<bool>,
    /// His camera is off.
    #[schema(nullable = false)]
    pub is_video_paused: Option<bool>,
    /// He may not switch his microphone on.
    #[schema(nullable = false)]
    pub audio_locked: Option<bool>,
    /// He may not switch his camera on.
    #[schema(nullable = false)]
    pub video_locked: Option<bool>,
    /// He may not share his screen.
    #[schema(nullable = false)]
    pub screen_share_locked: Option<bool>,
}

/// Who did it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct By {
    /// His name, or "Host".
    #[schema(value_type = schema::Name)]
    pub by: String,
}

/// What was changed of the meeting. What is not there is as it was.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MeetingUpdated {
    /// What it is about.
    #[schema(value_type = Option<schema::Text>, nullable = false)]
    pub description: Option<String>,
    /// When it starts.
    #[schema(value_type = Option<schema::DateTime>, nullable = false)]
    pub starts_at: Option<String>,
    /// All its room-wide switches.
    #[schema(nullable = false)]
    pub policy: Option<PolicyBody>,
}

/// Your microphone was switched off.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForceMute {
    /// Always true.
    pub audio: bool,
    /// Who did it.
    #[schema(value_type = schema::Name)]
    pub by: String,
    /// Always true: you may not switch it on again.
    pub locked: bool,
}

/// You may switch your microphone on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AllowUnmute {
    /// Who did it.
    #[schema(value_type = schema::Name)]
    pub by: String,
    /// Always false.
    pub locked: bool,
}

/// Your camera was switched off, and you may not switch it on again.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForceVideoPause {
    /// Always true.
    pub video: bool,
    /// Who did it.
    #[schema(value_type = schema::Name)]
    pub by: String,
}

/// Whether screens may be shared.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScreenShareRight {
    /// They may.
    pub enabled: bool,
    /// Who did it, or "System".
    #[schema(value_type = schema::Name)]
    pub by: String,
}

/// You were removed from the meeting.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Kicked {
    /// Who did it.
    #[schema(value_type = schema::Name)]
    pub by: String,
    /// A sentence.
    pub reason: String,
}

/// It worked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Success {
    /// A sentence.
    #[schema(min_length = 1)]
    pub message: String,
}

text_schema!(Code, "What programs compare. docs/protocol.md says what to do about each.", |schema| {
    schema.pattern(Some("^[a-z][a-z0-9-]*$"))
});

/// It was refused.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// A sentence, as front ends show it.
    #[schema(min_length = 1)]
    pub message: String,
    /// What programs compare.
    #[schema(value_type = Code)]
    pub code: String,
    /// The name of the event that was refused; null when it had none.
    #[schema(required)]
    pub event: Option<String>,
}

/// The acknowledgement of what was refused.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// A sentence, as front ends show it.
    #[schema(min_length = 1)]
    pub error: String,
    /// What programs compare.
    #[schema(value_type = Code)]
    pub code: String,
}

pub(crate) fn events() -> Vec<Event> {
    vec![
        Event::said::<Participants>(
            names::EXISTING_PARTICIPANTS,
            "Who is in the room, you included; to one who has joined",
        ),
        Event::said::<Participant>(names::PARTICIPANT_JOINED, "Somebody came; to the others"),
        Event::said::<ParticipantLeft>(names::PARTICIPANT_LEFT, "Somebody's last connection went; to the others"),
        Event::said::<Participants>(
            names::PARTICIPANT_LIST_UPDATE,
            "Who is in the room; to everybody in small rooms, to one who must catch up in large ones",
        ),
        Event::said::<ParticipantUpdated>(names::PARTICIPANT_UPDATED, "Somebody's role changed; to everybody"),
        Event::said::<ParticipantState>(
            names::PARTICIPANT_STATE_CHANGED,
            "Somebody's microphone, camera or rights changed; to the others, to everybody where it is a right",
        ),
        Event::said::<By>(names::HOST_GRANTED, "You are a host now"),
        Event::said::<By>(names::HOST_REVOKED, "You are no host any more"),
        Event::said::<By>(names::COHOST_GRANTED, "You are a co-host now"),
        Event::said::<By>(names::COHOST_REVOKED, "You are no co-host any more"),
        Event::said::<MeetingUpdated>(names::MEETING_UPDATED, "The meeting was changed; to everybody"),
        Event::said::<By>(names::MEETING_ENDED, "The meeting was ended for all; to everybody"),
        Event::said::<ForceMute>(names::FORCE_MUTE, "You may not speak"),
        Event::said::<AllowUnmute>(names::ALLOW_UNMUTE, "You may switch your microphone on"),
        Event::said::<ForceVideoPause>(names::FORCE_VIDEO_PAUSE, "You may not send video"),
        Event::said::<By>(names::ALLOW_UNPAUSE, "You may switch your camera on"),
        Event::said::<ScreenShareRight>(names::SCREENSHARE_CONTROL, "You may share your screen, or may not"),
        Event::said::<ScreenShareRight>(
            names::SCREENSHARE_GLOBAL_UPDATE,
            "Participants may share their screens, or may not; to those whom it concerns",
        ),
        Event::said::<Kicked>(names::KICKED_FROM_ROOM, "You were removed from the meeting"),
        Event::said::<Success>(names::SUCCESS, "It worked; to the sender"),
        Event::said::<Failure>(names::ERROR, "It was refused; to the sender"),
    ]
}
