//! `POST /api/host-invitations/preview`.

use dais_domain::InvitationRefusal;
use dais_identity::Identity;
use dais_mail::Mailer;
use dais_realtime::Sockets;
use dais_rest::{
    Answer, Ask, Problem,
    document::{BodyProblems, CallerProblems},
};
use dais_store::Store;

use super::token_of;
use crate::{
    Rest,
    problem::refused,
    wire::{ErrorBody, PreviewAnswer, TokenBody},
};

/// Look at an invitation
///
/// For the person it is for; nothing changes. Somebody else with a link that works learns which account is needed, by
/// `hint`; to him all other links look like unknown ones.
#[utoipa::path(
    post,
    path = "/api/host-invitations/preview",
    operation_id = "previewHostInvite",
    tag = "invitations",
    request_body = TokenBody,
    responses(
        (status = 200, description = "The invitation", body = PreviewAnswer),
        (status = 403, description = "It is for another account", body = ErrorBody),
        (status = 404, description = "No such invitation", body = ErrorBody),
        (status = 409, description = "It is no longer valid: the inviter is no host any more, or the meeting is over",
            body = ErrorBody),
        (status = 410, description = "It was used, declined, revoked or replaced, has expired, or bounced", body = ErrorBody),
        CallerProblems,
        BodyProblems,
    )
)]
pub async fn preview<S: Store, C: Sockets, M: Mailer + 'static>(
    rest: &Rest<S, C, M>,
    ask: &Ask<'_>,
    who: &Identity,
) -> Result<Answer, Problem> {
    let token = token_of(ask)?;
    let claimant = rest.claimant(who).await?;
    let found = rest.store.invitation_by_token(&token).await?;
    let found = found.ok_or_else(|| refused(InvitationRefusal::NotFound))?;
    found.invitation.shown(found.meeting.as_ref(), &token, &claimant, ask.now).map_err(refused)?;
    let meeting = found.meeting.ok_or_else(|| refused(InvitationRefusal::MeetingGone))?;
    Answer::ok(&PreviewAnswer::new(&found.invitation, &meeting, &who.user_id, ask.now))
}
