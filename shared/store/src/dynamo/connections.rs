//! Connections, their sessions and leases.

use std::time::Duration;

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::update_item::UpdateItemError,
    types::{AttributeValue, Delete, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update},
};
use dais_domain::{ConnectionId, MeetingId, RecoveryId, Timestamp};
use futures::future::try_join_all;

use super::{
    DynamoStore, retry_conflicts,
    transact::{built, condition_failed},
    unavailable, written,
};
use crate::{
    Connection, Connections, DueLease, Session, StoreError,
    items::{Item, body, item, key_item, number, string, with_ttl},
    keys,
    model::VOID_RECOVERY,
};

/// How long an item about a connection can matter: API Gateway's two hours, and then some for recovery.
const KEPT: Duration = Duration::from_secs(2 * 3600 + 1800);

/// A connection of a user that is not marked as gone.
const OPEN: &str = "attribute_exists(user_id) AND disconnected_at = :none";
const OPEN_OR_RECOVERABLE: &str = "attribute_exists(user_id) AND (disconnected_at = :none OR recovery_id <> :void)";

impl Connections for DynamoStore {
    async fn open(&self, connection: &Connection, lease_due: Timestamp) -> Result<(), StoreError> {
        let until = connection.connected_at.plus(KEPT);
        let entry = item("connection", keys::connection(&connection.id), connection)?;
        let entry = with_ttl(with_lease(entry, &connection.id, lease_due), until);
        let session = Session { id: connection.recovery_id.clone(), connection_id: connection.id.clone() };
        let session = with_ttl(item("session", keys::session(&connection.recovery_id), session)?, until);
        let (entry, session) = futures::join!(self.put_connection(entry), self.put_plain(session));
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
        let no_room = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key_item(keys::connection(id))))
            .update_expression("SET room = :none")
            .condition_expression("room = :room")
            .expression_attribute_values(":none", AttributeValue::Null(true))
            .expression_attribute_values(":room", string(room.as_str()))
            .build()
            .map_err(built)?;
        // Deletes nothing: it only holds if there is no presence, and needs no permission of its own to say so.
        let no_presence = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key_item(keys::presence(room, id))))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(built)?;
        let writes = vec![
            TransactWriteItem::builder().update(no_room).build(),
            TransactWriteItem::builder().delete(no_presence).build(),
        ];
        match self.transact_past_conflicts(writes).await {
            Err(error) if !(condition_failed(&error, 0) || condition_failed(&error, 1)) => {
                Err(unavailable("TransactWriteItems")(error))
            }
            _ => Ok(()),
        }
    }

    async fn expect_back(&self, id: &ConnectionId, at: Timestamp, until: Timestamp) -> Result<bool, StoreError> {
        let marked = retry_conflicts(|| {
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(key_item(keys::connection(id))))
                .update_expression("SET disconnected_at = :at, lease_due = :until")
                .condition_expression(format!("{OPEN} AND attribute_exists(lease_pk)"))
                .expression_attribute_values(":at", number(at.as_ms()))
                .expression_attribute_values(":until", number(until.as_ms()))
                .expression_attribute_values(":none", AttributeValue::Null(true))
                .send()
        });
        written("UpdateItem", marked.await)
    }

    async fn closing(
        &self,
        id: &ConnectionId,
        at: Timestamp,
        recoverable: bool,
    ) -> Result<Option<Connection>, StoreError> {
        let void = if recoverable { "" } else { ", recovery_id = :void" };
        let closing = retry_conflicts(|| {
            let mut update = self
                .client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(key_item(keys::connection(id))))
                .update_expression(format!("SET disconnected_at = :at{void}"))
                // A goodbye that comes after the end of its connection still says that nobody will come back.
                .condition_expression(if recoverable { OPEN } else { OPEN_OR_RECOVERABLE })
                .expression_attribute_values(":at", number(at.as_ms()))
                .expression_attribute_values(":none", AttributeValue::Null(true))
                .return_values(ReturnValue::AllOld)
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
            if !recoverable {
                update = update.expression_attribute_values(":void", string(VOID_RECOVERY));
            }
            update.send()
        })
        .await;
        match closing {
            Ok(output) => {
                let Some(item) = output.attributes else { return Ok(None) };
                if !recoverable {
                    let before: Connection = body("connection", item.clone())?;
                    self.forget_session(&before.recovery_id, id).await;
                }
                let departing = unfinished(Some(item))?;
                Ok(departing.map(|connection| Connection { disconnected_at: Some(at), ..connection }))
            }
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                match error.into_err() {
                    UpdateItemError::ConditionalCheckFailedException(there) => unfinished(there.item),
                    _ => Ok(None),
                }
            }
            Err(error) => Err(unavailable("UpdateItem")(error)),
        }
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
                .condition_expression("attribute_exists(lease_pk)")
                .expression_attribute_values(":at", number(at.as_ms()))
                .return_values(ReturnValue::UpdatedOld);
            if !recoverable {
                update = update
                    .expression_attribute_values(":void", string(VOID_RECOVERY))
                    .expression_attribute_values(":none", AttributeValue::Null(true));
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
                // A guest has no such attribute.
                .condition_expression(
                    "attribute_exists(lease_due) AND (disconnected_at = :never OR attribute_not_exists(disconnected_at))",
                )
                .expression_attribute_values(":due", number(due.as_ms()))
                .expression_attribute_values(":never", AttributeValue::Null(true))
                .send()
        });
        written("UpdateItem", ponged.await).map(drop)
    }
}

impl DynamoStore {
    /// Writes a connection unless it is there: a CONNECT that comes twice must not take it out of its room.
    async fn put_connection(&self, item: Item) -> Result<(), StoreError> {
        let put = retry_conflicts(|| {
            self.client
                .put_item()
                .table_name(&self.table)
                .set_item(Some(item.clone()))
                .condition_expression("attribute_not_exists(pk) OR attribute_exists(guest)")
                .send()
        });
        written("PutItem", put.await).map(drop)
    }

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

/// A connection that still has its lease.
fn unfinished(item: Option<Item>) -> Result<Option<Connection>, StoreError> {
    let item = item.filter(|item| !item.contains_key("guest") && item.contains_key("lease_pk"));
    item.map(|item| body("connection", item)).transpose()
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
