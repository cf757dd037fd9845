//! What clients send, read from event names and arguments. Identity in payloads is never read.

use serde_json::Value;

use crate::{Command, DisplayName, ImageUrl, MeetingId, Refusal, Source, UserId};

/// A join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinRoom {
    /// Which room.
    pub room: MeetingId,
    /// What the client calls its user: shown only when his token carries no name.
    pub name_hint: Option<DisplayName>,
    /// The picture the client has of its user: shown only when his token carries none.
    pub image_hint: Option<ImageUrl>,
}

/// A change of one's own microphone or camera.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaUpdate {
    /// Which room.
    pub room: MeetingId,
    /// The microphone is off now.
    pub is_audio_muted: Option<bool>,
    /// The camera is off now.
    pub is_video_paused: Option<bool>,
}

/// Every event that clients may send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientEvent {
    /// `join-room`
    Join(JoinRoom),
    /// `leave-room`
    Leave(MeetingId),
    /// Anything that changes the meeting: roles and moderation. Some front ends name no room and mean the one they are in.
    Command(Option<MeetingId>, Command),
    /// `update-my-state`
    MediaUpdate(MediaUpdate),
    /// `get-socket-id-for-user`
    SocketIdOf(UserId),
    /// `set-user-id`: accepted for old clients and ignored, as identity comes from the token.
    SetUserId,
}

impl ClientEvent {
    /// The names, in the order of the contract.
    pub const NAMES: [&'static str; 24] = [
        "join-room",
        "leave-room",
        "make-host",
        "remove-host",
        "make-cohost",
        "remove-cohost",
        "mute-all-participants",
        "unmute-all-participants",
        "disable-all-cameras",
        "enable-all-cameras",
        "disable-all-screen-sharing",
        "enable-all-screen-sharing",
        "toggle-remote-audio",
        "toggle-remote-video",
        "toggle-remote-screen-share",
        "remove-participant",
        "readmit-participant",
        "host-disable-screenshare",
        "host-enable-screenshare",
        "host-bulk-action",
        "host-control-participant",
        "update-my-state",
        "get-socket-id-for-user",
        "set-user-id",
    ];

    /// Reads an event. Unknown fields are ignored, as real clients send many; wrong types are refused with the field's name.
    pub fn read(name: &str, payload: Option<&Value>) -> Result<Self, Refusal> {
        let payload = payload.unwrap_or(&Value::Null);
        Ok(match name {
            "join-room" => Self::Join(JoinRoom {
                room: room_of(payload)?,
                name_hint: payload.get("userName").and_then(Value::as_str).and_then(DisplayName::lenient),
                image_hint: payload.get("userImageUrl").and_then(Value::as_str).and_then(|url| ImageUrl::new(url).ok()),
            }),
            "leave-room" => Self::Leave(room_of(payload)?),
            "make-host" => Self::role(payload, Command::MakeHost)?,
            "remove-host" => Self::role(payload, Command::RemoveHost)?,
            "make-cohost" => Self::role(payload, Command::MakeCohost)?,
            "remove-cohost" => Self::role(payload, Command::RemoveCohost)?,
            "mute-all-participants" => Self::room_wide(payload, Source::Microphone, false)?,
            "unmute-all-participants" => Self::room_wide(payload, Source::Microphone, true)?,
            "disable-all-cameras" => Self::room_wide(payload, Source::Camera, false)?,
            "enable-all-cameras" => Self::room_wide(payload, Source::Camera, true)?,
            "disable-all-screen-sharing" | "host-disable-screenshare" => {
                Self::room_wide(payload, Source::Screen, false)?
            }
            "enable-all-screen-sharing" | "host-enable-screenshare" => Self::room_wide(payload, Source::Screen, true)?,
            "host-bulk-action" => {
                let room = maybe_room_of(payload)?;
                let (source, allowed) = (source_of(payload)?, required_flag_of(payload, "grant")?);
                Self::Command(room, Command::RoomWide { source, allowed })
            }
            "toggle-remote-audio" => Self::restrict(payload, Source::Microphone, &["mute"], &["unmute"])?,
            "toggle-remote-video" => {
                Self::restrict(payload, Source::Camera, &["pause", "disable"], &["unpause", "enable"])?
            }
            "toggle-remote-screen-share" => Self::restrict(payload, Source::Screen, &["disable"], &["enable"])?,
            "host-control-participant" => {
                let room = maybe_room_of(payload)?;
                // Here, and only here, `userId` is the one to whom it is done.
                let user = user_of(payload, "userId")?;
                let (source, allowed) = (source_of(payload)?, !required_flag_of(payload, "disable")?);
                Self::Command(room, Command::Restrict { user, source, allowed })
            }
            "remove-participant" => {
                let room = maybe_room_of(payload)?;
                let field = if payload.get("participantId").is_some() { "participantId" } else { "targetUserId" };
                Self::Command(room, Command::Remove(user_of(payload, field)?))
            }
            "readmit-participant" => {
                Self::Command(Some(room_of(payload)?), Command::Readmit(user_of(payload, "targetUserId")?))
            }
            "update-my-state" => Self::MediaUpdate(MediaUpdate {
                room: room_of(payload)?,
                is_audio_muted: flag_of(payload, "isAudioMuted")?,
                is_video_paused: flag_of(payload, "isVideoPaused")?,
            }),
            "get-socket-id-for-user" => Self::SocketIdOf(user_of(payload, "userId")?),
            "set-user-id" => Self::SetUserId,
            _ => return Err(Refusal::UnknownEvent),
        })
    }

    fn role(payload: &Value, command: fn(UserId) -> Command) -> Result<Self, Refusal> {
        Ok(Self::Command(Some(room_of(payload)?), command(user_of(payload, "participantId")?)))
    }

    fn room_wide(payload: &Value, source: Source, allowed: bool) -> Result<Self, Refusal> {
        Ok(Self::Command(Some(room_of(payload)?), Command::RoomWide { source, allowed }))
    }

    /// `force` says it in a word.
    fn restrict(payload: &Value, source: Source, forbid: &[&str], allow: &[&str]) -> Result<Self, Refusal> {
        let room = room_of(payload)?;
        let user = user_of(payload, "targetUserId")?;
        let force = string_of(payload, "force")?;
        if !forbid.contains(&force) && !allow.contains(&force) {
            return Err(invalid("force", format!("must be one of {}", [forbid, allow].concat().join(", "))));
        }
        Ok(Self::Command(Some(room), Command::Restrict { user, source, allowed: allow.contains(&force) }))
    }
}

fn invalid(field: &str, why: impl std::fmt::Display) -> Refusal {
    Refusal::InvalidPayload { reason: format!("{field} {why}") }
}

/// The room: `{roomId}`, or the bare string that one real client sends.
fn room_of(payload: &Value) -> Result<MeetingId, Refusal> {
    let room = match payload {
        Value::String(room) => room.as_str(),
        _ => string_of(payload, "roomId")?,
    };
    MeetingId::new(room).map_err(|error| invalid("roomId", error))
}

/// The room, if one is named.
fn maybe_room_of(payload: &Value) -> Result<Option<MeetingId>, Refusal> {
    match payload.get("roomId") {
        None | Some(Value::Null) => Ok(None),
        Some(_) => room_of(payload).map(Some),
    }
}

fn source_of(payload: &Value) -> Result<Source, Refusal> {
    match string_of(payload, "type")? {
        "audio" => Ok(Source::Microphone),
        "video" => Ok(Source::Camera),
        "screenshare" => Ok(Source::Screen),
        _ => Err(invalid("type", "must be one of audio, video, screenshare")),
    }
}

fn required_flag_of(payload: &Value, field: &str) -> Result<bool, Refusal> {
    flag_of(payload, field)?.ok_or_else(|| invalid(field, "is required"))
}

fn user_of(payload: &Value, field: &str) -> Result<UserId, Refusal> {
    UserId::new(string_of(payload, field)?).map_err(|error| invalid(field, error))
}

fn string_of<'a>(payload: &'a Value, field: &str) -> Result<&'a str, Refusal> {
    match payload.get(field) {
        None | Some(Value::Null) => Err(invalid(field, "is required")),
        Some(value) => value.as_str().ok_or_else(|| invalid(field, "must be a string")),
    }
}

fn flag_of(payload: &Value, field: &str) -> Result<Option<bool>, Refusal> {
    match payload.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_bool().map(Some).ok_or_else(|| invalid(field, "must be true or false")),
    }
}
