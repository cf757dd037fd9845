//! `GET /api/meetings/{id}/host-invitations`.

use dais_domain::InvitationId;
use dais_identity::Identity;
use dais_mail::Mailer;
use dais_realtime::Sockets;
use dais_rest::{
    Answer, Ask, Problem,
    document::{CallerProblems, HostsOnly, Missing},
};
use dais_store::Store;

use crate::{
    Rest,
    wire::{InvitationBody, InvitationsAnswer, schema},
};

const DEFAULT_LIMIT: u64 = 50;
const MAX_LIMIT: u64 = 100;

/// List the invitations of a meeting
///
/// Hosts only. With their states, the latest made first.
#[utoipa::path(
    get,
    path = "/api/meetings/{id}/host-invitations",
    operation_id = "listHostInvitations",
    tag = "invitations",
    params(
        ("id" = schema::MeetingId, Path, description = "The meeting"),
        ("limit" = Option<u64>, Query, minimum = 1, maximum = 100, description = "Most on a page; 50 when absent"),
        ("cursor" = Option<schema::InvitationId>, Query, description = "`nextCursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = InvitationsAnswer),
        CallerProblems,
        HostsOnly,
        Missing,
    )
)]
pub async fn list<S: Store, C: Sockets, M: Mailer + 'static>(
    rest: &Rest<S, C, M>,
    ask: &Ask<'_>,
    who: &Identity,
) -> Result<Answer, Problem> {
    let id = ask.meeting_id()?;
    let parameters = ask.query(&["limit", "cursor"])?;
    let limit = u32::try_from(parameters.number("limit", 1..=MAX_LIMIT, DEFAULT_LIMIT)?).unwrap_or(u32::MAX);
    let after = parameters.text("cursor").map(InvitationId::new).transpose();
    let after = after.map_err(|error| Problem::invalid("cursor", error))?;

    let meeting = rest.store.meeting(&id).await?.ok_or(Problem::MeetingNotFound)?;
    meeting.may_see_invitations(&who.user_id)?;
    let page = rest.store.invitations(&id, after.as_ref(), limit).await?;
    let last = page.invitations.last().map(|invitation| invitation.id.clone());
    Answer::ok(&InvitationsAnswer {
        success: true,
        invitations: page.invitations.iter().map(|invitation| InvitationBody::new(invitation, ask.now)).collect(),
        next_cursor: last.filter(|_| page.more),
    })
}
