//! `GET /api/meetings/{id}/participants`.

use dais_domain::{Refusal, Role};
use dais_identity::Identity;
use dais_realtime::Sockets;
use dais_rest::{Answer, Ask, Problem, document::CallerProblems};
use dais_store::Store;

use crate::{
    Rest,
    wire::{ErrorBody, ParticipantsAnswer, schema},
};

/// Read who is in the room
///
/// For people who are in it, and for hosts and co-hosts of its meeting. To all others it does not exist.
#[utoipa::path(
    get,
    path = "/api/meetings/{id}/participants",
    operation_id = "readParticipants",
    tag = "meetings",
    params(("id" = schema::MeetingId, Path, description = "The meeting")),
    responses(
        (status = 200, description = "Who is in the room", body = ParticipantsAnswer),
        (status = 404, description = "No such room, or the caller is not in it and has no role in its meeting", body = ErrorBody),
        CallerProblems,
    )
)]
pub async fn participants<S: Store, C: Sockets>(
    rest: &Rest<S, C>,
    ask: &Ask<'_>,
    who: &Identity,
) -> Result<Answer, Problem> {
    let view = rest.store.room(&ask.meeting_id()?, ask.now).await?.ok_or(Refusal::RoomNotFound)?;
    let has_role = view.meeting.role_of(&who.user_id) != Role::Participant;
    if !has_role && view.presences_of(&who.user_id).next().is_none() {
        return Err(Refusal::RoomNotFound.into());
    }
    Answer::ok(&ParticipantsAnswer::new(view.participants(), view.meeting.version))
}
