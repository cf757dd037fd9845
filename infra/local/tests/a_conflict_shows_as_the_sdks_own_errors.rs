//! The switch `conflictTable` gives what DynamoDB answers when another transaction holds the item. Reads do not meet it.
#![allow(clippy::unwrap_used)]

mod support;
#[path = "support/table.rs"]
mod table;

use aws_sdk_dynamodb::{
    operation::transact_write_items::TransactWriteItemsError,
    types::{Put, TransactWriteItem},
};
use dais_local::chaos::ChaosSettings;
use table::{Cloud, TABLE, put, s};

#[tokio::test]
async fn a_conflict_shows_as_the_sdks_own_errors() {
    let cloud = Cloud::in_memory().await;
    let client = cloud.client();
    put(&client, "a", "0", &[]).await;
    cloud.chaos.set(ChaosSettings { conflict_table: 1.0, ..ChaosSettings::default() });

    let plain = client.delete_item().table_name(TABLE).key("pk", s("a")).key("sk", s("0")).send().await;
    let error = plain.unwrap_err().into_service_error();
    assert!(error.is_transaction_conflict_exception(), "{error:?}");

    let mut guilty = [0; 3];
    for _ in 0..60 {
        let mut transaction = client.transact_write_items();
        for sk in ["1", "2", "3"] {
            let part = Put::builder().table_name(TABLE).item("pk", s("a")).item("sk", s(sk)).build().unwrap();
            transaction = transaction.transact_items(TransactWriteItem::builder().put(part).build());
        }
        let error = transaction.send().await.unwrap_err().into_service_error();
        let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
            unreachable!("another error: {error:?}")
        };
        let codes: Vec<&str> = cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap()).collect();
        assert_eq!(codes.len(), 3, "one reason per part");
        assert_eq!(codes.iter().filter(|code| **code == "None").count(), 2);
        guilty[codes.iter().position(|code| *code == "TransactionConflict").unwrap()] += 1;
    }
    assert!(guilty.iter().all(|times| *times > 5), "any part may be the one: {guilty:?}");

    let read =
        client.query().table_name(TABLE).key_condition_expression("pk = :a").expression_attribute_values(":a", s("a"));
    assert_eq!(read.send().await.unwrap().count(), 1, "a read goes on, and finds what was there before");
}
