//! A cancelled transaction has one reason per part, in the order of the parts, and has changed nothing.
#![allow(clippy::unwrap_used)]

mod support;
#[path = "support/table.rs"]
mod table;

use aws_sdk_dynamodb::{
    operation::transact_write_items::TransactWriteItemsError,
    types::{ConditionCheck, Put, ReturnValuesOnConditionCheckFailure::AllOld, TransactWriteItem, Update},
};
use table::{Cloud, TABLE, n, put, s};

fn put_new(sk: &str) -> TransactWriteItem {
    let put = Put::builder()
        .table_name(TABLE)
        .item("pk", s("meeting#1"))
        .item("sk", s(sk))
        .condition_expression("attribute_not_exists(pk)");
    TransactWriteItem::builder().put(put.build().unwrap()).build()
}

#[tokio::test]
async fn a_cancelled_transaction_gives_its_reasons_in_order() {
    let cloud = Cloud::in_memory().await;
    let client = cloud.client();
    put(&client, "meeting#1", "meta", &[("hosts", n(1))]).await;
    put(&client, "meeting#1", "log#1", &[]).await;
    let last_host = Update::builder()
        .table_name(TABLE)
        .key("pk", s("meeting#1"))
        .key("sk", s("meta"))
        .update_expression("SET hosts = hosts - :one")
        .condition_expression("hosts > :one")
        .expression_attribute_values(":one", n(1))
        .return_values_on_condition_check_failure(AllOld);
    let is_host = ConditionCheck::builder()
        .table_name(TABLE)
        .key("pk", s("meeting#1"))
        .key("sk", s("role#bo"))
        .condition_expression("attribute_exists(pk)")
        .return_values_on_condition_check_failure(AllOld);

    let refused = client
        .transact_write_items()
        .transact_items(put_new("log#2"))
        .transact_items(TransactWriteItem::builder().update(last_host.build().unwrap()).build())
        .transact_items(TransactWriteItem::builder().condition_check(is_host.build().unwrap()).build())
        .transact_items(put_new("log#1"))
        .send()
        .await
        .unwrap_err()
        .into_service_error();

    let TransactWriteItemsError::TransactionCanceledException(cancelled) = refused else {
        unreachable!("another error: {refused:?}")
    };
    let reasons = cancelled.cancellation_reasons();
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code().unwrap()).collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed", "ConditionalCheckFailed", "ConditionalCheckFailed"]);
    assert_eq!(reasons[1].item().unwrap()["hosts"], n(1), "asked for");
    assert!(reasons[2].item().is_none(), "there is none");
    assert!(reasons[3].item().is_none(), "not asked for");

    let log = client.get_item().table_name(TABLE).key("pk", s("meeting#1")).key("sk", s("log#2")).send().await.unwrap();
    assert!(log.item().is_none(), "nothing of it is done");
}

#[tokio::test]
async fn a_token_makes_a_transaction_happen_once() {
    let cloud = Cloud::in_memory().await;
    let client = cloud.client();
    for _ in 0..2 {
        client
            .transact_write_items()
            .client_request_token("the-same-token")
            .transact_items(put_new("log#1"))
            .send()
            .await
            .unwrap();
    }
    let other = client
        .transact_write_items()
        .client_request_token("the-same-token")
        .transact_items(put_new("log#2"))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(other.is_idempotent_parameter_mismatch_exception(), "{other:?}");
}
