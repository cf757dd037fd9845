//! Connections, their sessions and leases.

use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use dais_domain::{ConnectionId, MeetingId, RecoveryId, Timestamp};
use futures::future::try_join_all;

use super::{DynamoStore, retry_conflicts, unavailable, written};
use crate::{
    Connection, Connections, DueLease, Session, StoreError,
    items::{Item, body, item, key_item, number, string, with_ttl},
    keys,
    model::VOID_RECOVERY,
};

/// How long an item about a connection can matter: API Gateway's two hours, and then some for recovery.
const KEPT: Duration = Duration::from_secs(2 * 3600 + 1800);

impl Connections for DynamoStore {
    async fn open(&self, connection: &Connection, lease_due: Timestamp) -> Result<(), StoreError> {
        let until = connection.connected_at.plus(KEPT);
        let entry = item("connection", keys::connection(&connection.id), connection)?;
        let entry = with_ttl(with_lease(entry, &connection.id, lease_due), until);
        let session = Session { id: connection.recovery_id.clone(), connection_id: connection.id.clone() };
        let session = with_ttl(item("session", keys::session(&connection.recovery_id), session)?, until);
        let (entry, session) = futures::join!(self.put_plain(entry), self.put_plain(session));
        entry.and(session)
    }

    async fn open_guest(&self, id: &ConnectionId, lease_due: Timestamp) -> Result<(), StoreError> {
        let mut entry = key_item(keys::connection(id));
        entry.insert("guest".to_owned(), AttributeValue::Bool(true));
        let entry = with_ttl(with_lease(entry, id, lease_due), lease_due.plus(KEPT));
        let put = retry_conflicts(|| {
            self.client
                .put_item()
                .table_name(&self.table)
                .set_item(Some(entry.clone()))
                // It may come after the connection has authenticated, or has gone.
                .condition_expression("attribute_not_exists(pk)")
                .send()
        });
        written("PutItem", put.await).map(drop)
    }

    async fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>, StoreError> {
        let item = self.get(keys::connection(id)).await?;
        item.filter(|item| !item.contains_key("guest")).map(|item| body("connection", item)).transpose()
    }

    async fn session(&self, id: &RecoveryId) -> Result<Option<Session>, StoreError> {
        self.get(keys::session(id)).await?.map(|item| body("session", item)).transpose()
    }

    async fn forget_room(&self, id: &ConnectionId, room: &MeetingId) -> Result<(), StoreError> {
        let forgotten = retry_conflicts(|| {
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(key_item(keys::connection(id))))
                .update_expression("SET room = :none")
                .condition_expression("room = :room")
                .expression_attribute_values(":none", AttributeValue::Null(true))
                .expression_attribute_values(":room", string(room.as_str()))
                .send()
        });
        written("UpdateItem", forgotten.await).map(drop)
    }

    async fn close(&self, id: &ConnectionId, at: Timestamp, recoverable: bool) -> Result<bool, StoreError> {
        let forget = if recoverable { "" } else { ", room = :none, recovery_id = :void" };
        let closed = retry_conflicts(|| {
            let mut update = self
                .client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(key_item(keys::connection(id))))
                .update_expression(format!("SET disconnected_at = :at{forget} REMOVE lease_pk, lease_due"))
                // A guest has no such attribute until it is closed.
                .condition_expression(
                    "attribute_exists(pk) AND (disconnected_at = :none OR attribute_not_exists(disconnected_at))",
                )
                .expression_attribute_values(":at", number(at.as_ms()))
                .expression_attribute_values(":none", AttributeValue::Null(true))
                .return_values(ReturnValue::UpdatedOld);
            if !recoverable {
                update = update.expression_attribute_values(":void", string(VOID_RECOVERY));
            }
            update.send()
        })
        .await;
        let before = closed.as_ref().ok().and_then(|output| output.attributes.as_ref());
        let recovery = before.and_then(|item| item.get("recovery_id")?.as_s().ok()).map(RecoveryId::new);
        if let Some(Ok(recovery)) = recovery {
            self.forget_session(&recovery, id).await;
        }
        written("UpdateItem", closed)
    }

    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<DueLease>, StoreError> {
        let shards = (0..keys::LEASE_SHARDS).map(|shard| self.due_in(shard, now, limit));
        let mut due: Vec<(u64, DueLease)> = try_join_all(shards).await?.into_iter().flatten().collect();
        due.sort_by_key(|(at, _)| *at);
        Ok(due.into_iter().take(limit as usize).map(|(_, lease)| lease).collect())
    }

    async fn pinged(&self, id: &ConnectionId, now: Timestamp, due: Timestamp) -> Result<bool, StoreError> {
        let pinged = retry_conflicts(|| {
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(key_item(keys::connection(id))))
                .update_expression("SET lease_due = :due, awaiting_pong = :yes")
                .condition_expression("lease_due <= :now")
                .expression_attribute_values(":due", number(due.as_ms()))
                .expression_attribute_values(":now", number(now.as_ms()))
                .expression_attribute_values(":yes", AttributeValue::Bool(true))
                .send()
        });
        written("UpdateItem", pinged.await)
    }

    async fn ponged(&self, id: &ConnectionId, due: Timestamp) -> Result<(), StoreError> {
        let ponged = retry_conflicts(|| {
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(key_item(keys::connection(id))))
                .update_expression("SET lease_due = :due REMOVE awaiting_pong")
                .condition_expression("attribute_exists(lease_due)")
                .expression_attribute_values(":due", number(due.as_ms()))
                .send()
        });
        written("UpdateItem", ponged.await).map(drop)
    }
}

impl DynamoStore {
    /// Deletes a session, if this connection is its latest. The connection no longer carries its id, which is what counts:
    /// a failure is only logged.
    async fn forget_session(&self, id: &RecoveryId, connection: &ConnectionId) {
        let deleted = retry_conflicts(|| {
            self.client
                .delete_item()
                .table_name(&self.table)
                .set_key(Some(key_item(keys::session(id))))
                .condition_expression("connection_id = :connection")
                .expression_attribute_values(":connection", string(connection.as_str()))
                .send()
        });
        if let Err(error) = written("DeleteItem", deleted.await) {
            tracing::warn!(%connection, %error, "the session of a closed connection stays until it expires");
        }
    }

    async fn due_in(&self, shard: u8, now: Timestamp, limit: u32) -> Result<Vec<(u64, DueLease)>, StoreError> {
        let output = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::LEASES_INDEX)
            .key_condition_expression("lease_pk = :shard AND lease_due <= :now")
            .expression_attribute_values(":shard", string(keys::lease_shard(shard)))
            .expression_attribute_values(":now", number(now.as_ms()))
            .limit(i32::try_from(limit.max(1)).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(unavailable("Query"))?;
        output.items.unwrap_or_default().into_iter().map(due_lease).collect()
    }
}

fn with_lease(mut entry: Item, id: &ConnectionId, due: Timestamp) -> Item {
    entry.insert("lease_pk".to_owned(), string(keys::lease_partition(id)));
    entry.insert("lease_due".to_owned(), number(due.as_ms()));
    entry
}

/// A lease, with when it is due.
fn due_lease(item: Item) -> Result<(u64, DueLease), StoreError> {
    let id = item
        .get(keys::PK)
        .and_then(|pk| pk.as_s().ok())
        .and_then(|pk| pk.strip_prefix("C#"))
        .and_then(|id| ConnectionId::new(id).ok())
        .ok_or_else(|| StoreError::Corrupt { item: "lease", reason: "its key names no connection".to_owned() })?;
    let due = item.get("lease_due").and_then(|due| due.as_n().ok()?.parse().ok()).unwrap_or_default();
    let awaiting_pong = item.get("awaiting_pong").and_then(|flag| flag.as_bool().ok()).copied().unwrap_or(false);
    Ok((due, DueLease { connection_id: id, awaiting_pong }))
}
