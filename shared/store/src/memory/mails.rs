//! Mails that wait and those that were sent, addresses that nothing is sent to, and counters.

use std::collections::HashMap;

use dais_domain::{EmailAddress, Invitation, MailId, MessageId, Timestamp};

use super::MemoryStore;
use crate::{Invitee, Limit, Limits, Mail, Mails, SentMessage, StoreError, SuppressionReason, Suppressions};

/// Mails, messages and what holds them back.
#[derive(Debug, Default)]
pub(super) struct Post {
    pub waiting: HashMap<MailId, Mail>,
    messages: HashMap<MessageId, SentMessage>,
    suppressed: HashMap<EmailAddress, SuppressionReason>,
    used: HashMap<(&'static str, Invitee, u64), u32>,
}

impl Post {
    /// The stored mail, if it waits and has not been claimed since.
    fn unclaimed(&mut self, mail: &Mail) -> Option<&mut Mail> {
        self.waiting.get_mut(&mail.id).filter(|stored| stored.due.is_some() && stored.attempt == mail.attempt)
    }
}

impl Mails for MemoryStore {
    async fn due_mails(&self, now: Timestamp, limit: u32) -> Result<Vec<MailId>, StoreError> {
        self.run("due_mails", |state| {
            let due = state.mails.waiting.values().filter_map(|mail| Some((mail.due?, mail.id.clone())));
            let mut due: Vec<_> = due.filter(|(due, _)| *due <= now).collect();
            due.sort();
            due.into_iter().take(limit as usize).map(|(_, id)| id).collect()
        })
        .await
    }

    async fn mail(&self, id: &MailId) -> Result<Option<Mail>, StoreError> {
        self.run("mail", |state| state.mails.waiting.get(id).cloned()).await
    }

    async fn claim(
        &self,
        mail: &Mail,
        until: Timestamp,
        invitation: Option<&Invitation>,
    ) -> Result<Option<Mail>, StoreError> {
        self.run("claim", |state| {
            if invitation.is_some_and(|invitation| !state.invited.precedes(invitation)) {
                return None;
            }
            let stored = state.mails.unclaimed(mail)?;
            (stored.attempt, stored.due) = (mail.attempt + 1, Some(until));
            let claimed = stored.clone();
            if let Some(invitation) = invitation {
                state.invited.put(invitation);
                if let Some(token) = &invitation.token {
                    let leads_to = (invitation.meeting_id.clone(), invitation.id.clone());
                    state.invited.tokens.insert(token.clone(), leads_to);
                }
            }
            Some(claimed)
        })
        .await
    }

    async fn mail_sent(&self, mail: &Mail, message: &SentMessage) -> Result<(), StoreError> {
        self.run("mail_sent", |state| {
            state.mails.messages.insert(message.message_id.clone(), message.clone());
            if let Some(stored) = state.mails.unclaimed(mail) {
                stored.due = None;
            }
        })
        .await
    }

    async fn reschedule(&self, mail: &Mail, due: Option<Timestamp>) -> Result<bool, StoreError> {
        self.run("reschedule", |state| state.mails.unclaimed(mail).map(|stored| stored.due = due).is_some()).await
    }

    async fn message(&self, id: &MessageId) -> Result<Option<SentMessage>, StoreError> {
        self.run("message", |state| state.mails.messages.get(id).cloned()).await
    }

    async fn bounced(&self, message: &SentMessage, at: Timestamp) -> Result<bool, StoreError> {
        self.run("bounced", |state| {
            let key = (message.meeting_id.clone(), message.invitation_id.clone());
            let stored = state.invited.invitations.get_mut(&key);
            let Some((stored, bounced)) = stored.and_then(|stored| stored.bounced(at).map(|after| (stored, after)))
            else {
                return false;
            };
            *stored = bounced;
            true
        })
        .await
    }
}

impl Suppressions for MemoryStore {
    async fn suppress(
        &self,
        address: &EmailAddress,
        reason: SuppressionReason,
        _at: Timestamp,
    ) -> Result<(), StoreError> {
        self.run("suppress", |state| {
            state.mails.suppressed.entry(address.clone()).or_insert(reason);
        })
        .await
    }

    async fn suppressed(
        &self,
        addresses: &[EmailAddress],
    ) -> Result<HashMap<EmailAddress, SuppressionReason>, StoreError> {
        self.run("suppressed", |state| {
            let reason = |address: &EmailAddress| Some((address.clone(), *state.mails.suppressed.get(address)?));
            addresses.iter().filter_map(reason).collect()
        })
        .await
    }
}

impl Limits for MemoryStore {
    async fn spend(&self, limit: &Limit, wanted: u32, now: Timestamp) -> Result<u32, StoreError> {
        self.run("spend", |state| {
            let used = state.mails.used.entry((limit.name, limit.of.clone(), limit.window(now))).or_default();
            let granted = wanted.min(limit.max.saturating_sub(*used));
            *used += granted;
            granted
        })
        .await
    }
}
