//! Sessions that begin with long-polling.

use std::time::Duration;

use dais_domain::{ConnectionId, SocketId, Timestamp};
use serde::{Deserialize, Serialize};

use super::DynamoStore;
use crate::{
    Polling, PollingSession, StoreError,
    items::{body, item, with_ttl},
    keys,
};

/// Which polling session a WebSocket upgrades.
#[derive(Serialize, Deserialize)]
struct UpgradeItem {
    sid: SocketId,
    expires_at: Timestamp,
}

impl Polling for DynamoStore {
    async fn keep(&self, session: &PollingSession) -> Result<(), StoreError> {
        let entry = item("polling session", keys::polling(&session.sid), session)?;
        self.put_plain(with_ttl(entry, session.expires_at.plus(Duration::from_secs(60)))).await
    }

    async fn upgrade(
        &self,
        connection: &ConnectionId,
        sid: &SocketId,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let entry = item("upgrade", keys::upgrade(connection), UpgradeItem { sid: sid.clone(), expires_at })?;
        self.put_plain(with_ttl(entry, expires_at)).await
    }

    async fn upgraded(&self, connection: &ConnectionId) -> Result<Option<PollingSession>, StoreError> {
        let Some(found) = self.get(keys::upgrade(connection)).await? else { return Ok(None) };
        let UpgradeItem { sid, .. } = body("upgrade", found)?;
        self.get(keys::polling(&sid)).await?.map(|item| body("polling session", item)).transpose()
    }
}
