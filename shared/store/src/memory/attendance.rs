//! Who was in which meeting.

use std::cmp::Reverse;

use dais_domain::{Acquaintance, Gathering, UserId, network::network};

use super::MemoryStore;
use crate::{
    ATTENDEES, Attendance, Attended, GATHERINGS, StoreError,
    gathering::{gathering, was_there},
};

impl Attendance for MemoryStore {
    async fn attended(&self, attended: &Attended) -> Result<(), StoreError> {
        self.run("attended", |state| {
            let key = (attended.meeting_id.clone(), attended.user_id.clone());
            if state.attended.get(&key).is_none_or(|before| before.at < attended.at) {
                state.attended.insert(key, attended.clone());
            }
        })
        .await
    }

    async fn gatherings(&self, user: &UserId) -> Result<Vec<Gathering>, StoreError> {
        self.run("gatherings", |state| {
            let attended = |meeting: &dais_domain::Meeting| {
                state.attended.get(&(meeting.id.clone(), user.clone())).map(|attended| attended.at)
            };
            let mut lately: Vec<_> = state
                .meetings
                .values()
                .filter_map(|meeting| Some((was_there(meeting, user, attended(meeting))?, meeting)))
                .collect();
            lately.sort_by_key(|(at, meeting)| (Reverse(*at), meeting.id.clone()));
            let people = |id: &dais_domain::MeetingId| {
                let attendees = state.attended.values().filter(|attended| attended.meeting_id == *id);
                attendees.take(ATTENDEES).cloned().collect()
            };
            let lately = lately.into_iter().take(GATHERINGS);
            lately.map(|(at, meeting)| gathering(meeting.clone(), at, people(&meeting.id))).collect()
        })
        .await
    }

    async fn network(&self, user: &UserId) -> Result<Vec<Acquaintance>, StoreError> {
        Ok(network(user, self.gatherings(user).await?))
    }
}
