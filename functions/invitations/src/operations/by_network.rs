//! `POST /api/meetings/{id}/host-invitations/network`.

use std::collections::{HashMap, HashSet};

use dais_domain::{Role, UserId};
use dais_identity::Identity;
use dais_mail::Mailer;
use dais_realtime::Sockets;
use dais_rest::{
    Answer, Ask, Problem,
    document::{BodyProblems, CallerProblems, HostsOnly, Missing},
};
use dais_store::Store;

use crate::{
    Rest,
    ids::Ids,
    inviting::{Call, Target},
    problem::InvitationProblem,
    wire::{ErrorBody, InviteByNetwork, InviteResult, InviteStatus, InvitesAnswer, schema},
};

/// Invite hosts from one's network
///
/// Hosts only. Only people whom the caller has met can be invited by their ids; others are invited by e-mail. Each gets his
/// own result and his own mail.
#[utoipa::path(
    post,
    path = "/api/meetings/{id}/host-invitations/network",
    operation_id = "networkInviteHost",
    tag = "invitations",
    params(("id" = schema::MeetingId, Path, description = "The meeting")),
    request_body = InviteByNetwork,
    responses(
        (status = 200, description = "What became of each", body = InvitesAnswer),
        (status = 409, description = "The meeting has ended", body = ErrorBody),
        CallerProblems,
        BodyProblems,
        HostsOnly,
        Missing,
    )
)]
pub async fn by_network<S: Store, C: Sockets, M: Mailer + 'static>(
    rest: &Rest<S, C, M>,
    ask: &Ask<'_>,
    who: &Identity,
) -> Result<Answer, Problem> {
    let (id, body): (_, InviteByNetwork) = (ask.meeting_id()?, ask.json()?);
    if body.invitee_ids.len() > rest.rules.per_call {
        return Err(InvitationProblem::TooMany { max: rest.rules.per_call }.into());
    }
    let meeting = rest.meeting_to_invite_to(&id, who).await?;
    let role = Role::from(body.role.unwrap_or_default());

    let given: Vec<Option<UserId>> = body.invitee_ids.iter().map(|id| UserId::new(id).ok()).collect();
    let met = rest.store.gatherings(&who.user_id).await?;
    let met: HashSet<UserId> = met.into_iter().flat_map(|met| met.people).map(|(id, _)| id).collect();
    let wanted: HashSet<UserId> = given.iter().flatten().filter(|id| met.contains(*id)).cloned().collect();
    let known = rest.store.users(&Vec::from_iter(wanted)).await?;
    let mut results: HashMap<UserId, InviteResult> = HashMap::new();
    let mut targets: Vec<Target> = Vec::new();
    let mut addresses = HashSet::new();
    for user in known {
        // Two users never have the same address; if it seems so, one of them has just lost it.
        match user.emails.into_iter().next().filter(|email| addresses.insert(email.clone())) {
            Some(email) => targets.push(Target { email, user_id: Some(user.id), by_network: true }),
            None => drop(results.insert(user.id, InviteResult::refused(InviteStatus::NotRegistered))),
        }
    }
    let claimant = rest.claimant(who).await?;
    let call = Call { who: &claimant, meeting: &meeting, role, ids: Ids::new(ask)?, now: ask.now };
    let ids: Vec<Option<UserId>> = targets.iter().map(|target| target.user_id.clone()).collect();
    results.extend(ids.into_iter().flatten().zip(rest.invite_all(&call, targets).await?));

    let result = |(invitee_id, id): (String, Option<UserId>)| {
        let unknown = || InviteResult::refused(InviteStatus::NotRegistered);
        let result = match id {
            // One's own id is in no network.
            Some(id) if id == who.user_id => InviteResult::refused(InviteStatus::AlreadyHost),
            Some(id) => results.get(&id).cloned().unwrap_or_else(unknown),
            None => InviteResult::refused(InviteStatus::Invalid),
        };
        InviteResult { invitee_id: Some(invitee_id), ..result }
    };
    Answer::ok(&InvitesAnswer::new(body.invitee_ids.into_iter().zip(given).map(result).collect()))
}
