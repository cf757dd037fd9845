//! The table in memory, for tests: the same contract, and [`Weather`] for what a real table does on a bad day.

mod weather;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use dais_domain::{
    ConnectionId, Decision, LogEntry, MediaState, Meeting, MeetingId, Presence, RecoveryId, Role, RoomView, SocketId,
    Timestamp, UserId, Version,
};

use crate::{
    CommitError, Connection, Connections, CreateError, CreationKey, DueLease, ListQuery, LogPage, MeetingPage,
    Meetings, OwnMeeting, Period, Polling, PollingSession, Rooms, Session, StoreError, keys,
};
pub use weather::{FairWeather, Fate, Pause, Weather};

#[derive(Debug, Default)]
struct State {
    meetings: HashMap<MeetingId, Meeting>,
    logs: HashMap<MeetingId, BTreeMap<Version, LogEntry>>,
    presences: HashMap<MeetingId, BTreeMap<ConnectionId, Presence>>,
    keys: HashMap<(UserId, String), (MeetingId, CreationKey)>,
    connections: HashMap<ConnectionId, Connection>,
    leases: HashMap<ConnectionId, (Timestamp, bool)>,
    sessions: HashMap<RecoveryId, Session>,
    polling: HashMap<SocketId, PollingSession>,
    upgrades: HashMap<ConnectionId, SocketId>,
}

/// A table in memory. Clones share it.
#[derive(Clone)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    weather: Arc<dyn Weather>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::with_weather(Arc::new(FairWeather))
    }
}

impl MemoryStore {
    /// A table whose operations fare as `weather` says.
    pub fn with_weather(weather: Arc<dyn Weather>) -> Self {
        Self { state: Arc::default(), weather }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs one operation: it happens at one point in time, between two points at which anything else may happen.
    async fn run<T>(&self, operation: &'static str, effect: impl FnOnce(&mut State) -> T) -> Result<T, StoreError> {
        let unavailable =
            || StoreError::Unavailable { operation, reason: "ThrottlingException: as the weather says".to_owned() };
        match self.weather.before(operation).await {
            Fate::FailBefore => Err(unavailable()),
            Fate::FailAfter => {
                effect(&mut self.state());
                Err(unavailable())
            }
            Fate::Proceed => {
                let done = effect(&mut self.state());
                self.weather.after(operation).await;
                Ok(done)
            }
        }
    }
}

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
        self.run("commit", |state| {
            let meeting = &decision.meeting;
            let stored = state.meetings.get(&meeting.id).map(|stored| stored.version);
            if stored.map(Version::next) != Some(decision.entry.version) {
                return Err(CommitError::Conflict);
            }
            state.meetings.insert(meeting.id.clone(), meeting.clone());
            let log = state.logs.entry(meeting.id.clone()).or_default();
            log.insert(decision.entry.version, decision.entry.clone());
            Ok(())
        })
        .await?
    }

    async fn log(&self, id: &MeetingId, after: Version, limit: u32) -> Result<LogPage, StoreError> {
        self.run("log", |state| {
            let entries: Vec<LogEntry> = state
                .logs
                .get(id)
                .map(|log| log.range(after.next()..).map(|(_, entry)| entry.clone()).collect())
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
    if let Some(after) = &query.after {
        let seen = own.iter().position(|(position, _)| position == after).map_or(0, |at| at + 1);
        own.drain(..seen);
    }
    let limit = query.limit as usize;
    let next = own.get(limit).and_then(|_| own.get(limit.checked_sub(1)?)).map(|(position, _)| position.clone());
    MeetingPage { meetings: own.into_iter().take(limit).map(|(_, own)| own).collect(), next }
}

impl Rooms for MemoryStore {
    async fn room(&self, id: &MeetingId, now: Timestamp) -> Result<Option<RoomView>, StoreError> {
        self.run("room", |state| {
            let meeting = state.meetings.get(id)?.clone();
            let presences = state.presences.get(id).map(|room| room.values().cloned().collect()).unwrap_or_default();
            Some(RoomView::new(meeting, presences, now))
        })
        .await
    }

    async fn enter(&self, connection: &Connection, room: &MeetingId, presence: &Presence) -> Result<(), StoreError> {
        self.run("enter", |state| {
            let Some(stored) = state.connections.get_mut(&connection.id) else { return };
            if stored.disconnected_at.is_none() {
                stored.room = Some(room.clone());
                let members = state.presences.entry(room.clone()).or_default();
                members.insert(connection.id.clone(), presence.clone());
            }
        })
        .await
    }

    async fn leave(&self, room: &MeetingId, connection: &ConnectionId) -> Result<bool, StoreError> {
        self.run("leave", |state| {
            state.presences.get_mut(room).is_some_and(|members| members.remove(connection).is_some())
        })
        .await
    }

    async fn set_media(
        &self,
        room: &MeetingId,
        connection: &ConnectionId,
        media: MediaState,
    ) -> Result<bool, StoreError> {
        self.run("set_media", |state| {
            let presence = state.presences.get_mut(room).and_then(|members| members.get_mut(connection));
            presence.map(|presence| presence.media = media).is_some()
        })
        .await
    }
}

impl Connections for MemoryStore {
    async fn open(&self, connection: &Connection, lease_due: Timestamp) -> Result<(), StoreError> {
        self.run("open", |state| {
            state.connections.insert(connection.id.clone(), connection.clone());
            state.leases.insert(connection.id.clone(), (lease_due, false));
            let session = Session { id: connection.recovery_id.clone(), connection_id: connection.id.clone() };
            state.sessions.insert(session.id.clone(), session);
        })
        .await
    }

    async fn open_guest(&self, id: &ConnectionId, lease_due: Timestamp) -> Result<(), StoreError> {
        self.run("open_guest", |state| {
            state.leases.insert(id.clone(), (lease_due, false));
        })
        .await
    }

    async fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>, StoreError> {
        self.run("connection", |state| state.connections.get(id).cloned()).await
    }

    async fn session(&self, id: &RecoveryId) -> Result<Option<Session>, StoreError> {
        self.run("session", |state| state.sessions.get(id).cloned()).await
    }

    async fn forget_room(&self, id: &ConnectionId, room: &MeetingId) -> Result<(), StoreError> {
        self.run("forget_room", |state| {
            if let Some(connection) = state.connections.get_mut(id)
                && connection.room.as_ref() == Some(room)
            {
                connection.room = None;
            }
        })
        .await
    }

    async fn close(&self, id: &ConnectionId, at: Timestamp, recoverable: bool) -> Result<bool, StoreError> {
        self.run("close", |state| {
            let guest = state.leases.remove(id).is_some() && !state.connections.contains_key(id);
            let Some(connection) = state.connections.get_mut(id) else { return guest };
            let first = connection.disconnected_at.is_none();
            if first {
                connection.disconnected_at = Some(at);
                if !recoverable {
                    connection.room = None;
                    state.sessions.remove(&connection.recovery_id);
                }
            }
            first
        })
        .await
    }

    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<DueLease>, StoreError> {
        self.run("due", |state| {
            let due = state.leases.iter().filter(|(_, (due, _))| *due <= now);
            due.map(|(id, (_, awaiting))| DueLease { connection_id: id.clone(), awaiting_pong: *awaiting })
                .take(limit as usize)
                .collect()
        })
        .await
    }

    async fn pinged(&self, id: &ConnectionId, now: Timestamp, due: Timestamp) -> Result<bool, StoreError> {
        self.run("pinged", |state| match state.leases.get_mut(id) {
            Some(lease) if lease.0 <= now => {
                *lease = (due, true);
                true
            }
            _ => false,
        })
        .await
    }

    async fn ponged(&self, id: &ConnectionId, due: Timestamp) -> Result<(), StoreError> {
        self.run("ponged", |state| {
            if let Some(lease) = state.leases.get_mut(id) {
                *lease = (due, false);
            }
        })
        .await
    }
}

impl Polling for MemoryStore {
    async fn keep(&self, session: &PollingSession) -> Result<(), StoreError> {
        self.run("keep", |state| {
            state.polling.insert(session.sid.clone(), session.clone());
        })
        .await
    }

    async fn upgrade(
        &self,
        connection: &ConnectionId,
        sid: &SocketId,
        _expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.run("upgrade", |state| {
            state.upgrades.insert(connection.clone(), sid.clone());
        })
        .await
    }

    async fn upgraded(&self, connection: &ConnectionId) -> Result<Option<PollingSession>, StoreError> {
        self.run("upgraded", |state| state.polling.get(state.upgrades.get(connection)?).cloned()).await
    }
}
