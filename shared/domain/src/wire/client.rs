//! What clients send, read from event names and arguments. Identity in payloads is never read.

use serde_json::Value;

use crate::{Command, DisplayName, ImageUrl, MeetingId, Refusal, UserId};

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
    /// `make-host`, `remove-host`, `make-cohost`, `remove-cohost`
    Role(MeetingId, Command),
    /// `update-my-state`
    MediaUpdate(MediaUpdate),
    /// `get-socket-id-for-user`
    SocketIdOf(UserId),
    /// `set-user-id`: accepted for old clients and ignored, as identity comes from the token.
    SetUserId,
}

impl ClientEvent {
    /// The names, in the order of the contract.
    pub const NAMES: [&'static str; 9] = [
        "join-room",
        "leave-room",
        "make-host",
        "remove-host",
        "make-cohost",
        "remove-cohost",
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
            "make-host" => Self::Role(room_of(payload)?, Command::MakeHost(user_of(payload, "participantId")?)),
            "remove-host" => Self::Role(room_of(payload)?, Command::RemoveHost(user_of(payload, "participantId")?)),
            "make-cohost" => Self::Role(room_of(payload)?, Command::MakeCohost(user_of(payload, "participantId")?)),
            "remove-cohost" => Self::Role(room_of(payload)?, Command::RemoveCohost(user_of(payload, "participantId")?)),
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
