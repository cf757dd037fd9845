//! Inviting many at once: each by himself, so that what goes wrong with one harms no other.

use std::collections::{HashMap, HashSet};

use dais_domain::{
    Actor, Claimant, EmailAddress, Invitation, InvitationState, MailId, Meeting, Role, Terms, Timestamp, UserId,
};
use dais_mail::Mailer;
use dais_realtime::Sockets;
use dais_rest::{Problem, retry};
use dais_store::{CommitError, Invitee, Mail, MailKind, Store, StoreError};
use futures::{StreamExt, stream};

use crate::{
    Rest, Unregistered,
    ids::Ids,
    wire::{InviteResult, InviteStatus},
};

/// People who are looked after at the same time.
const CONCURRENCY: usize = 16;

/// Somebody to be invited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Where the mail goes.
    pub email: EmailAddress,
    /// Whose address that is, if that is known.
    pub user_id: Option<UserId>,
    /// He is of the inviter's network.
    pub by_network: bool,
}

impl Target {
    fn invitees(&self) -> Vec<Invitee> {
        let user = self.user_id.clone().map(Invitee::User);
        [Invitee::Email(self.email.clone())].into_iter().chain(user).collect()
    }
}

/// One call.
#[derive(Debug, Clone)]
pub struct Call<'a> {
    pub who: &'a Claimant,
    pub meeting: &'a Meeting,
    pub role: Role,
    pub ids: Ids,
    pub now: Timestamp,
}

/// What came of one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invited {
    pub result: InviteResult,
    mail: Option<MailId>,
}

impl From<InviteResult> for Invited {
    fn from(result: InviteResult) -> Self {
        Self { result, mail: None }
    }
}

impl<S: Store, C: Sockets, M: Mailer + 'static> Rest<S, C, M> {
    /// Invites all whom it can, in the order given, and sends their mails after the answer. No target may come twice.
    pub(crate) async fn invite_all(&self, call: &Call<'_>, targets: Vec<Target>) -> Result<Vec<InviteResult>, Problem> {
        let addresses: Vec<EmailAddress> = targets.iter().map(|target| target.email.clone()).collect();
        let suppressed = self.store.suppressed(&addresses).await?;
        let invitees: Vec<Invitee> = targets.iter().flat_map(Target::invitees).collect();
        let latest = self.store.latest_invitations(&call.meeting.id, &invitees).await?;

        let refused = |target: &Target| self.refused(call, target, suppressed.contains_key(&target.email));
        let mut decided: Vec<Option<InviteStatus>> = targets.iter().map(refused).collect();
        let open = decided.iter().filter(|status| status.is_none()).count();
        let wanted = u32::try_from(open).unwrap_or(u32::MAX);
        let mut left = self.store.spend(&self.rules.of_host(&call.who.actor.user_id), wanted, call.now).await?;
        for status in decided.iter_mut().filter(|status| status.is_none()) {
            match left.checked_sub(1) {
                Some(less) => left = less,
                None => *status = Some(InviteStatus::Limit),
            }
        }

        let latest = &latest;
        let work = targets.into_iter().zip(decided).map(|(target, status)| async move {
            match status {
                Some(status) => InviteResult::refused(status).into(),
                None => self.invite_one(call, &target, latest).await,
            }
        });
        let invited: Vec<Invited> = stream::iter(work).buffered(CONCURRENCY).collect().await;
        self.send(invited.iter().filter_map(|invited| invited.mail.clone()).collect(), call.now);
        Ok(invited.into_iter().map(|invited| invited.result).collect())
    }

    /// Why somebody is not invited, as far as that is known beforehand.
    fn refused(&self, call: &Call<'_>, target: &Target, suppressed: bool) -> Option<InviteStatus> {
        let role = target.user_id.as_ref().map_or(Role::Participant, |user| call.meeting.role_of(user));
        if role >= call.role || call.who.emails.contains(&target.email) {
            return Some(InviteStatus::AlreadyHost);
        }
        if target.user_id.is_none() && self.rules.unregistered == Unregistered::Filter {
            return Some(InviteStatus::NotRegistered);
        }
        suppressed.then_some(InviteStatus::Suppressed)
    }

    async fn invite_one(&self, call: &Call<'_>, target: &Target, latest: &HashMap<Invitee, Invitation>) -> Invited {
        match self.try_invite(call, target, latest).await {
            Ok(invited) => invited,
            Err(problem) => {
                tracing::warn!(code = problem.code(), roomId = %call.meeting.id, "one of several was not invited");
                InviteResult::refused(InviteStatus::Failed).into()
            }
        }
    }

    async fn try_invite(
        &self,
        call: &Call<'_>,
        target: &Target,
        latest: &HashMap<Invitee, Invitation>,
    ) -> Result<Invited, Problem> {
        if self.store.spend(&self.rules.of_address(&target.email), 1, call.now).await? == 0 {
            return Ok(InviteResult::refused(InviteStatus::Limit).into());
        }
        let mail_id = call.ids.mail(target.email.as_str())?;
        let new = Invitation::new(
            call.ids.invitation(target.email.as_str())?,
            call.meeting.id.clone(),
            target.email.clone(),
            target.user_id.clone(),
            target.by_network,
            self.terms(call, call.role, mail_id.clone()),
            call.now,
        );
        let mut latest = of_target(latest, target);
        let mut failures = 0;
        for tries in 0..retry::MAX_TRIES {
            // Written before, by this call or by the same one in another invocation.
            if let Some(done) = latest.iter().find(|invitation| invitation.mail == mail_id) {
                let status = if done.id == new.id { InviteStatus::Sent } else { InviteStatus::AlreadyInvited };
                return Ok(Invited { result: InviteResult::invited(status, done), mail: Some(mail_id) });
            }
            let live = latest.iter().find(|invitation| invitation.state_at(call.now) == InvitationState::Pending);
            let (status, invitation, outcome) = match live {
                Some(live) => {
                    let terms = self.terms(call, call.role, mail_id.clone());
                    let renewed = live.renewed(terms, call.now).map_err(crate::problem::refused)?;
                    let outcome = self.store.renew(&renewed, &invitation_mail(&renewed, call.now)).await;
                    (InviteStatus::AlreadyInvited, renewed, outcome)
                }
                None => {
                    let outcome = self.store.invite(&new, &latest, &invitation_mail(&new, call.now)).await;
                    (InviteStatus::Sent, new.clone(), outcome)
                }
            };
            match outcome {
                Ok(()) => {
                    return Ok(Invited { result: InviteResult::invited(status, &invitation), mail: Some(mail_id) });
                }
                Err(CommitError::Conflict) => {}
                Err(CommitError::Store(StoreError::Unavailable { operation, reason })) => {
                    tracing::warn!(operation, reason, "an invitation may or may not have been written");
                    failures += 1;
                    if failures == retry::MAX_FAILURES {
                        return Err(dais_domain::Refusal::Unavailable.into());
                    }
                }
                Err(error) => return Err(error.into()),
            }
            self.pause(tries).await;
            latest = of_target(&self.store.latest_invitations(&call.meeting.id, &target.invitees()).await?, target);
        }
        Err(crate::problem::busy())
    }

    /// What the caller offers, from now on.
    pub(crate) fn terms(&self, call: &Call<'_>, role: Role, mail: MailId) -> Terms {
        let Actor { user_id, name } = &call.who.actor;
        let known = || call.meeting.roles.get(user_id).and_then(|grant| grant.name.clone());
        Terms {
            inviter: Actor { user_id: user_id.clone(), name: name.clone().or_else(known) },
            inviter_email: call.who.emails.first().cloned(),
            role,
            expires_at: call.now.plus(self.rules.life),
            mail,
        }
    }
}

/// The mail that tells of an invitation, due at once.
pub fn invitation_mail(invitation: &Invitation, now: Timestamp) -> Mail {
    Mail {
        id: invitation.mail.clone(),
        kind: MailKind::Invitation,
        meeting_id: invitation.meeting_id.clone(),
        invitation_id: invitation.id.clone(),
        created_at: now,
        attempt: 0,
        due: Some(now),
    }
}

/// The latest invitations of one target, each once.
fn of_target(latest: &HashMap<Invitee, Invitation>, target: &Target) -> Vec<Invitation> {
    let mut seen = HashSet::new();
    let found = target.invitees().into_iter().filter_map(|invitee| latest.get(&invitee).cloned());
    found.filter(|invitation| seen.insert(invitation.id.clone())).collect()
}
