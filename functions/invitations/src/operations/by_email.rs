//! `POST /api/meetings/{id}/host-invitations/email`.

use std::collections::HashMap;

use dais_domain::{EmailAddress, Role, UserId};
use dais_identity::Identity;
use dais_mail::Mailer;
use dais_realtime::Sockets;
use dais_rest::{
    Answer, Ask, Problem,
    document::{BodyProblems, CallerProblems, HostsOnly, Missing},
};
use dais_store::{Store, StoreError};
use futures::{StreamExt, TryStreamExt, stream};

use crate::{
    Rest,
    ids::Ids,
    inviting::{Call, Target},
    problem::InvitationProblem,
    wire::{ErrorBody, InviteByEmail, InviteResult, InviteStatus, InvitesAnswer, schema},
};

/// Addresses whose owners are looked for at the same time.
const CONCURRENCY: usize = 16;

/// Invite hosts by e-mail
///
/// Hosts only. Each address gets its own result and its own mail; one that is wrong harms no other. An address that was
/// invited before and has not answered is invited again: the new mail replaces the earlier one.
#[utoipa::path(
    post,
    path = "/api/meetings/{id}/host-invitations/email",
    operation_id = "emailInviteHost",
    tag = "invitations",
    params(("id" = schema::MeetingId, Path, description = "The meeting")),
    request_body = InviteByEmail,
    responses(
        (status = 200, description = "What became of each", body = InvitesAnswer),
        (status = 409, description = "The meeting has ended", body = ErrorBody),
        CallerProblems,
        BodyProblems,
        HostsOnly,
        Missing,
    )
)]
pub async fn by_email<S: Store, C: Sockets, M: Mailer + 'static>(
    rest: &Rest<S, C, M>,
    ask: &Ask<'_>,
    who: &Identity,
) -> Result<Answer, Problem> {
    let (id, body): (_, InviteByEmail) = (ask.meeting_id()?, ask.json()?);
    if body.emails.len() > rest.rules.per_call {
        return Err(InvitationProblem::TooMany { max: rest.rules.per_call }.into());
    }
    let meeting = rest.meeting_to_invite_to(&id, who).await?;
    let role = Role::from(body.role.unwrap_or_default());

    let given: Vec<Option<EmailAddress>> = body.emails.iter().map(|email| EmailAddress::new(email).ok()).collect();
    let mut wanted: Vec<EmailAddress> = Vec::new();
    for address in given.iter().flatten() {
        if !wanted.contains(address) {
            wanted.push(address.clone());
        }
    }
    let owners = owners(&rest.store, &wanted).await?;
    let target =
        |email: &EmailAddress| Target { email: email.clone(), user_id: owners.get(email).cloned(), by_network: false };
    let targets: Vec<Target> = wanted.iter().map(target).collect();
    let claimant = rest.claimant(who).await?;
    let call = Call { who: &claimant, meeting: &meeting, role, ids: Ids::new(ask)?, now: ask.now };
    let results: HashMap<EmailAddress, InviteResult> =
        wanted.into_iter().zip(rest.invite_all(&call, targets).await?).collect();

    let result = |(email, address): (String, Option<EmailAddress>)| {
        let found = address.and_then(|address| results.get(&address).cloned());
        let result = found.unwrap_or_else(|| InviteResult::refused(InviteStatus::Invalid));
        InviteResult { email: Some(email), ..result }
    };
    Answer::ok(&InvitesAnswer::new(body.emails.into_iter().zip(given).map(result).collect()))
}

/// Whose these addresses are, where that is known.
async fn owners(store: &impl Store, addresses: &[EmailAddress]) -> Result<HashMap<EmailAddress, UserId>, StoreError> {
    let found = stream::iter(addresses.iter().cloned()).map(|address| async move {
        let owner = store.user_by_email(&address).await?;
        Ok(owner.map(|owner| (address, owner)))
    });
    let found: Vec<Option<(EmailAddress, UserId)>> = found.buffer_unordered(CONCURRENCY).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}
