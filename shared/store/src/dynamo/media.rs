//! Media nodes, and which of them has which room.

use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use dais_domain::{MediaClaim, MeetingId, NodeId, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    DynamoStore, retry_conflicts,
    transact::{built, condition_failed, reasons},
    unavailable, written,
};
use crate::{
    ClaimError, MediaNodeRecord, MediaNodes, StoreError,
    items::{Item, body, item, key_item, number, string, with_ttl},
    keys,
};

/// How long the record of a node is kept that has died or retired.
const RECORD_KEPT: Duration = Duration::from_secs(6 * 3600);
/// How long a node's note of a claim is kept. The claim itself stays until it is replaced or released.
const NOTE_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// Places of the writes of a claim, as the reasons of a cancelled transaction come in their order.
const CLAIM: usize = 0;
const NODE: usize = 1;
const MEETING: usize = 2;

const SAME_CLAIM: &str = "node = :node AND epoch = :epoch AND claimed_at = :at";

/// A node's note of a claim.
#[derive(Serialize, Deserialize)]
struct ClaimedItem {
    room: MeetingId,
    claim: MediaClaim,
}

impl MediaNodes for DynamoStore {
    async fn nodes(&self) -> Result<Vec<MediaNodeRecord>, StoreError> {
        let mut nodes = Vec::new();
        let mut start = None;
        loop {
            let output = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk")
                .filter_expression("attribute_not_exists(retired)")
                .expression_attribute_values(":pk", string(keys::NODES))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(unavailable("Query"))?;
            for item in output.items.unwrap_or_default() {
                nodes.push(body("media node", item)?);
            }
            start = output.last_evaluated_key;
            if start.is_none() {
                return Ok(nodes);
            }
        }
    }

    async fn node(&self, id: &NodeId) -> Result<Option<MediaNodeRecord>, StoreError> {
        let there = self.get(keys::node(id)).await?.filter(|item| !item.contains_key("retired"));
        there.map(|item| body("media node", item)).transpose()
    }

    async fn renew_node(&self, record: &MediaNodeRecord) -> Result<bool, StoreError> {
        let entry = item("media node", keys::node(&record.id), record)?;
        let entry = with_ttl(entry, record.lease_until.plus(RECORD_KEPT));
        let put = retry_conflicts(|| {
            self.client
                .put_item()
                .table_name(&self.table)
                .set_item(Some(entry.clone()))
                .condition_expression(
                    "attribute_not_exists(pk) OR (attribute_not_exists(retired) AND lease_until <= :until)",
                )
                .expression_attribute_values(":until", number(record.lease_until.as_ms()))
                .send()
        });
        written("PutItem", put.await)
    }

    async fn retire_node(&self, id: &NodeId, now: Timestamp) -> Result<(), StoreError> {
        let mut entry = key_item(keys::node(id));
        entry.insert("retired".to_owned(), AttributeValue::Bool(true));
        self.put_plain(with_ttl(entry, now.plus(RECORD_KEPT))).await
    }

    async fn claim_room(
        &self,
        room: &MeetingId,
        node: &NodeId,
        replacing: Option<&MediaClaim>,
        now: Timestamp,
    ) -> Result<MediaClaim, ClaimError> {
        let epoch = replacing.map_or(1, |before| before.epoch + 1);
        let claim = MediaClaim { node: node.clone(), epoch, claimed_at: now };
        let mut writes = vec![
            self.put_claim(room, &claim, replacing)?,
            self.check(
                keys::node(node),
                // One that has retired has no lease.
                "draining = :0 AND lease_until > :1",
                [AttributeValue::Bool(false), number(now.as_ms())],
            )?,
            self.check(keys::meeting(room), "attribute_exists(pk) AND ended_at = :0", [AttributeValue::Null(true)])?,
            self.put(with_ttl(
                item("claim", keys::claimed(node, room), ClaimedItem { room: room.clone(), claim: claim.clone() })?,
                now.plus(NOTE_KEPT),
            ))?,
        ];
        if let Some(before) = replacing.filter(|before| before.node != *node) {
            writes.push(self.delete(keys::claimed(&before.node, room))?);
        }
        // The node renews its record all the time. What holds is read anew with every try.
        match self.transact_past_conflicts(writes).await {
            Ok(_) => Ok(claim),
            Err(error) if condition_failed(&error, CLAIM) => {
                match reasons(&error).get(CLAIM).and_then(|reason| reason.item().cloned()) {
                    Some(there) => {
                        let there: MediaClaim = body("claim", there)?;
                        // An earlier try of this very call has done it, and its answer was lost.
                        if there == claim { Ok(claim) } else { Err(ClaimError::Taken(there)) }
                    }
                    None => Err(unavailable("TransactWriteItems")(error).into()),
                }
            }
            Err(error) if condition_failed(&error, MEETING) => Err(ClaimError::NoRoom),
            Err(error) if condition_failed(&error, NODE) => Err(ClaimError::NodeGone),
            Err(error) => Err(unavailable("TransactWriteItems")(error).into()),
        }
    }

    async fn claim_of(&self, room: &MeetingId) -> Result<Option<MediaClaim>, StoreError> {
        self.get(keys::claim(room)).await?.map(|item| body("claim", item)).transpose()
    }

    async fn claims_of(
        &self,
        node: &NodeId,
        after: Option<&MeetingId>,
        limit: u32,
    ) -> Result<Vec<(MeetingId, MediaClaim)>, StoreError> {
        let limit = limit as usize;
        let mut claims = Vec::new();
        let mut start = after.map(|after| key_item(keys::claimed(node, after)));
        loop {
            let output = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk AND begins_with(sk, :claimed)")
                .expression_attribute_values(":pk", string(keys::node_partition(node)))
                .expression_attribute_values(":claimed", string(keys::CLAIMED))
                .consistent_read(true)
                .limit(i32::try_from(limit.max(1)).unwrap_or(i32::MAX))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(unavailable("Query"))?;
            for item in output.items.unwrap_or_default() {
                let ClaimedItem { room, claim } = body("claim", item)?;
                claims.push((room, claim));
            }
            start = output.last_evaluated_key;
            if start.is_none() || claims.len() >= limit {
                claims.truncate(limit);
                return Ok(claims);
            }
        }
    }

    async fn release_room(&self, room: &MeetingId, claim: &MediaClaim) -> Result<bool, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key_item(keys::claim(room))))
            .condition_expression(SAME_CLAIM)
            .set_expression_attribute_values(Some(same_claim(claim)))
            .build()
            .map_err(built)?;
        let writes =
            vec![TransactWriteItem::builder().delete(delete).build(), self.delete(keys::claimed(&claim.node, room))?];
        match self.transact_past_conflicts(writes).await {
            Ok(_) => Ok(true),
            Err(error) if condition_failed(&error, 0) => Ok(false),
            Err(error) => Err(unavailable("TransactWriteItems")(error)),
        }
    }
}

impl DynamoStore {
    /// The claim in the room, if nobody has it or it still has the one before.
    fn put_claim(
        &self,
        room: &MeetingId,
        claim: &MediaClaim,
        replacing: Option<&MediaClaim>,
    ) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item("claim", keys::claim(room), claim)?))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = match replacing {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(before) => put
                .condition_expression(format!("attribute_not_exists(pk) OR ({SAME_CLAIM})"))
                .set_expression_attribute_values(Some(same_claim(before))),
        };
        Ok(TransactWriteItem::builder().put(put.build().map_err(built)?).build())
    }
}

/// The values of [`SAME_CLAIM`].
fn same_claim(claim: &MediaClaim) -> Item {
    Item::from([
        (":node".to_owned(), string(claim.node.as_str())),
        (":epoch".to_owned(), number(claim.epoch)),
        (":at".to_owned(), number(claim.claimed_at.as_ms())),
    ])
}
