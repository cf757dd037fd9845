//! `PATCH /api/meetings/{id}`.

use dais_domain::Command;
use dais_identity::Identity;
use dais_realtime::Sockets;
use dais_rest::{
    Answer, Ask, Problem,
    document::{BodyProblems, CallerProblems, HostsOnly, Missing},
};
use dais_store::Store;
use lambda_http::http::StatusCode;

use crate::{
    Rest, answer,
    change::{Changed, Expected},
    headers,
    rest::log_action,
    wire::{EditMeeting, ErrorBody, KnownVersion, MeetingAnswer, schema},
};

/// Change a meeting
///
/// Hosts only. What is absent stays as it is. With `version` or `If-Match` only if nobody has changed the meeting since;
/// a change that is so already succeeds at any version.
#[utoipa::path(
    patch,
    path = "/api/meetings/{id}",
    operation_id = "changeMeeting",
    tag = "meetings",
    params(
        ("id" = schema::MeetingId, Path, description = "The meeting"),
        IfMatch,
    ),
    request_body = EditMeeting,
    responses(
        (status = 200, description = "The meeting as it is now", body = MeetingAnswer,
            headers(("etag" = String, description = "Its version"))),
        (status = 409, description = "It is not at `version`, or has ended", body = ErrorBody),
        (status = 412, description = "It does not have the ETag of `If-Match`", body = ErrorBody),
        CallerProblems,
        BodyProblems,
        HostsOnly,
        Missing,
    )
)]
pub async fn edit<S: Store, C: Sockets>(rest: &Rest<S, C>, ask: &Ask<'_>, who: &Identity) -> Result<Answer, Problem> {
    let id = ask.meeting_id()?;
    let wanted: EditMeeting = ask.json()?;
    let in_body = wanted.version.map(|KnownVersion(version)| version);
    let expected = match (headers::if_match(ask)?, in_body) {
        (Some(version), Some(other)) if version != other => {
            return Err(Problem::invalid("version", "and If-Match must be the same when both are given"));
        }
        (Some(version), _) => Some(Expected { version, if_match: true }),
        (None, Some(version)) => Some(Expected { version, if_match: false }),
        (None, None) => None,
    };

    let command = |meeting: &dais_domain::Meeting| Command::Edit(wanted.edit(meeting.policy));
    let Changed { meeting, entry } = rest.change(&id, who, command, expected, ask.now).await?;
    if let Some(entry) = entry {
        log_action("edited", who, &id);
        rest.tell(id, entry, ask.now);
    }
    answer::meeting(StatusCode::OK, &MeetingAnswer::new(&meeting, &who.user_id))
}

/// Headers of a change.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only its parameters are used")]
struct IfMatch {
    /// ETag that the meeting must still have
    #[param(rename = "If-Match", value_type = schema::EntityTag, required = false)]
    if_match: Option<String>,
}
