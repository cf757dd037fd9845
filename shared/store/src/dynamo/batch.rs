//! Reading many items by their keys.

use std::collections::HashSet;

use aws_sdk_dynamodb::types::KeysAndAttributes;

use super::{DynamoStore, Pauses, transact::built, unavailable};
use crate::{
    StoreError,
    items::{Item, key_item},
    keys::Key,
};

/// Keys in one BatchGetItem: DynamoDB's bound.
const KEYS_PER_BATCH: usize = 100;

impl DynamoStore {
    /// Those of these items that are there, in no order, strongly consistent. DynamoDB refuses a key that comes twice;
    /// here it may: while an index is being written it may show an item at its old and its new place.
    pub(super) async fn get_many(&self, keys: impl Iterator<Item = Key>) -> Result<Vec<Item>, StoreError> {
        let distinct: HashSet<Key> = keys.collect();
        let mut wanted: Vec<Item> = distinct.into_iter().map(key_item).collect();
        let mut found = Vec::new();
        let mut pauses = Pauses::new();
        while !wanted.is_empty() {
            let rest = wanted.split_off(wanted.len().min(KEYS_PER_BATCH));
            let asked = wanted.len();
            let keys =
                KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true).build().map_err(built)?;
            let request = self.client.batch_get_item().request_items(&self.table, keys);
            let output = request.send().await.map_err(unavailable("BatchGetItem"))?;
            found.extend(output.responses.and_then(|mut tables| tables.remove(&self.table)).unwrap_or_default());
            let unprocessed = output.unprocessed_keys.and_then(|mut tables| tables.remove(&self.table));
            wanted = unprocessed.map(|left| left.keys).unwrap_or_default();
            if wanted.len() == asked && !pauses.next().await {
                let reason = "the table left all keys unprocessed".to_owned();
                return Err(StoreError::Unavailable { operation: "BatchGetItem", reason });
            }
            wanted.extend(rest);
        }
        Ok(found)
    }
}
