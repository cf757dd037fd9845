//! `GET /api/meetings/{id}/log`.

use dais_domain::{Action, Refusal, Role, Version, permission};
use dais_identity::Identity;
use dais_realtime::Sockets;
use dais_rest::{
    Answer, Ask, Problem,
    document::{CallerProblems, HostsOnly, Missing},
};
use dais_store::Store;

use crate::{
    Rest,
    headers::MAX_VERSION,
    wire::{EntryBody, LogAnswer, schema},
};

const MAX_LIMIT: u64 = 100;

/// Read the log of a meeting
///
/// Who changed what and when, one entry per version, oldest first. Hosts only. A page may be short although another
/// follows: go on while `nextAfter` is not null.
#[utoipa::path(
    get,
    path = "/api/meetings/{id}/log",
    operation_id = "readLog",
    tag = "meetings",
    params(
        ("id" = schema::MeetingId, Path, description = "The meeting"),
        ("after" = Option<schema::VersionNumber>, Query,
            description = "`nextAfter` of the page before; absent means from the beginning"),
        ("limit" = Option<u64>, Query, minimum = 1, maximum = 100, description = "Most entries on a page; 100 when absent"),
    ),
    responses(
        (status = 200, description = "A page", body = LogAnswer),
        CallerProblems,
        HostsOnly,
        Missing,
    )
)]
pub async fn log<S: Store, C: Sockets>(rest: &Rest<S, C>, ask: &Ask<'_>, who: &Identity) -> Result<Answer, Problem> {
    let id = ask.meeting_id()?;
    let parameters = ask.query(&["after", "limit"])?;
    let after = Version(parameters.number("after", 0..=MAX_VERSION, 0)?);
    let limit = u32::try_from(parameters.number("limit", 1..=MAX_LIMIT, MAX_LIMIT)?).unwrap_or(u32::MAX);

    let meeting = rest.store.meeting(&id).await?.ok_or(Problem::MeetingNotFound)?;
    if !permission::allows(meeting.role_of(&who.user_id), Action::ReadLog, Role::Participant) {
        return Err(Refusal::NotAllowed(Action::ReadLog).into());
    }
    let page = rest.store.log(&id, after, limit).await?;
    let last = page.entries.last().map(|entry| entry.version);
    Answer::ok(&LogAnswer {
        success: true,
        entries: page.entries.into_iter().map(EntryBody::from).collect(),
        next_after: last.filter(|_| page.more),
    })
}
