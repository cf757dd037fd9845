//! `POST /api/host-invitations/accept`.

use dais_domain::{
    Acceptance, Claimant, Decision, Invitation, InvitationRefusal, LogEntry, Refusal, TokenHash, Version,
};
use dais_identity::Identity;
use dais_mail::Mailer;
use dais_realtime::Sockets;
use dais_rest::{
    Answer, Ask, Problem,
    document::{BodyProblems, CallerProblems},
    retry,
    wire::MeetingBody,
};
use dais_store::{CommitError, FoundInvitation, Mail, MailKind, Store, StoreError};

use super::token_of;
use crate::{
    Rest,
    ids::Ids,
    problem::{busy, refused},
    wire::{AcceptedAnswer, ErrorBody, InvitedRole, TokenBody},
};

/// Accept an invitation
///
/// For the person it is for, who is host or co-host from now on. Works once; the same request may come twice.
#[utoipa::path(
    post,
    path = "/api/host-invitations/accept",
    operation_id = "acceptHostInvite",
    tag = "invitations",
    request_body = TokenBody,
    responses(
        (status = 200, description = "The meeting, with its hosts", body = AcceptedAnswer),
        (status = 403, description = "It is for another account", body = ErrorBody),
        (status = 404, description = "No such invitation", body = ErrorBody),
        (status = 409, description = "It is no longer valid: the inviter is no host any more, the meeting is over, or has as \
            many hosts as it can", body = ErrorBody),
        (status = 410, description = "It was used, declined, revoked or replaced, has expired, or bounced", body = ErrorBody),
        CallerProblems,
        BodyProblems,
    )
)]
pub async fn accept<S: Store, C: Sockets, M: Mailer + 'static>(
    rest: &Rest<S, C, M>,
    ask: &Ask<'_>,
    who: &Identity,
) -> Result<Answer, Problem> {
    let token = token_of(ask)?;
    if who.impersonated_by.is_some() {
        return Err(Problem::Impersonated);
    }
    let claimant = rest.claimant(who).await?;
    let Accepted { found, decision, notice } = rest.accept(&token, &claimant, ask).await?;
    let before = found.meeting.ok_or_else(|| refused(InvitationRefusal::MeetingGone))?;
    let (meeting, entry) = match decision {
        Some(Decision { meeting, entry }) => (meeting, Some(entry)),
        None => (before, None),
    };
    let already_host = entry.is_none();
    if let Some(entry) = entry {
        tracing::info!(action = "invitation accepted", userId = %who.user_id, roomId = %meeting.id, "📝 Meeting changed");
        rest.tell(meeting.id.clone(), entry, ask.now);
    }
    rest.send(notice.map(|notice| notice.id).into_iter().collect(), ask.now);
    Answer::ok(&AcceptedAnswer {
        success: true,
        message: if already_host { "Already a host" } else { "Invitation accepted!" },
        already_host,
        role: InvitedRole::of(meeting.role_of(&who.user_id)),
        meeting: MeetingBody::new(&meeting, &who.user_id),
    })
}

/// What has happened.
struct Accepted {
    /// The invitation and the meeting before.
    found: FoundInvitation,
    /// What changed in the meeting, if something did.
    decision: Option<Decision>,
    /// The mail to the inviter, if one was written.
    notice: Option<Mail>,
}

impl<S: Store, C: Sockets, M: Mailer + 'static> Rest<S, C, M> {
    async fn accept(&self, token: &TokenHash, who: &Claimant, ask: &Ask<'_>) -> Result<Accepted, Problem> {
        let ids = Ids::new(ask)?;
        let mut unsure: Option<Accepted> = None;
        let mut failures = 0;
        for tries in 0..retry::MAX_TRIES {
            let found = self.store.invitation_by_token(token).await?;
            let found = found.ok_or_else(|| refused(InvitationRefusal::NotFound))?;
            let acceptance = found.invitation.accepted(found.meeting.as_ref(), token, who, ask.now).map_err(refused)?;
            let (Some(invitation), Some(meeting)) = (&acceptance.invitation, &found.meeting) else {
                // It was he before; if it was this very request, its room has still to be told.
                return match unsure {
                    Some(accepted) if self.is_written(&accepted).await? => Ok(accepted),
                    _ => Ok(Accepted { found, decision: None, notice: None }),
                };
            };
            let seen = meeting.version;
            let notice = notice(invitation, who, &ids, ask)?;
            let outcome = self.store.accept(&acceptance, seen, notice.as_ref()).await;
            let Acceptance { decision, .. } = acceptance;
            let accepted = Accepted { found, decision, notice };
            match outcome {
                Ok(()) => return Ok(accepted),
                Err(CommitError::Conflict) => {}
                Err(CommitError::Store(StoreError::Unavailable { operation, reason })) => {
                    tracing::warn!(operation, reason, "an acceptance may or may not have been written");
                    unsure = Some(accepted);
                    failures += 1;
                    if failures == retry::MAX_FAILURES {
                        return Err(Refusal::Unavailable.into());
                    }
                }
                Err(error) => return Err(error.into()),
            }
            self.pause(tries).await;
        }
        Err(busy())
    }

    /// Whether an acceptance of which nothing was heard has happened.
    async fn is_written(&self, accepted: &Accepted) -> Result<bool, Problem> {
        let Some(Decision { meeting, entry }) = &accepted.decision else { return Ok(true) };
        let before = Version(entry.version.0 - 1);
        let page = self.store.log(&meeting.id, before, 1).await?;
        Ok(page.entries.first().is_some_and(|written: &LogEntry| written == entry))
    }
}

/// The mail that tells the inviter, if his address is known and he is not the acceptor.
fn notice(invitation: &Invitation, who: &Claimant, ids: &Ids, ask: &Ask<'_>) -> Result<Option<Mail>, Problem> {
    if invitation.inviter_email.is_none() || invitation.inviter == who.actor.user_id {
        return Ok(None);
    }
    Ok(Some(Mail {
        id: ids.mail(&format!("accepted {}", invitation.id))?,
        kind: MailKind::Accepted,
        meeting_id: invitation.meeting_id.clone(),
        invitation_id: invitation.id.clone(),
        created_at: ask.now,
        attempt: 0,
        due: Some(ask.now),
    }))
}
