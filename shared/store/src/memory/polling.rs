//! Sessions that begin with long-polling.

use dais_domain::{ConnectionId, SocketId, Timestamp};

use super::MemoryStore;
use crate::{Polling, PollingSession, StoreError};

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
