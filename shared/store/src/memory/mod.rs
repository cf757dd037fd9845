//! The table in memory, for tests: the same contract, and [`Weather`] for what a real table does on a bad day.

mod attendance;
mod connections;
mod directory;
mod invitations;
mod mails;
mod media;
mod meetings;
mod polling;
mod rooms;
mod weather;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use dais_domain::{
    ConnectionId, EmailAddress, LogEntry, Meeting, MeetingId, Presence, RecoveryId, SocketId, Timestamp, UserId,
    Version, WebhookId,
};

use crate::{Attended, Connection, CreationKey, PollingSession, Session, StoreError, directory::Record};
pub use weather::{FairWeather, Fate, Pause, Weather};

#[derive(Debug, Default)]
struct State {
    meetings: HashMap<MeetingId, Meeting>,
    logs: HashMap<MeetingId, BTreeMap<Version, LogEntry>>,
    presences: HashMap<MeetingId, BTreeMap<ConnectionId, Presence>>,
    keys: HashMap<(UserId, String), (MeetingId, CreationKey)>,
    connections: HashMap<ConnectionId, Connection>,
    guests: HashSet<ConnectionId>,
    leases: HashMap<ConnectionId, (Timestamp, bool)>,
    sessions: HashMap<RecoveryId, Session>,
    polling: HashMap<SocketId, PollingSession>,
    upgrades: HashMap<ConnectionId, SocketId>,
    users: HashMap<UserId, Record>,
    addresses: HashMap<EmailAddress, UserId>,
    webhooks: HashSet<WebhookId>,
    attended: BTreeMap<(MeetingId, UserId), Attended>,
    /// Own meetings that were erased for a user who still is in them.
    erased: HashSet<(UserId, MeetingId)>,
    invited: invitations::Invited,
    mails: mails::Post,
    media: media::Media,
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
