//! What the server sends.

use serde_json::{Value, json};

use crate::{Change, DisplayName, LogEntry, Meeting, Participant, Refusal, SocketId, UserId};

/// Event names, server to client.
pub mod names {
    /// Who is in the room, the joiner included; to the joiner.
    pub const EXISTING_PARTICIPANTS: &str = "existing-participants";
    /// Somebody came; to the others.
    pub const PARTICIPANT_JOINED: &str = "participant-joined";
    /// Somebody's last connection went; to the others.
    pub const PARTICIPANT_LEFT: &str = "participant-left";
    /// Who is in the room; to everybody, in small rooms.
    pub const PARTICIPANT_LIST_UPDATE: &str = "participant-list-update";
    /// Somebody's role changed; to everybody.
    pub const PARTICIPANT_UPDATED: &str = "participant-updated";
    /// Somebody's microphone or camera changed; to the others.
    pub const PARTICIPANT_STATE_CHANGED: &str = "participant-state-changed";
    /// You are a host now; to every connection of the target.
    pub const HOST_GRANTED: &str = "host-granted";
    /// You are no host any more; to every connection of the target.
    pub const HOST_REVOKED: &str = "host-revoked";
    /// You are a co-host now; to every connection of the target.
    pub const COHOST_GRANTED: &str = "cohost-granted";
    /// You are no co-host any more; to every connection of the target.
    pub const COHOST_REVOKED: &str = "cohost-revoked";
    /// The meeting's description, start or policy changed; to everybody.
    pub const MEETING_UPDATED: &str = "meeting-updated";
    /// The meeting was ended for all; to everybody.
    pub const MEETING_ENDED: &str = "meeting-ended";
    /// You may not speak; to every connection of those whom it concerns. So are the following ones.
    pub const FORCE_MUTE: &str = "force-mute";
    /// You may switch your microphone on.
    pub const ALLOW_UNMUTE: &str = "allow-unmute";
    /// You may not send video.
    pub const FORCE_VIDEO_PAUSE: &str = "force-video-pause";
    /// You may switch your camera on.
    pub const ALLOW_UNPAUSE: &str = "allow-unpause";
    /// You may share your screen, or may not.
    pub const SCREENSHARE_CONTROL: &str = "screenshare-control";
    /// Participants may share their screens, or may not.
    pub const SCREENSHARE_GLOBAL_UPDATE: &str = "screenshare-global-update";
    /// You were removed.
    pub const KICKED_FROM_ROOM: &str = "kicked-from-room";
    /// It worked; to the sender.
    pub const SUCCESS: &str = "success";
    /// It was refused; to the sender.
    pub const ERROR: &str = "error";

    /// All of them.
    pub const ALL: [&str; 21] = [
        EXISTING_PARTICIPANTS,
        PARTICIPANT_JOINED,
        PARTICIPANT_LEFT,
        PARTICIPANT_LIST_UPDATE,
        PARTICIPANT_UPDATED,
        PARTICIPANT_STATE_CHANGED,
        HOST_GRANTED,
        HOST_REVOKED,
        COHOST_GRANTED,
        COHOST_REVOKED,
        MEETING_UPDATED,
        MEETING_ENDED,
        FORCE_MUTE,
        ALLOW_UNMUTE,
        FORCE_VIDEO_PAUSE,
        ALLOW_UNPAUSE,
        SCREENSHARE_CONTROL,
        SCREENSHARE_GLOBAL_UPDATE,
        KICKED_FROM_ROOM,
        SUCCESS,
        ERROR,
    ];
}

/// An event and its payload, ready to be framed.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerEvent {
    /// One of [`names`].
    pub name: &'static str,
    /// The first argument.
    pub payload: Value,
}

impl ServerEvent {
    /// A list of participants under one of the two list names.
    pub fn participants(name: &'static str, participants: &[Participant]) -> Self {
        Self { name, payload: json!(participants) }
    }

    /// Somebody came.
    pub fn joined(participant: &Participant) -> Self {
        Self { name: names::PARTICIPANT_JOINED, payload: json!(participant) }
    }

    /// Somebody's last connection went.
    pub fn left(socket: &SocketId, user: &UserId) -> Self {
        Self { name: names::PARTICIPANT_LEFT, payload: json!({ "peerId": socket, "userId": user }) }
    }

    /// What a role change would say if it were told of the meeting as it is now; `None` for other changes.
    pub(super) fn as_it_is(entry: &LogEntry, meeting: &Meeting) -> Option<Self> {
        let Change::Role { user, from, to, .. } = &entry.change else { return None };
        let role = meeting.role_of(user);
        let mut updates = super::told::updates(*from, *to);
        for (name, value) in [("isHost", role.is_host()), ("isCoHost", role.is_cohost())] {
            if let Some(update) = updates.get_mut(name) {
                *update = value.into();
            }
        }
        Some(Self { name: names::PARTICIPANT_UPDATED, payload: json!({ "participantId": user, "updates": updates }) })
    }

    /// Somebody's microphone or camera changed. Only what changed is told.
    pub fn state_changed(user: &UserId, audio_muted: Option<bool>, video_paused: Option<bool>) -> Self {
        let mut payload = json!({ "userId": user });
        if let Some(muted) = audio_muted {
            payload["isAudioMuted"] = muted.into();
        }
        if let Some(paused) = video_paused {
            payload["isVideoPaused"] = paused.into();
        }
        Self { name: names::PARTICIPANT_STATE_CHANGED, payload }
    }

    /// A role was given to or taken from the receiver.
    pub fn notice(name: &'static str, by: Option<&DisplayName>) -> Self {
        Self { name, payload: json!({ "by": by.map_or("Host", DisplayName::as_str) }) }
    }

    /// The receiver was removed.
    pub fn kicked(by: Option<&DisplayName>) -> Self {
        let by = by.map_or("Host", DisplayName::as_str);
        Self { name: names::KICKED_FROM_ROOM, payload: json!({ "by": by, "reason": "Removed by host" }) }
    }

    /// It worked.
    pub fn success(message: &str) -> Self {
        Self { name: names::SUCCESS, payload: json!({ "message": message }) }
    }

    /// It was refused. `event` is the name of what was refused, when it had one.
    pub fn error(refusal: &Refusal, event: Option<&str>) -> Self {
        let payload = json!({ "message": refusal.to_string(), "code": refusal.code(), "event": event });
        Self { name: names::ERROR, payload }
    }
}
