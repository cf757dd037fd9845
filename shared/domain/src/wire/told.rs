//! How a change of a meeting is told to the room: live, and again when a client recovers what it missed.

use serde_json::{Value, json};

use super::{ServerEvent, names};
use crate::{Change, LogEntry, Role, UserId};

/// The events of one log entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// To everybody in the room.
    pub to_all: Vec<ServerEvent>,
    /// To every connection of one user, and to nobody else.
    pub to_user: Option<(UserId, ServerEvent)>,
}

/// What a room is told of a log entry.
pub fn told(entry: &LogEntry) -> Told {
    match &entry.change {
        Change::Created { .. } | Change::Forgotten { .. } => Told { to_all: Vec::new(), to_user: None },
        Change::Role { user, from, to, .. } => {
            let updated = ServerEvent {
                name: names::PARTICIPANT_UPDATED,
                payload: json!({ "participantId": user, "updates": updates(*from, *to) }),
            };
            let notice =
                notice_name(*from, *to).map(|name| (user.clone(), ServerEvent::notice(name, entry.by_name.as_ref())));
            Told { to_all: vec![updated], to_user: notice }
        }
        Change::Edited(edit) => {
            let mut payload = json!(edit);
            if let Some(starts_at) = edit.starts_at {
                payload["startsAt"] = starts_at.to_rfc3339().into();
            }
            Told { to_all: vec![ServerEvent { name: names::MEETING_UPDATED, payload }], to_user: None }
        }
        Change::Ended => {
            let event = ServerEvent::notice(names::MEETING_ENDED, entry.by_name.as_ref());
            Told { to_all: vec![event], to_user: None }
        }
    }
}

/// The booleans that changed, and only those.
pub(crate) fn updates(from: Role, to: Role) -> Value {
    let mut updates = json!({});
    if from.is_host() != to.is_host() {
        updates["isHost"] = to.is_host().into();
    }
    if from.is_cohost() != to.is_cohost() {
        updates["isCoHost"] = to.is_cohost().into();
    }
    updates
}

fn notice_name(from: Role, to: Role) -> Option<&'static str> {
    match (from, to) {
        (_, Role::Host) => Some(names::HOST_GRANTED),
        (_, Role::CoHost) => Some(names::COHOST_GRANTED),
        (Role::Host, Role::Participant) => Some(names::HOST_REVOKED),
        (Role::CoHost, Role::Participant) => Some(names::COHOST_REVOKED),
        (Role::Participant, Role::Participant) => None,
    }
}
