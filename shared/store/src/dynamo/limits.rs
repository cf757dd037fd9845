//! Counters.

use aws_sdk_dynamodb::{
    error::SdkError, operation::update_item::UpdateItemError, types::ReturnValuesOnConditionCheckFailure,
};
use dais_domain::Timestamp;

use super::{DynamoStore, retry_conflicts, unavailable};
use crate::{
    Limit, Limits, StoreError,
    items::{Item, key_item, number},
    keys,
};

impl Limits for DynamoStore {
    async fn spend(&self, limit: &Limit, wanted: u32, now: Timestamp) -> Result<u32, StoreError> {
        let key = key_item(keys::limit(limit.name, &limit.of, limit.window(now)));
        let mut wanted = wanted.min(limit.max);
        // What is left only becomes less, so this ends.
        while wanted > 0 {
            let updated = retry_conflicts(|| {
                self.client
                    .update_item()
                    .table_name(&self.table)
                    .set_key(Some(key.clone()))
                    .update_expression("ADD used :wanted SET #ttl = :ttl")
                    .condition_expression("attribute_not_exists(used) OR used <= :most")
                    .expression_attribute_names("#ttl", keys::TTL)
                    .expression_attribute_values(":wanted", number(wanted.into()))
                    .expression_attribute_values(":most", number((limit.max - wanted).into()))
                    .expression_attribute_values(":ttl", number(limit.ends(now).as_epoch_seconds() + 1))
                    .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                    .send()
            })
            .await;
            match updated {
                Ok(_) => return Ok(wanted),
                Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                    let left = match error.into_err() {
                        UpdateItemError::ConditionalCheckFailedException(there) => {
                            limit.max.saturating_sub(used(there.item))
                        }
                        _ => 0,
                    };
                    wanted = left.min(wanted - 1);
                }
                Err(error) => return Err(unavailable("UpdateItem")(error)),
            }
        }
        Ok(0)
    }
}

/// What has been used up; everything if it does not say.
fn used(item: Option<Item>) -> u32 {
    item.and_then(|item| item.get("used")?.as_n().ok()?.parse().ok()).unwrap_or(u32::MAX)
}
