//! The switch `throttleTable` gives the errors that DynamoDB gives, which the SDK knows and repeats, and has no effect else.
#![allow(clippy::unwrap_used)]

mod support;
#[path = "support/table.rs"]
mod table;

use std::time::Duration;

use aws_sdk_dynamodb::{
    config::retry::RetryConfig,
    error::ProvideErrorMetadata,
    types::{KeysAndAttributes, Put, PutRequest, TransactWriteItem, WriteRequest},
};
use dais_local::chaos::ChaosSettings;
use table::{Cloud, TABLE, put, s};

fn throttled(probability: f64) -> ChaosSettings {
    ChaosSettings { throttle_table: probability, ..ChaosSettings::default() }
}

#[tokio::test]
async fn a_throttled_table_shows_as_the_sdks_own_errors() {
    let cloud = Cloud::in_memory().await;
    let client = cloud.client();
    cloud.chaos.set(throttled(1.0));
    let mut seen = [0; 2];
    for _ in 0..40 {
        let put = client.put_item().table_name(TABLE).item("pk", s("a")).item("sk", s("b"));
        let error = put.send().await.unwrap_err().into_service_error();
        if error.is_throttling_exception() {
            seen[0] += 1;
        } else {
            assert!(error.is_provisioned_throughput_exceeded_exception(), "{error:?}");
            seen[1] += 1;
        }
    }
    assert!(seen.iter().all(|times| *times > 5), "both forms: {seen:?}");

    cloud.chaos.set(throttled(0.0));
    let there = client.get_item().table_name(TABLE).key("pk", s("a")).key("sk", s("b")).send().await.unwrap();
    assert!(there.item().is_none(), "a throttled write has no effect");
}

#[tokio::test]
async fn the_sdk_repeats_a_throttled_call_and_the_ledger_shows_every_attempt() {
    let cloud = Cloud::in_memory().await;
    let client = cloud.client_with(
        RetryConfig::standard()
            .with_max_attempts(20)
            .with_initial_backoff(Duration::from_millis(1))
            .with_max_backoff(Duration::from_millis(2)),
    );
    cloud.chaos.set(throttled(0.5));
    for number in 0..20 {
        put(&client, "a", &number.to_string(), &[]).await;
    }
    let calls = cloud.ledger.calls();
    let done = calls.iter().filter(|call| call.status == 200).count();
    let refused: Vec<_> = calls.iter().filter(|call| call.status == 400).collect();
    assert_eq!(done, 20);
    assert!(!refused.is_empty());
    assert!(
        refused.iter().all(|call| call.write_units == 0.0 && call.error.is_some()),
        "a throttled call costs nothing"
    );
}

#[tokio::test]
async fn a_throttled_transaction_is_refused_or_cancelled() {
    let cloud = Cloud::in_memory().await;
    let client = cloud.client();
    cloud.chaos.set(throttled(1.0));
    let mut cancelled = 0;
    for _ in 0..40 {
        let part = Put::builder().table_name(TABLE).item("pk", s("a")).item("sk", s("b")).build().unwrap();
        let error = client
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().put(part).build())
            .send()
            .await
            .unwrap_err()
            .into_service_error();
        match error.code().unwrap() {
            "TransactionCanceledException" => {
                assert!(error.is_transaction_canceled_exception());
                cancelled += 1;
            }
            code => {
                assert!(["ThrottlingException", "ProvisionedThroughputExceededException"].contains(&code), "{code}")
            }
        }
    }
    assert!((1..40).contains(&cancelled), "{cancelled}");
}

#[tokio::test]
async fn a_throttled_batch_lists_what_it_has_not_done() {
    let cloud = Cloud::in_memory().await;
    let client = cloud.client();
    let writes: Vec<WriteRequest> = (0..10)
        .map(|number| {
            let put = PutRequest::builder().item("pk", s("a")).item("sk", s(number.to_string())).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        })
        .collect();
    cloud.chaos.set(throttled(1.0));
    let answer = client.batch_write_item().request_items(TABLE, writes).send().await.unwrap();
    let unprocessed = answer.unprocessed_items().unwrap()[TABLE].len();
    assert!((1..10).contains(&unprocessed), "{unprocessed}");

    cloud.chaos.set(throttled(0.0));
    let all =
        client.query().table_name(TABLE).key_condition_expression("pk = :a").expression_attribute_values(":a", s("a"));
    assert_eq!(all.send().await.unwrap().count(), 10 - i32::try_from(unprocessed).unwrap());

    cloud.chaos.set(throttled(1.0));
    let keys = (0..10).map(|number| [("pk".to_owned(), s("a")), ("sk".to_owned(), s(number.to_string()))].into());
    let wanted = KeysAndAttributes::builder().set_keys(Some(keys.collect())).build().unwrap();
    let answer = client.batch_get_item().request_items(TABLE, wanted).send().await.unwrap();
    assert!(!answer.unprocessed_keys().unwrap()[TABLE].keys().is_empty());
}
