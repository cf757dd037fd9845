//! How a change of a meeting is told to the room: live, and again when a client recovers what it missed.

use serde_json::{Value, json};

use super::{Scope, ServerEvent, names};
use crate::{Change, DisplayName, LogEntry, Meeting, MeetingEdit, Policy, Role, Source, UserId};

/// The events of one log entry.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// To everybody in the room.
    pub to_all: Vec<ServerEvent>,
    /// To every connection of those for whom a room-wide switch counts: who have no role, and for whom nothing else was decided.
    pub to_participants: Vec<(Source, ServerEvent)>,
    /// To every connection of one user, and to nobody else.
    pub to_user: Option<(UserId, Vec<ServerEvent>)>,
}

impl Told {
    /// What one user is told and not everybody, of a meeting as it is now.
    pub fn to<'a>(&'a self, user: &'a UserId, meeting: &'a Meeting) -> impl Iterator<Item = &'a ServerEvent> {
        let as_participant =
            self.to_participants.iter().filter(move |(source, _)| meeting.follows_switch(user, *source));
        let own = self.to_user.iter().filter(move |(to, _)| to == user).flat_map(|(_, events)| events);
        as_participant.map(|(_, event)| event).chain(own)
    }
}

/// What a room is told of a log entry.
pub fn told(entry: &LogEntry) -> Told {
    let by = entry.by_name.as_ref();
    match &entry.change {
        Change::Created { .. } | Change::Forgotten { .. } | Change::Readmitted { .. } => Told::default(),
        Change::Role { user, from, to, rights, .. } => {
            let updates = json!({ "participantId": user, "updates": updates(*from, *to) });
            let may = *to != Role::Participant;
            let mut to_all = vec![ServerEvent { name: names::PARTICIPANT_UPDATED, payload: updates }];
            to_all.extend(rights.iter().map(|source| ServerEvent::right_of(user, *source, may)));
            let notice = notice_name(*from, *to).map(|name| ServerEvent::notice(name, by));
            let rights = rights.iter().flat_map(|source| ServerEvent::right(*source, may, Scope::ByRole, by));
            let own: Vec<ServerEvent> = notice.into_iter().chain(rights).collect();
            Told { to_all, to_user: (!own.is_empty()).then(|| (user.clone(), own)), ..Told::default() }
        }
        Change::Edited { edit, switched } => {
            let to_participants = edit.policy.map(|policy| switches(switched, policy, by)).unwrap_or_default();
            Told { to_all: vec![updated(edit)], to_participants, to_user: None }
        }
        Change::RoomWide { source, allowed, policy } => Told {
            to_all: vec![policy_updated(*policy)],
            to_participants: switches(&[*source], policy.with(*source, *allowed), by),
            to_user: None,
        },
        Change::Restricted { user, source, allowed, exempted } => {
            let scope = if *exempted { Scope::Exempted } else { Scope::One };
            Told {
                to_all: vec![ServerEvent::right_of(user, *source, *allowed)],
                to_participants: Vec::new(),
                to_user: Some((user.clone(), ServerEvent::right(*source, *allowed, scope, by))),
            }
        }
        // Who has gone is told with the list.
        Change::Removed { user, .. } => {
            Told { to_user: Some((user.clone(), vec![ServerEvent::kicked(by)])), ..Told::default() }
        }
        Change::Ended => Told { to_all: vec![ServerEvent::notice(names::MEETING_ENDED, by)], ..Told::default() },
    }
}

/// What a room is told of a change when the meeting has changed once more since: what is so now. `None` where a change is told
/// with the list alone, or is never undone.
pub fn told_as_it_is(entry: &LogEntry, meeting: &Meeting) -> Option<Told> {
    let by = entry.by_name.as_ref();
    let may = |user: &UserId, source: Source| meeting.may_publish(user, source).is_ok();
    let switched = |sources: &[Source]| Told {
        to_all: vec![policy_updated(meeting.policy)],
        to_participants: switches(sources, meeting.policy, by),
        to_user: None,
    };
    match &entry.change {
        Change::Role { user, rights, .. } => {
            let role = ServerEvent::as_it_is(entry, meeting).into_iter();
            let shown = rights.iter().map(|source| ServerEvent::right_of(user, *source, may(user, *source)));
            let own =
                rights.iter().flat_map(|source| ServerEvent::right(*source, may(user, *source), Scope::ByRole, by));
            let own: Vec<ServerEvent> = own.collect();
            let to_user = (!own.is_empty()).then(|| (user.clone(), own));
            Some(Told { to_all: role.chain(shown).collect(), to_participants: Vec::new(), to_user })
        }
        Change::RoomWide { source, .. } => Some(switched(&[*source])),
        Change::Edited { switched: sources, .. } if !sources.is_empty() => Some(switched(sources)),
        Change::Restricted { user, source, .. } => {
            let may = may(user, *source);
            let scope = if may { Scope::Exempted } else { Scope::One };
            Some(Told {
                to_all: vec![ServerEvent::right_of(user, *source, may)],
                to_participants: Vec::new(),
                to_user: Some((user.clone(), ServerEvent::right(*source, may, scope, by))),
            })
        }
        Change::Created { .. }
        | Change::Edited { .. }
        | Change::Ended
        | Change::Forgotten { .. }
        | Change::Removed { .. }
        | Change::Readmitted { .. } => None,
    }
}

fn switches(sources: &[Source], policy: Policy, by: Option<&DisplayName>) -> Vec<(Source, ServerEvent)> {
    let told = |source: &Source| {
        let events = ServerEvent::right(*source, policy.allows(*source), Scope::All, by);
        events.into_iter().map(|event| (*source, event)).collect::<Vec<_>>()
    };
    sources.iter().flat_map(told).collect()
}

fn updated(edit: &MeetingEdit) -> ServerEvent {
    let mut payload = json!(edit);
    if let Some(starts_at) = edit.starts_at {
        payload["startsAt"] = starts_at.to_rfc3339().into();
    }
    ServerEvent { name: names::MEETING_UPDATED, payload }
}

fn policy_updated(policy: Policy) -> ServerEvent {
    updated(&MeetingEdit { policy: Some(policy), ..MeetingEdit::default() })
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
