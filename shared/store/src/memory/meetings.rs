//! Meetings and their logs.

use std::ops::Bound;

use dais_domain::{Change, Decision, LogEntry, Meeting, MeetingId, Role, UserId, Version};

use super::{MemoryStore, State};
use crate::{
    CommitError, CreateError, CreationKey, ListQuery, LogPage, MeetingPage, Meetings, OwnMeeting, Period, StoreError,
    keys,
};

impl Meetings for MemoryStore {
    async fn create(&self, meeting: &Meeting, first: &LogEntry, key: Option<&CreationKey>) -> Result<(), CreateError> {
        self.run("create", |state| {
            let slot = key.map(|key| (meeting.created_by.clone(), key.key.clone()));
            if let Some((id, used)) = slot.as_ref().and_then(|slot| state.keys.get(slot))
                && used.expires_at > first.at
            {
                let fingerprint = used.fingerprint.clone();
                return Err(CreateError::KeyUsed { meeting_id: id.clone(), fingerprint });
            }
            if let Some(there) = state.meetings.get(&meeting.id) {
                return Err(CreateError::Exists(Box::new(there.clone())));
            }
            state.meetings.insert(meeting.id.clone(), meeting.clone());
            state.logs.entry(meeting.id.clone()).or_default().insert(first.version, first.clone());
            if let (Some(slot), Some(key)) = (slot, key) {
                state.keys.insert(slot, (meeting.id.clone(), key.clone()));
            }
            Ok(())
        })
        .await?
    }

    async fn meeting(&self, id: &MeetingId) -> Result<Option<Meeting>, StoreError> {
        self.run("meeting", |state| state.meetings.get(id).cloned()).await
    }

    async fn commit(&self, decision: &Decision) -> Result<(), CommitError> {
        self.run("commit", |state| commit(state, decision)).await?
    }

    async fn log(&self, id: &MeetingId, after: Version, limit: u32) -> Result<LogPage, StoreError> {
        self.run("log", |state| {
            let entries: Vec<LogEntry> = state
                .logs
                .get(id)
                .map(|log| {
                    log.range((Bound::Excluded(after), Bound::Unbounded)).map(|(_, entry)| entry.clone()).collect()
                })
                .unwrap_or_default();
            let more = entries.len() > limit as usize;
            LogPage { entries: entries.into_iter().take(limit as usize).collect(), more }
        })
        .await
    }

    async fn meetings_of(&self, user: &UserId, query: &ListQuery) -> Result<MeetingPage, StoreError> {
        self.run("meetings_of", |state| own_meetings(state, user, query)).await
    }
}

/// Writes a change on the version before.
pub(super) fn commit(state: &mut State, decision: &Decision) -> Result<(), CommitError> {
    let meeting = &decision.meeting;
    let stored = state.meetings.get(&meeting.id).map(|stored| stored.version);
    if stored.map(Version::next) != Some(decision.entry.version) {
        return Err(CommitError::Conflict);
    }
    state.meetings.insert(meeting.id.clone(), meeting.clone());
    let log = state.logs.entry(meeting.id.clone()).or_default();
    log.insert(decision.entry.version, decision.entry.clone());
    if let Change::Role { user, .. } = &decision.entry.change {
        state.erased.remove(&(user.clone(), meeting.id.clone()));
    }
    Ok(())
}

fn own_meetings(state: &State, user: &UserId, query: &ListQuery) -> MeetingPage {
    let now = query.now;
    let mut own: Vec<(String, OwnMeeting)> = state
        .meetings
        .values()
        .map(|meeting| OwnMeeting { role: meeting.role_of(user), meeting: meeting.clone() })
        .filter(|own| own.role != Role::Participant || own.meeting.created_by == *user)
        .filter(|own| !query.hosting || own.role == Role::Host)
        .filter(|own| match query.period {
            Period::All => true,
            Period::Upcoming => own.meeting.starts_at >= now,
            Period::Past => own.meeting.starts_at < now,
        })
        .map(|own| (keys::starts_sk(own.meeting.starts_at, &own.meeting.id), own))
        .collect();
    own.sort_by(|a, b| a.0.cmp(&b.0));
    if query.period != Period::Upcoming {
        own.reverse();
    }
    if let Some(after) = query.continues_after() {
        own.retain(|(position, _)| match query.period {
            Period::Upcoming => *position > after.sk,
            Period::All | Period::Past => *position < after.sk,
        });
    }
    let limit = query.page_size();
    let next = (own.len() > limit).then(|| own[limit - 1].0.clone());
    MeetingPage { meetings: own.into_iter().take(limit).map(|(_, own)| own).collect(), next }
}
