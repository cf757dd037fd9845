//! `POST /api/meetings/{id}/host-invitations/{invitationId}/resend`.

use dais_domain::{Invitation, InvitationRefusal};
use dais_identity::Identity;
use dais_mail::Mailer;
use dais_realtime::Sockets;
use dais_rest::{
    Answer, Ask, Problem,
    document::{CallerProblems, HostsOnly},
    retry,
};
use dais_store::{CommitError, Invitee, Store};

use super::invitation_id;
use crate::{
    Rest,
    ids::Ids,
    inviting::{Call, invitation_mail},
    problem::{InvitationProblem, busy, refused},
    wire::{ErrorBody, InvitationAnswer, InvitationBody, schema},
};

/// Send an invitation again
///
/// Hosts only. The new mail has a new link; the one before is dead. An expired invitation can be accepted again. The caller is
/// the inviter from now on.
#[utoipa::path(
    post,
    path = "/api/meetings/{id}/host-invitations/{invitationId}/resend",
    operation_id = "resendHostInvitation",
    tag = "invitations",
    params(
        ("id" = schema::MeetingId, Path, description = "The meeting"),
        ("invitationId" = schema::InvitationId, Path, description = "The invitation"),
    ),
    responses(
        (status = 200, description = "The invitation, pending", body = InvitationAnswer),
        (status = 404, description = "No such meeting, or it has no such invitation", body = ErrorBody),
        (status = 409, description = "It was answered or revoked, another has followed it, nothing is sent to this \
            address any more, or the meeting has ended", body = ErrorBody),
        (status = 429, description = "The caller has invited too many, or this address has been invited too often",
            body = ErrorBody, headers(("retry-after" = String, description = "Seconds"))),
        CallerProblems,
        HostsOnly,
    )
)]
pub async fn resend<S: Store, C: Sockets, M: Mailer + 'static>(
    rest: &Rest<S, C, M>,
    ask: &Ask<'_>,
    who: &Identity,
) -> Result<Answer, Problem> {
    let (id, invitation_id) = (ask.meeting_id()?, invitation_id(ask)?);
    let meeting = rest.meeting_to_invite_to(&id, who).await?;
    let claimant = rest.claimant(who).await?;
    let call =
        Call { who: &claimant, meeting: &meeting, role: dais_domain::Role::Host, ids: Ids::new(ask)?, now: ask.now };
    let mail = call.ids.mail(invitation_id.as_str())?;

    let mut may_send = false;
    for tries in 0..retry::MAX_TRIES {
        let invitation = rest.store.invitation(&id, &invitation_id).await?;
        let invitation = invitation.ok_or(InvitationProblem::NoSuchInvitation)?;
        // Written before, by this request in another invocation.
        if invitation.mail == mail {
            return answer(rest, &invitation, ask);
        }
        let renewed = invitation.renewed(rest.terms(&call, invitation.role, mail.clone()), ask.now).map_err(refused)?;
        if !may_send {
            rest.may_send(&call, &invitation).await?;
            may_send = true;
        }
        match rest.store.renew(&renewed, &invitation_mail(&renewed, ask.now)).await {
            Ok(()) => return answer(rest, &renewed, ask),
            Err(CommitError::Conflict) => rest.is_latest(&invitation, ask).await?,
            Err(error) => return Err(error.into()),
        }
        rest.pause(tries).await;
    }
    Err(busy())
}

fn answer<S: Store, C: Sockets, M: Mailer + 'static>(
    rest: &Rest<S, C, M>,
    invitation: &Invitation,
    ask: &Ask<'_>,
) -> Result<Answer, Problem> {
    rest.send(vec![invitation.mail.clone()], ask.now);
    Answer::ok(&InvitationAnswer { success: true, invitation: InvitationBody::new(invitation, ask.now) })
}

impl<S: Store, C: Sockets, M: Mailer + 'static> Rest<S, C, M> {
    /// Uses up one mail of what the caller and the address may have.
    async fn may_send(&self, call: &Call<'_>, invitation: &Invitation) -> Result<(), Problem> {
        let suppressed = self.store.suppressed(std::slice::from_ref(&invitation.email)).await?;
        if !suppressed.is_empty() {
            return Err(InvitationProblem::Suppressed.into());
        }
        for limit in [self.rules.of_host(&call.who.actor.user_id), self.rules.of_address(&invitation.email)] {
            if self.store.spend(&limit, 1, call.now).await? == 0 {
                return Err(InvitationProblem::Limit.into());
            }
        }
        Ok(())
    }

    /// An invitation that another one has followed stays as it is.
    async fn is_latest(&self, invitation: &Invitation, ask: &Ask<'_>) -> Result<(), Problem> {
        let latest = self.store.latest_invitations(&invitation.meeting_id, &Invitee::all_of(invitation)).await?;
        if latest.values().any(|latest| latest.id != invitation.id) {
            return Err(refused(InvitationRefusal::NotPending { state: invitation.state_at(ask.now) }));
        }
        Ok(())
    }
}
