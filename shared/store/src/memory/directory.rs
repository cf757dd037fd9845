//! The users that are known.

use std::collections::HashMap;

use dais_domain::{EmailAddress, MeetingId, Timestamp, UserId, WebhookId};

use super::{MemoryStore, State};
use crate::{
    Directory, KnownUser, Party, StoreError, Trace,
    directory::{Plan, Record, forgotten, learned, settled},
};

impl Directory for MemoryStore {
    async fn user(&self, id: &UserId) -> Result<Option<KnownUser>, StoreError> {
        self.run("user", |state| state.users.get(id).cloned().and_then(Record::known)).await
    }

    async fn users(&self, ids: &[UserId]) -> Result<Vec<KnownUser>, StoreError> {
        self.run("users", |state| {
            let known = state.users.values().filter(|record| ids.contains(&record.user_id));
            known.cloned().filter_map(Record::known).collect()
        })
        .await
    }

    async fn user_by_email(&self, address: &EmailAddress) -> Result<Option<UserId>, StoreError> {
        self.run("user_by_email", |state| state.addresses.get(address).cloned()).await
    }

    async fn learn(&self, news: &KnownUser) -> Result<bool, StoreError> {
        self.run("learn", |state| {
            let holder = |email: &EmailAddress| state.users.get(state.addresses.get(email)?).cloned();
            let holders: HashMap<EmailAddress, Record> =
                news.emails.iter().filter_map(|email| Some((email.clone(), holder(email)?))).collect();
            let plan = learned(news, state.users.get(&news.id), &holders);
            plan.map(|plan| state.carry_out(plan)).is_some()
        })
        .await
    }

    async fn forget(&self, id: &UserId, at: Timestamp) -> Result<(), StoreError> {
        self.run("forget", |state| {
            if let Some(plan) = forgotten(id, at, state.users.get(id)) {
                state.carry_out(plan);
            }
        })
        .await
    }

    async fn traces(&self, id: &UserId, limit: u32) -> Result<Vec<Trace>, StoreError> {
        self.run("traces", |state| {
            let requests = state.keys.keys().filter(|(user, _)| user == id).map(|(_, key)| Trace::Request(key.clone()));
            // Where DynamoDB keeps a pointer until it is erased, this adapter looks at the meetings themselves.
            let own = state.meetings.values().filter(|meeting| {
                let is_own = meeting.roles.contains_key(id) || meeting.created_by == *id;
                is_own && !state.erased.contains(&(id.clone(), meeting.id.clone()))
            });
            let own = own.map(|meeting| Trace::OwnMeeting(meeting.id.clone()));
            let attended = state.attended.keys().filter(|(_, user)| user == id);
            let attended = attended.map(|(meeting, _)| Trace::Attended(meeting.clone()));
            let invited = state.invited.traces_of(|party| match party {
                Party::Inviter(user) | Party::Invitee(user) => user == id,
                Party::Address(_) => false,
            });
            let traces = invited.chain(requests).chain(own).chain(attended);
            let traces: Vec<Trace> = traces.take(limit as usize).collect();
            if traces.is_empty() { state.traces_under_addresses(id, limit) } else { traces }
        })
        .await
    }

    async fn erase(&self, id: &UserId, trace: &Trace) -> Result<(), StoreError> {
        self.run("erase", |state| match trace {
            Trace::OwnMeeting(meeting) => {
                state.redact(meeting, id);
                state.erased.insert((id.clone(), meeting.clone()));
            }
            Trace::Request(key) => {
                state.keys.remove(&(id.clone(), key.clone()));
            }
            Trace::Attended(meeting) => {
                state.redact(meeting, id);
                state.attended.remove(&(meeting.clone(), id.clone()));
            }
            Trace::Invitation { party, meeting_id, invitation_id } => {
                state.invited.erase(party, meeting_id, invitation_id);
            }
            Trace::PastAddresses => {
                if let Some(plan) = settled(state.users.get(id)) {
                    state.carry_out(plan);
                }
            }
        })
        .await
    }

    async fn was_handled(&self, webhook: &WebhookId) -> Result<bool, StoreError> {
        self.run("was_handled", |state| state.webhooks.contains(webhook)).await
    }

    async fn handled(&self, webhook: &WebhookId, _expires_at: Timestamp) -> Result<(), StoreError> {
        self.run("handled", |state| {
            state.webhooks.insert(webhook.clone());
        })
        .await
    }
}

impl State {
    fn redact(&mut self, meeting: &MeetingId, user: &UserId) {
        for entry in self.logs.get_mut(meeting).into_iter().flat_map(|log| log.values_mut()) {
            *entry = entry.clone().without_name_of(user);
        }
    }

    fn traces_under_addresses(&self, user: &UserId, limit: u32) -> Vec<Trace> {
        let Some(record) = self.users.get(user).filter(|record| !record.past_addresses.is_empty()) else {
            return Vec::new();
        };
        let is_his = |party: &Party| matches!(party, Party::Address(hash) if record.past_addresses.contains(hash));
        let traces: Vec<Trace> = self.invited.traces_of(is_his).take(limit as usize).collect();
        if traces.is_empty() { vec![Trace::PastAddresses] } else { traces }
    }

    fn carry_out(&mut self, plan: Plan) {
        for address in plan.released {
            self.addresses.remove(&address);
        }
        for (address, _) in plan.gained {
            self.addresses.insert(address, plan.record.user_id.clone());
        }
        for record in plan.losers.into_iter().chain([plan.record]) {
            self.users.insert(record.user_id.clone(), record);
        }
    }
}
