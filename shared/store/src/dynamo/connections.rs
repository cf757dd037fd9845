//! Connections, their sessions and leases.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use dais_domain::{ConnectionId, MeetingId, RecoveryId, Timestamp};
use futures::future::try_join_all;

use super::{DynamoStore, is_condition_failure, retry_conflicts, unavailable};
use crate::{
    Connection, Connections, DueLease, Session, StoreError,
    items::{Item, body, item, key_item, number, string, with_ttl},
    keys,
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
        let key = keys::connection(id);
        let mut entry = key_item(key);
        entry.insert("guest".to_owned(), AttributeValue::Bool(true));
        self.put_plain(with_ttl(with_lease(entry, id, lease_due), lease_due.plus(KEPT))).await
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
        })
        .await;
        match forgotten {
            Err(error) if !is_condition_failure(&error) => Err(unavailable("UpdateItem")(error)),
            _ => Ok(()),
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
                .condition_expression("attribute_exists(pk) AND (disconnected_at = :none OR guest = :guest)")
                .expression_attribute_values(":at", number(at.as_ms()))
                .expression_attribute_values(":none", AttributeValue::Null(true))
                .expression_attribute_values(":guest", AttributeValue::Bool(true));
            if !recoverable {
                update = update.expression_attribute_values(":void", string(VOID_RECOVERY));
            }
            update.send()
        })
        .await;
        match closed {
            Ok(_) => Ok(true),
            Err(error) if is_condition_failure(&error) => Ok(false),
            Err(error) => Err(unavailable("UpdateItem")(error)),
        }
    }

    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<DueLease>, StoreError> {
        let shards = (0..keys::LEASE_SHARDS).map(|shard| self.due_in(shard, now, limit));
        let mut due: Vec<DueLease> = try_join_all(shards).await?.into_iter().flatten().collect();
        due.truncate(limit as usize);
        Ok(due)
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
        })
        .await;
        match pinged {
            Ok(_) => Ok(true),
            Err(error) if is_condition_failure(&error) => Ok(false),
            Err(error) => Err(unavailable("UpdateItem")(error)),
        }
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
        })
        .await;
        match ponged {
            Err(error) if !is_condition_failure(&error) => Err(unavailable("UpdateItem")(error)),
            _ => Ok(()),
        }
    }
}

/// Stands where a recovery id was that must not be used again.
const VOID_RECOVERY: &str = "void";

impl DynamoStore {
    pub(super) async fn put_plain(&self, item: Item) -> Result<(), StoreError> {
        retry_conflicts(|| self.client.put_item().table_name(&self.table).set_item(Some(item.clone())).send())
            .await
            .map(drop)
            .map_err(unavailable("PutItem"))
    }

    pub(super) async fn get(&self, key: keys::Key) -> Result<Option<Item>, StoreError> {
        let output = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key_item(key)))
            .consistent_read(true)
            .send()
            .await
            .map_err(unavailable("GetItem"))?;
        Ok(output.item)
    }

    async fn due_in(&self, shard: u8, now: Timestamp, limit: u32) -> Result<Vec<DueLease>, StoreError> {
        let output = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::LEASES_INDEX)
            .key_condition_expression("lease_pk = :shard AND lease_due <= :now")
            .expression_attribute_values(":shard", string(keys::lease_shard(shard)))
            .expression_attribute_values(":now", number(now.as_ms()))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
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

fn due_lease(item: Item) -> Result<DueLease, StoreError> {
    let id = item
        .get(keys::PK)
        .and_then(|pk| pk.as_s().ok())
        .and_then(|pk| pk.strip_prefix("C#"))
        .and_then(|id| ConnectionId::new(id).ok())
        .ok_or_else(|| StoreError::Corrupt { item: "lease", reason: "its key names no connection".to_owned() })?;
    let awaiting_pong = item.get("awaiting_pong").and_then(|flag| flag.as_bool().ok()).copied().unwrap_or(false);
    Ok(DueLease { connection_id: id, awaiting_pong })
}
