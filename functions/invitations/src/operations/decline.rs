//! `POST /api/host-invitations/decline`.

use dais_domain::InvitationRefusal;
use dais_identity::Identity;
use dais_mail::Mailer;
use dais_realtime::Sockets;
use dais_rest::{
    Answer, Ask, Problem,
    document::{BodyProblems, CallerProblems},
    retry,
};
use dais_store::{CommitError, Store};

use super::token_of;
use crate::{
    Rest,
    problem::{busy, refused},
    wire::{DoneAnswer, ErrorBody, TokenBody},
};

/// Decline an invitation
///
/// For the person it is for. It cannot be accepted any more then.
#[utoipa::path(
    post,
    path = "/api/host-invitations/decline",
    operation_id = "declineHostInvite",
    tag = "invitations",
    request_body = TokenBody,
    responses(
        (status = 200, description = "Declined, now or before", body = DoneAnswer),
        (status = 403, description = "It is for another account", body = ErrorBody),
        (status = 404, description = "No such invitation", body = ErrorBody),
        (status = 410, description = "It was used, revoked or replaced, has expired, or bounced", body = ErrorBody),
        CallerProblems,
        BodyProblems,
    )
)]
pub async fn decline<S: Store, C: Sockets, M: Mailer + 'static>(
    rest: &Rest<S, C, M>,
    ask: &Ask<'_>,
    who: &Identity,
) -> Result<Answer, Problem> {
    let token = token_of(ask)?;
    if who.impersonated_by.is_some() {
        return Err(Problem::Impersonated);
    }
    let claimant = rest.claimant(who).await?;
    for tries in 0..retry::MAX_TRIES {
        let found = rest.store.invitation_by_token(&token).await?;
        let found = found.ok_or_else(|| refused(InvitationRefusal::NotFound))?;
        let declined = found.invitation.declined(&token, &claimant, ask.now).map_err(refused)?;
        let outcome = match declined {
            Some(declined) => rest.store.end(&declined).await,
            None => Ok(()),
        };
        match outcome {
            Ok(()) => return Answer::ok(&DoneAnswer { success: true, message: "Invitation declined" }),
            Err(CommitError::Conflict) => rest.pause(tries).await,
            Err(error) => return Err(error.into()),
        }
    }
    Err(busy())
}
