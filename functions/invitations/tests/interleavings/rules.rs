//! The rules of invitations, checked once more and independently: over every two states that follow each other, and over
//! what is left when all is quiet.

use std::collections::{BTreeMap, HashMap};

use dais_domain::{
    Change, EmailAddress, Invitation, InvitationId, LogEntry, Meeting, Outcome, Timestamp, UserId, Version,
};
use dais_mail::Letter;

use super::post::hash;

/// Until when a meeting that was to come when somebody was invited counts as not over.
const DAY_MS: u64 = 24 * 3600 * 1000;

/// The state of the table from one write on.
#[derive(Debug, Clone)]
pub struct Moment {
    pub meeting: Meeting,
    pub invitations: BTreeMap<InvitationId, Invitation>,
}

/// Addresses that people have proved to be theirs.
pub type Owners = HashMap<UserId, Vec<EmailAddress>>;

impl Moment {
    /// What must be true of every state. `latest`: the latest clock that any invocation has.
    pub fn check(&self, latest: Timestamp) -> Result<(), String> {
        if self.meeting.hosts().is_empty() {
            return Err("no host is left".to_owned());
        }
        let live = |invitation: &&Invitation| invitation.outcome == Outcome::Pending && invitation.expires_at > latest;
        let mut addresses: Vec<&EmailAddress> = self.invitations.values().filter(live).map(|one| &one.email).collect();
        let count = addresses.len();
        addresses.sort();
        addresses.dedup();
        if addresses.len() < count {
            return Err(format!("two live invitations of one address: {:#?}", self.invitations));
        }
        Ok(())
    }

    /// Whether this state may follow `before`.
    pub fn follows(&self, before: &Self, owners: &Owners, letters: &[Letter]) -> Result<(), String> {
        if let Some(gone) = before.invitations.keys().find(|id| !self.invitations.contains_key(*id)) {
            return Err(format!("{gone} is gone"));
        }
        for (id, now) in &self.invitations {
            let Some(was) = before.invitations.get(id).filter(|was| *was != now) else { continue };
            if was.outcome != Outcome::Pending {
                return Err(format!("{was:?} had ended and became {now:?}"));
            }
            if now.revision != was.revision + 1 {
                return Err(format!("the revision of {was:?} leaps to {}", now.revision));
            }
            if let Outcome::Accepted { by, at } = &now.outcome {
                self.may_accept(before, was, by, *at, owners, letters)
                    .map_err(|rule| format!("{rule}: {by} accepted {was:#?} of {:#?}", before.meeting))?;
            }
        }
        Ok(())
    }

    fn may_accept(
        &self,
        before: &Self,
        was: &Invitation,
        by: &UserId,
        at: Timestamp,
        owners: &Owners,
        letters: &[Letter],
    ) -> Result<(), &'static str> {
        if !owners.get(by).is_some_and(|own| own.contains(&was.email)) {
            return Err("it was for somebody else");
        }
        if was.expires_at <= at {
            return Err("it had expired");
        }
        if !before.meeting.role_of(&was.inviter).is_host() {
            return Err("the inviter was no host");
        }
        let starts_at = before.meeting.starts_at;
        if before.meeting.ended_at.is_some() || (was.invited_at < starts_at && starts_at.as_ms() + DAY_MS <= at.as_ms())
        {
            return Err("the meeting was over");
        }
        if !letters.iter().any(|letter| was.token.is_some() && hash(letter) == was.token) {
            return Err("its token was in no letter");
        }
        if self.meeting.role_of(by) < was.role {
            return Err("he has not got the role");
        }
        Ok(())
    }
}

/// Whether the log leads to the meeting, and every invitation gave one role at most, to who accepted it.
pub fn check_log(log: &[LogEntry], last: &Moment) -> Result<(), String> {
    for (at, entry) in log.iter().enumerate() {
        if entry.version != Version(at as u64 + 1) {
            return Err(format!("version {} stands at place {}", entry.version, at + 1));
        }
    }
    if Meeting::replay(last.meeting.id.clone(), log).as_ref() != Some(&last.meeting) {
        return Err("the log replayed is not the meeting".to_owned());
    }
    let mut given: Vec<&InvitationId> = Vec::new();
    for entry in log {
        let Change::Role { user, to, invitation: Some(id), .. } = &entry.change else { continue };
        let invitation = last.invitations.get(id).ok_or_else(|| format!("{id} is not there"))?;
        let accepted = matches!(&invitation.outcome, Outcome::Accepted { by, .. } if by == user);
        if !accepted || invitation.role != *to || invitation.inviter != entry.by || given.contains(&id) {
            return Err(format!("{entry:?} does not fit {invitation:?}"));
        }
        given.push(id);
    }
    Ok(())
}
