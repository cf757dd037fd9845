//! What a meeting is to somebody's network, for both adapters.

use dais_domain::{Gathering, Meeting, Timestamp, UserId};

use crate::Attended;

/// When a user was in a meeting last: when he attended, or else when he got the role that he has in it.
pub(crate) fn was_there(meeting: &Meeting, user: &UserId, attended: Option<Timestamp>) -> Option<Timestamp> {
    attended.or_else(|| meeting.roles.get(user).map(|grant| grant.since))
}

/// The meeting with everybody who was in it or has a role in it. The name under which somebody came is the better one: of
/// roles, only the name at the time of the grant is kept.
pub(crate) fn gathering(meeting: Meeting, at: Timestamp, attendees: Vec<Attended>) -> Gathering {
    let came = attendees.into_iter().map(|attended| (attended.user_id, attended.name));
    let holders = meeting.roles.into_iter().map(|(user, grant)| (user, grant.name));
    Gathering { meeting: meeting.id, title: meeting.description, at, people: came.chain(holders).collect() }
}
