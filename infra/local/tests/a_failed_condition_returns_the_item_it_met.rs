//! A conditional write that fails says so as the SDK's own error, carries the item only when asked for, and changes nothing.
#![allow(clippy::unwrap_used)]

mod support;
#[path = "support/table.rs"]
mod table;

use aws_sdk_dynamodb::{error::ProvideErrorMetadata, types::ReturnValuesOnConditionCheckFailure::AllOld};
use table::{Cloud, TABLE, n, put, s};

#[tokio::test]
async fn a_failed_condition_returns_the_item_it_met() {
    let cloud = Cloud::in_memory().await;
    let client = cloud.client();
    put(&client, "meeting#1", "meta", &[("version", n(7))]).await;
    let update = || {
        client
            .update_item()
            .table_name(TABLE)
            .key("pk", s("meeting#1"))
            .key("sk", s("meta"))
            .update_expression("SET version = :next")
            .condition_expression("version = :known")
            .expression_attribute_values(":known", n(6))
            .expression_attribute_values(":next", n(7))
    };

    let asked =
        update().return_values_on_condition_check_failure(AllOld).send().await.unwrap_err().into_service_error();
    assert!(asked.is_conditional_check_failed_exception(), "{asked:?}");
    let aws_sdk_dynamodb::operation::update_item::UpdateItemError::ConditionalCheckFailedException(failed) = asked
    else {
        unreachable!("checked above")
    };
    assert_eq!(failed.item().unwrap()["version"], n(7));
    assert_eq!(failed.message(), Some("The conditional request failed"));

    let not_asked = update().send().await.unwrap_err().into_service_error();
    assert_eq!(not_asked.code(), Some("ConditionalCheckFailedException"));
    let aws_sdk_dynamodb::operation::update_item::UpdateItemError::ConditionalCheckFailedException(failed) = not_asked
    else {
        unreachable!("checked above")
    };
    assert!(failed.item().is_none(), "the item is for those who ask");

    let there =
        client.get_item().table_name(TABLE).key("pk", s("meeting#1")).key("sk", s("meta")).send().await.unwrap();
    assert_eq!(there.item().unwrap()["version"], n(7));
}
