//! Time to live by the local clock.
//!
//! The emulator has a sweep of its own, but on a file it goes by the machine's clock, which cannot be moved forward. The
//! rules are the same: a number, in seconds since the epoch, that is past, but by no more than five years. In a stream these deletions would look
//! like a user's; there is no stream here.

use std::{collections::BTreeMap, time::Duration};

use dynoxide::{Database, DynoxideError};
use serde_json::{Value, json};

use super::Table;

const FIVE_YEARS_S: u64 = 5 * 365 * 24 * 3600;
const PERIOD_MS: u64 = 60_000;

/// Rows read under one hold of the emulator's lock.
const PAGE: u64 = 200;

pub(super) async fn keep_sweeping(table: Table) {
    let clock = table.inner.surroundings.clock.clone();
    loop {
        clock.sleep_until(clock.now_ms() + PERIOD_MS).await;
        match table.sweep_expired().await {
            Ok(0) => {}
            Ok(deleted) => tracing::debug!(deleted, "expired items deleted"),
            Err(error) => tracing::warn!(%error, "expired items cannot be deleted"),
        }
        // A fast clock is no reason to do nothing but this.
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

pub(super) fn sweep(
    database: &Database,
    tables: &BTreeMap<String, Option<String>>,
    now_ms: u64,
) -> Result<usize, DynoxideError> {
    let mut deleted = 0;
    for (table, attribute) in tables {
        if let Some(attribute) = attribute {
            deleted += sweep_table(database, table, attribute, now_ms / 1000)?;
        }
    }
    Ok(deleted)
}

fn sweep_table(database: &Database, table: &str, attribute: &str, now_s: u64) -> Result<usize, DynoxideError> {
    let keys = key_attributes(database, table)?;
    let mut names = json!({ "#ttl": attribute });
    for (position, key) in keys.iter().enumerate() {
        names[format!("#k{position}")] = json!(key);
    }
    let projected: Vec<String> = (0..keys.len()).map(|position| format!("#k{position}")).collect();
    let expired = "#ttl BETWEEN :oldest AND :now";
    let values = json!({
        ":now": { "N": now_s.to_string() },
        ":oldest": { "N": now_s.saturating_sub(FIVE_YEARS_S).to_string() },
    });
    let mut deleted = 0;
    let mut start = Value::Null;
    loop {
        let mut scan = json!({
            "TableName": table,
            "Limit": PAGE,
            "FilterExpression": expired,
            "ProjectionExpression": projected.join(", "),
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        });
        if !start.is_null() {
            scan["ExclusiveStartKey"] = start;
        }
        let page = in_json(&database.scan(from_json(scan)?)?)?;
        for key in page["Items"].as_array().into_iter().flatten() {
            // On condition that it is still so: it may have been renewed since the scan.
            let delete = json!({
                "TableName": table,
                "Key": key,
                "ConditionExpression": expired,
                "ExpressionAttributeNames": { "#ttl": attribute },
                "ExpressionAttributeValues": values,
            });
            match database.delete_item(from_json(delete)?) {
                Ok(_) => deleted += 1,
                Err(DynoxideError::ConditionalCheckFailedException(..)) => {}
                Err(error) => return Err(error),
            }
        }
        start = page["LastEvaluatedKey"].clone();
        if start.is_null() {
            return Ok(deleted);
        }
    }
}

fn key_attributes(database: &Database, table: &str) -> Result<Vec<String>, DynoxideError> {
    let described = in_json(&database.describe_table(from_json(json!({ "TableName": table }))?)?)?;
    let schema = described["Table"]["KeySchema"].as_array().into_iter().flatten();
    Ok(schema.filter_map(|key| key["AttributeName"].as_str().map(str::to_owned)).collect())
}

fn from_json<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, DynoxideError> {
    serde_json::from_value(value).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

fn in_json(value: &impl serde::Serialize) -> Result<Value, DynoxideError> {
    serde_json::to_value(value).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}
