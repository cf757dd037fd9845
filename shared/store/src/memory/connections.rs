//! Connections, their sessions and leases.

use dais_domain::{ConnectionId, MeetingId, RecoveryId, Timestamp};

use super::{MemoryStore, State};
use crate::{Connection, Connections, DueLease, Session, StoreError, model::VOID_RECOVERY};

impl Connections for MemoryStore {
    async fn open(&self, connection: &Connection, lease_due: Timestamp) -> Result<(), StoreError> {
        self.run("open", |state| {
            if state.connections.contains_key(&connection.id) {
                return;
            }
            state.guests.remove(&connection.id);
            state.connections.insert(connection.id.clone(), connection.clone());
            state.leases.insert(connection.id.clone(), (lease_due, false));
            let session = Session { id: connection.recovery_id.clone(), connection_id: connection.id.clone() };
            state.sessions.insert(session.id.clone(), session);
        })
        .await
    }

    async fn open_guest(&self, id: &ConnectionId, lease_due: Timestamp) -> Result<(), StoreError> {
        self.run("open_guest", |state| {
            if !state.connections.contains_key(id) && state.guests.insert(id.clone()) {
                state.leases.insert(id.clone(), (lease_due, false));
            }
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
                && !state.presences.get(room).is_some_and(|members| members.contains_key(id))
            {
                connection.room = None;
            }
        })
        .await
    }

    async fn expect_back(&self, id: &ConnectionId, at: Timestamp, until: Timestamp) -> Result<bool, StoreError> {
        self.run("expect_back", |state| {
            let open = state.connections.get(id).is_some_and(|connection| connection.disconnected_at.is_none());
            let Some(lease) = state.leases.get_mut(id).filter(|_| open) else { return false };
            lease.0 = until;
            state.mark_gone(id, at, true);
            true
        })
        .await
    }

    async fn closing(
        &self,
        id: &ConnectionId,
        at: Timestamp,
        recoverable: bool,
    ) -> Result<Option<Connection>, StoreError> {
        self.run("closing", |state| {
            let before = state.connections.get(id).cloned()?;
            let open = before.disconnected_at.is_none();
            let marks = open || (!recoverable && before.recovery_id.as_str() != VOID_RECOVERY);
            if marks {
                state.mark_gone(id, at, recoverable);
            }
            let before = if marks { Connection { disconnected_at: Some(at), ..before } } else { before };
            Some(before).filter(|_| state.leases.contains_key(id))
        })
        .await
    }

    async fn close(&self, id: &ConnectionId, at: Timestamp, recoverable: bool) -> Result<bool, StoreError> {
        self.run("close", |state| {
            if state.leases.remove(id).is_none() {
                return false;
            }
            state.mark_gone(id, at, recoverable);
            if let Some(connection) = state.connections.get_mut(id).filter(|_| !recoverable) {
                connection.room = None;
            }
            true
        })
        .await
    }

    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<DueLease>, StoreError> {
        self.run("due", |state| {
            let mut due: Vec<_> = state.leases.iter().filter(|(_, (due, _))| *due <= now).collect();
            due.sort_by_key(|(_, (due, _))| *due);
            let due = due.into_iter().take(limit as usize);
            due.map(|(id, (_, awaiting))| DueLease { connection_id: id.clone(), awaiting_pong: *awaiting }).collect()
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
            let departing = state.connections.get(id).is_some_and(|connection| connection.disconnected_at.is_some());
            if let Some(lease) = state.leases.get_mut(id).filter(|_| !departing) {
                *lease = (due, false);
            }
        })
        .await
    }
}

impl State {
    fn mark_gone(&mut self, id: &ConnectionId, at: Timestamp, recoverable: bool) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        connection.disconnected_at = Some(at);
        if !recoverable {
            let void = RecoveryId::new(VOID_RECOVERY).unwrap_or_else(|_| connection.recovery_id.clone());
            let recovery_id = std::mem::replace(&mut connection.recovery_id, void);
            if self.sessions.get(&recovery_id).is_some_and(|session| session.connection_id == *id) {
                self.sessions.remove(&recovery_id);
            }
        }
    }
}
