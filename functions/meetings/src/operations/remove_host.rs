//! `DELETE /api/meetings/{id}/hosts/{userId}`.

use dais_domain::Command;
use dais_identity::Identity;
use dais_realtime::Sockets;
use dais_rest::{
    Answer, Ask, Problem,
    document::{CallerProblems, HostsOnly, Missing},
};
use dais_store::Store;
use lambda_http::http::StatusCode;

use crate::{
    Rest, answer,
    change::Changed,
    rest::log_action,
    wire::{ErrorBody, MeetingAnswer, schema},
};

/// Take the host role from somebody
///
/// Hosts only; also for hosts who are not in the room, and to step down oneself. The last host stays. Somebody who is
/// no host is none afterwards too, so that succeeds.
#[utoipa::path(
    delete,
    path = "/api/meetings/{id}/hosts/{userId}",
    operation_id = "removeHost",
    tag = "meetings",
    params(
        ("id" = schema::MeetingId, Path, description = "The meeting"),
        ("userId" = schema::UserId, Path, description = "The host"),
    ),
    responses(
        (status = 200, description = "The meeting as it is now", body = MeetingAnswer,
            headers(("etag" = String, description = "Its version"))),
        (status = 409, description = "The last host, or the meeting has ended", body = ErrorBody),
        CallerProblems,
        HostsOnly,
        Missing,
    )
)]
pub async fn remove_host<S: Store, C: Sockets>(
    rest: &Rest<S, C>,
    ask: &Ask<'_>,
    who: &Identity,
) -> Result<Answer, Problem> {
    let (id, target) = (ask.meeting_id()?, ask.user_id()?);
    if who.impersonated_by.is_some() {
        return Err(Problem::Impersonated);
    }
    let command = |_: &dais_domain::Meeting| Command::RemoveHost(target.clone());
    let Changed { meeting, entry } = rest.change(&id, who, command, None, ask.now).await?;
    if let Some(entry) = entry {
        log_action("host removed", who, &id);
        rest.tell(id, entry, ask.now);
    }
    answer::meeting(StatusCode::OK, &MeetingAnswer::new(&meeting, &who.user_id))
}
