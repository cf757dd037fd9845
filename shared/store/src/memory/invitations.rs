//! Invitations.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use dais_domain::{Acceptance, Invitation, InvitationId, MeetingId, Timestamp, TokenHash, Version};

use super::{MemoryStore, State, meetings::commit};
use crate::{CommitError, FoundInvitation, InvitationPage, Invitations, Invitee, Mail, Party, StoreError, Trace};

/// Invitations and what leads to them.
#[derive(Debug, Default)]
pub(super) struct Invited {
    pub invitations: BTreeMap<(MeetingId, InvitationId), Invitation>,
    latest: HashMap<(MeetingId, Invitee), InvitationId>,
    pub tokens: HashMap<TokenHash, (MeetingId, InvitationId)>,
    parties: BTreeSet<(Party, MeetingId, InvitationId)>,
}

impl Invited {
    fn find(&self, meeting: &MeetingId, id: &InvitationId) -> Option<&Invitation> {
        self.invitations.get(&(meeting.clone(), id.clone()))
    }

    /// Whether the stored one has the revision before.
    pub fn precedes(&self, invitation: &Invitation) -> bool {
        let stored = self.find(&invitation.meeting_id, &invitation.id);
        stored.is_some_and(|stored| stored.revision + 1 == invitation.revision)
    }

    pub fn put(&mut self, invitation: &Invitation) {
        let key = (invitation.meeting_id.clone(), invitation.id.clone());
        self.invitations.insert(key, invitation.clone());
    }

    /// Whether nobody whom it is for has another latest invitation than those known.
    fn is_free_but_for(&self, invitation: &Invitation, known: &[&InvitationId]) -> bool {
        Invitee::all_of(invitation).into_iter().all(|invitee| {
            let latest = self.latest.get(&(invitation.meeting_id.clone(), invitee));
            latest.is_none_or(|latest| known.contains(&latest))
        })
    }

    fn add_parties(&mut self, invitation: &Invitation) {
        let Invitation { meeting_id, id, .. } = invitation;
        let parties = Party::all_of(invitation).into_iter();
        self.parties.extend(parties.map(|party| (party, meeting_id.clone(), id.clone())));
    }

    /// The traces of a party, those of inviters first.
    pub fn traces_of(&self, is_it: impl Fn(&Party) -> bool) -> impl Iterator<Item = Trace> {
        self.parties
            .iter()
            .filter(move |(party, ..)| is_it(party))
            .cloned()
            .map(|(party, meeting_id, invitation_id)| Trace::Invitation { party, meeting_id, invitation_id })
    }

    /// Erases an invitation, as the trace of one of its parties.
    pub fn erase(&mut self, party: &Party, meeting: &MeetingId, id: &InvitationId) {
        let found = self.find(meeting, id).cloned();
        if let (Party::Inviter(user), Some(invitation)) = (party, &found) {
            if invitation.without_inviter(user, Timestamp::MAX).is_none() {
                self.parties.remove(&(party.clone(), meeting.clone(), id.clone()));
            }
            return;
        }
        self.parties.remove(&(party.clone(), meeting.clone(), id.clone()));
        let Some(invitation) = found else { return };
        for party in Party::all_of(&invitation) {
            self.parties.remove(&(party, meeting.clone(), id.clone()));
        }
        self.latest.retain(|(of, _), latest| (of, &*latest) != (meeting, id));
        self.tokens.retain(|token, _| invitation.token.as_ref() != Some(token));
        self.invitations.remove(&(meeting.clone(), id.clone()));
    }

    fn point_to(&mut self, invitation: &Invitation) {
        for invitee in Invitee::all_of(invitation) {
            self.latest.insert((invitation.meeting_id.clone(), invitee), invitation.id.clone());
        }
    }
}

impl State {
    fn put_mail(&mut self, mail: &Mail) {
        self.mails.waiting.insert(mail.id.clone(), mail.clone());
    }
}

impl Invitations for MemoryStore {
    async fn invite(&self, invitation: &Invitation, ended: &[Invitation], mail: &Mail) -> Result<(), CommitError> {
        self.run("invite", |state| {
            let known: Vec<&InvitationId> = ended.iter().map(|ended| &ended.id).collect();
            let unchanged = |ended: &Invitation| {
                let stored = state.invited.find(&ended.meeting_id, &ended.id);
                stored.is_some_and(|stored| stored.revision == ended.revision)
            };
            let is_new = state.invited.find(&invitation.meeting_id, &invitation.id).is_none();
            let free = state.invited.is_free_but_for(invitation, &known);
            if !is_new || !free || !ended.iter().all(unchanged) || state.mails.waiting.contains_key(&mail.id) {
                return Err(CommitError::Conflict);
            }
            state.invited.put(invitation);
            state.invited.point_to(invitation);
            state.invited.add_parties(invitation);
            state.put_mail(mail);
            Ok(())
        })
        .await?
    }

    async fn renew(&self, invitation: &Invitation, mail: &Mail) -> Result<(), CommitError> {
        self.run("renew", |state| {
            let free = state.invited.is_free_but_for(invitation, &[&invitation.id]);
            if !free || !state.invited.precedes(invitation) || state.mails.waiting.contains_key(&mail.id) {
                return Err(CommitError::Conflict);
            }
            state.invited.put(invitation);
            state.invited.point_to(invitation);
            state.invited.add_parties(invitation);
            state.put_mail(mail);
            Ok(())
        })
        .await?
    }

    async fn end(&self, invitation: &Invitation) -> Result<(), CommitError> {
        self.run("end", |state| {
            if !state.invited.precedes(invitation) {
                return Err(CommitError::Conflict);
            }
            state.invited.put(invitation);
            Ok(())
        })
        .await?
    }

    async fn accept(&self, acceptance: &Acceptance, seen: Version, mail: Option<&Mail>) -> Result<(), CommitError> {
        self.run("accept", |state| {
            let Some(invitation) = &acceptance.invitation else { return Ok(()) };
            let version = state.meetings.get(&invitation.meeting_id).map(|meeting| meeting.version);
            let taken = mail.is_some_and(|mail| state.mails.waiting.contains_key(&mail.id));
            if version != Some(seen) || taken || !state.invited.precedes(invitation) {
                return Err(CommitError::Conflict);
            }
            if let Some(decision) = &acceptance.decision {
                commit(state, decision)?;
            }
            state.invited.put(invitation);
            state.invited.add_parties(invitation);
            if let Some(mail) = mail {
                state.put_mail(mail);
            }
            Ok(())
        })
        .await?
    }

    async fn invitation(&self, meeting: &MeetingId, id: &InvitationId) -> Result<Option<Invitation>, StoreError> {
        self.run("invitation", |state| state.invited.find(meeting, id).cloned()).await
    }

    async fn invitation_by_token(&self, token: &TokenHash) -> Result<Option<FoundInvitation>, StoreError> {
        self.run("invitation_by_token", |state| {
            let (meeting, id) = state.invited.tokens.get(token)?;
            let invitation = state.invited.find(meeting, id)?.clone();
            Some(FoundInvitation { invitation, meeting: state.meetings.get(meeting).cloned() })
        })
        .await
    }

    async fn invitations(
        &self,
        meeting: &MeetingId,
        after: Option<&InvitationId>,
        limit: u32,
    ) -> Result<InvitationPage, StoreError> {
        self.run("invitations", |state| {
            let all = state.invited.invitations.values().rev().filter(|invitation| invitation.meeting_id == *meeting);
            let wanted = all.filter(|invitation| after.is_none_or(|after| invitation.id < *after));
            let mut invitations: Vec<Invitation> = wanted.take(limit as usize + 1).cloned().collect();
            let more = invitations.len() > limit as usize;
            invitations.truncate(limit as usize);
            InvitationPage { invitations, more }
        })
        .await
    }

    async fn latest_invitations(
        &self,
        meeting: &MeetingId,
        of: &[Invitee],
    ) -> Result<HashMap<Invitee, Invitation>, StoreError> {
        self.run("latest_invitations", |state| {
            let latest = |invitee: &Invitee| {
                let id = state.invited.latest.get(&(meeting.clone(), invitee.clone()))?;
                Some((invitee.clone(), state.invited.find(meeting, id)?.clone()))
            };
            of.iter().filter_map(latest).collect()
        })
        .await
    }
}
