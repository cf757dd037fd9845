//! `GET /api/meetings/{id}`.

use dais_identity::Identity;
use dais_realtime::Sockets;
use dais_rest::{
    Answer, Ask, Problem,
    document::{CallerProblems, Missing},
};
use dais_store::Store;
use lambda_http::http::StatusCode;

use crate::{
    Rest, answer,
    wire::{MeetingAnswer, schema},
};

/// Read a meeting
///
/// Anybody who has signed in and knows the ID may: front ends need `createdBy` before they join.
#[utoipa::path(
    get,
    path = "/api/meetings/{id}",
    operation_id = "readMeeting",
    tag = "meetings",
    params(("id" = schema::MeetingId, Path, description = "The meeting")),
    responses(
        (status = 200, description = "The meeting", body = MeetingAnswer,
            headers(("etag" = String, description = "Its version"))),
        CallerProblems,
        Missing,
    )
)]
pub async fn read<S: Store, C: Sockets>(rest: &Rest<S, C>, ask: &Ask<'_>, who: &Identity) -> Result<Answer, Problem> {
    let meeting = rest.store.meeting(&ask.meeting_id()?).await?.ok_or(Problem::MeetingNotFound)?;
    answer::meeting(StatusCode::OK, &MeetingAnswer::new(&meeting, &who.user_id))
}
