//! Transactions: how they are sent, and why they were cancelled.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::transact_write_items::{TransactWriteItemsError, TransactWriteItemsOutput},
    types::{
        AttributeValue, CancellationReason, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure,
        TransactWriteItem,
    },
};

use super::{DynamoStore, Pauses};
use crate::{
    StoreError,
    items::{Item, key_item},
    keys::Key,
};

const THROTTLED: &[&str] = &["ThrottlingError", "ProvisionedThroughputExceeded"];
const CONFLICT: &[&str] = &["TransactionConflict"];

type Cancelled = SdkError<TransactWriteItemsError>;

impl DynamoStore {
    /// Sends a transaction, again when it was cancelled for want of capacity: the SDK retries a throttled request,
    /// but not a transaction of which one item was throttled. A cancelled transaction has written nothing.
    pub(super) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<TransactWriteItemsOutput, Cancelled> {
        self.transact_while(writes, |error| is_only(error, THROTTLED)).await
    }

    /// The same, also again when another write of one of its items was under way. For transactions that do not
    /// depend on what the other one writes.
    pub(super) async fn transact_past_conflicts(
        &self,
        writes: Vec<TransactWriteItem>,
    ) -> Result<TransactWriteItemsOutput, Cancelled> {
        self.transact_while(writes, |error| is_only(error, &[THROTTLED, CONFLICT].concat())).await
    }

    async fn transact_while(
        &self,
        writes: Vec<TransactWriteItem>,
        again: impl Fn(&Cancelled) -> bool,
    ) -> Result<TransactWriteItemsOutput, Cancelled> {
        let mut pauses = Pauses::new();
        loop {
            let sent = self.client.transact_write_items().set_transact_items(Some(writes.clone())).send().await;
            match sent {
                Err(error) if again(&error) && pauses.next().await => {}
                done => return done,
            }
        }
    }

    /// Writes an item whatever was there.
    pub(super) fn put(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(&self.table).set_item(Some(item)).build().map_err(built)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Writes an item on condition that its key is free; otherwise the reason shows what is there.
    pub(super) fn put_new(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(built)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Writes an item on a condition, in which `:0`, `:1` … stand for `values`.
    pub(super) fn put_if(
        &self,
        item: Item,
        condition: &str,
        values: impl IntoIterator<Item = AttributeValue>,
    ) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values(numbered(values))
            .build()
            .map_err(built)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Holds only if this condition is so; writes nothing.
    pub(super) fn check(
        &self,
        key: Key,
        condition: &str,
        values: impl IntoIterator<Item = AttributeValue>,
    ) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(key_item(key)))
            .condition_expression(condition)
            .set_expression_attribute_values(numbered(values))
            .build()
            .map_err(built)?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// Deletes an item on a condition, as [`DynamoStore::put_if`].
    pub(super) fn delete_if(
        &self,
        key: Key,
        condition: &str,
        values: impl IntoIterator<Item = AttributeValue>,
    ) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key_item(key)))
            .condition_expression(condition)
            .set_expression_attribute_values(numbered(values))
            .build()
            .map_err(built)?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// Deletes an item if it is there.
    pub(super) fn delete(&self, key: Key) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder().table_name(&self.table).set_key(Some(key_item(key))).build().map_err(built)?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}

fn numbered(values: impl IntoIterator<Item = AttributeValue>) -> Option<Item> {
    let values: Item = values.into_iter().enumerate().map(|(at, value)| (format!(":{at}"), value)).collect();
    (!values.is_empty()).then_some(values)
}

/// Why a transaction was cancelled, in the order of its writes; empty when it failed otherwise.
pub(super) fn reasons(error: &Cancelled) -> &[CancellationReason] {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => cancelled.cancellation_reasons(),
        _ => &[],
    }
}

/// Whether the condition of the write at this place failed.
pub(super) fn condition_failed(error: &Cancelled, at: usize) -> bool {
    reasons(error).get(at).is_some_and(|reason| reason.code() == Some("ConditionalCheckFailed"))
}

/// Whether somebody else's write was the reason, before this one or at the same time.
pub(super) fn is_conflict(error: &Cancelled) -> bool {
    let conflicts =
        |reason: &CancellationReason| matches!(reason.code(), Some("ConditionalCheckFailed" | "TransactionConflict"));
    reasons(error).iter().any(conflicts)
        || matches!(error.as_service_error(), Some(TransactWriteItemsError::TransactionInProgressException(_)))
}

/// Whether all reasons there are have one of these codes.
fn is_only(error: &Cancelled, codes: &[&str]) -> bool {
    let mut there =
        reasons(error).iter().filter_map(CancellationReason::code).filter(|code| *code != "None").peekable();
    there.peek().is_some() && there.all(|code| codes.contains(&code))
}

/// A request that the SDK will not build: a mistake here, never the caller's.
pub(super) fn built(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt { item: "request", reason: error.to_string() }
}
