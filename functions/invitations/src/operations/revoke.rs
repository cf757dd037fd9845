//! `DELETE /api/meetings/{id}/host-invitations/{invitationId}`.

use dais_identity::Identity;
use dais_mail::Mailer;
use dais_realtime::Sockets;
use dais_rest::{
    Answer, Ask, Problem,
    document::{CallerProblems, HostsOnly},
    retry,
};
use dais_store::{CommitError, Store};

use super::invitation_id;
use crate::{
    Rest,
    problem::{InvitationProblem, busy, refused},
    wire::{ErrorBody, InvitationAnswer, InvitationBody, schema},
};

/// Take an invitation back
///
/// Hosts only. Its link is dead from now on. One that was taken back before stays so; one that was answered cannot be.
#[utoipa::path(
    delete,
    path = "/api/meetings/{id}/host-invitations/{invitationId}",
    operation_id = "revokeHostInvitation",
    tag = "invitations",
    params(
        ("id" = schema::MeetingId, Path, description = "The meeting"),
        ("invitationId" = schema::InvitationId, Path, description = "The invitation"),
    ),
    responses(
        (status = 200, description = "The invitation, revoked", body = InvitationAnswer),
        (status = 404, description = "No such meeting, or it has no such invitation", body = ErrorBody),
        (status = 409, description = "It was answered before, or could not be delivered", body = ErrorBody),
        CallerProblems,
        HostsOnly,
    )
)]
pub async fn revoke<S: Store, C: Sockets, M: Mailer + 'static>(
    rest: &Rest<S, C, M>,
    ask: &Ask<'_>,
    who: &Identity,
) -> Result<Answer, Problem> {
    let (id, invitation_id) = (ask.meeting_id()?, invitation_id(ask)?);
    if who.impersonated_by.is_some() {
        return Err(Problem::Impersonated);
    }
    for tries in 0..retry::MAX_TRIES {
        let meeting = rest.store.meeting(&id).await?.ok_or(Problem::MeetingNotFound)?;
        meeting.may_see_invitations(&who.user_id)?;
        let invitation = rest.store.invitation(&id, &invitation_id).await?;
        let invitation = invitation.ok_or(InvitationProblem::NoSuchInvitation)?;
        let revoked = match invitation.revoked(&who.user_id, ask.now).map_err(refused)? {
            None => Some(invitation),
            Some(revoked) => match rest.store.end(&revoked).await {
                Ok(()) => Some(revoked),
                Err(CommitError::Conflict) => None,
                // Whether it has happened the next reading shows, if the caller asks again.
                Err(error) => return Err(error.into()),
            },
        };
        if let Some(revoked) = revoked {
            let invitation = InvitationBody::new(&revoked, ask.now);
            return Answer::ok(&InvitationAnswer { success: true, invitation });
        }
        rest.pause(tries).await;
    }
    Err(busy())
}
