//! The ledger's units are DynamoDB's: writes by 1 KB, reads by 4 KB, half when eventual, double in a transaction, indexes on
//! top, the sum of the items for a query, a failed condition not free. The figures here are reckoned by hand.
#![allow(clippy::unwrap_used)]

mod support;
#[path = "support/table.rs"]
mod table;

use aws_sdk_dynamodb::types::{
    ConditionCheck, Get, Put, ReturnConsumedCapacity, TransactGetItem, TransactWriteItem, Update,
};
use table::{Cloud, TABLE, n, put, s};

/// An attribute `data` that makes the item with pk `a` and a one-letter sk exactly so large: names and values count.
fn filling(item_bytes: usize) -> aws_sdk_dynamodb::types::AttributeValue {
    s("x".repeat(item_bytes - "pka".len() - "skb".len() - "data".len()))
}

fn units(cloud: &Cloud) -> (f64, f64) {
    let call = cloud.last_call();
    (call.read_units, call.write_units)
}

#[tokio::test]
async fn a_write_costs_a_unit_per_kb_begun() {
    let cloud = Cloud::in_memory().await;
    let client = cloud.client();
    for (bytes, expected) in [(20, 1.0), (1024, 1.0), (1025, 2.0), (3072, 3.0), (3073, 4.0)] {
        let cloud = Cloud::in_memory().await;
        put(&cloud.client(), "a", "b", &[("data", filling(bytes))]).await;
        assert_eq!(units(&cloud), (0.0, expected), "{bytes} bytes");
    }
    // The larger of the item before and after.
    put(&client, "a", "b", &[("data", filling(5 * 1024))]).await;
    put(&client, "a", "b", &[]).await;
    assert_eq!(units(&cloud), (0.0, 5.0));
    client.delete_item().table_name(TABLE).key("pk", s("a")).key("sk", s("b")).send().await.unwrap();
    assert_eq!(units(&cloud), (0.0, 1.0));
}

#[tokio::test]
async fn an_index_costs_what_is_written_to_it() {
    let cloud = Cloud::in_memory().await;
    let client = cloud.client();
    let indexed = |due: u32| [("lease_pk", s("l")), ("lease_due", n(due))];
    put(&client, "a", "b", &indexed(1)).await;
    assert_eq!(units(&cloud), (0.0, 2.0), "table and index");
    put(&client, "a", "b", &indexed(2)).await;
    assert_eq!(units(&cloud), (0.0, 3.0), "table, and in the index one delete and one put");
}

#[tokio::test]
async fn a_read_costs_a_unit_per_4_kb_begun_and_half_when_eventual() {
    let cloud = Cloud::in_memory().await;
    let client = cloud.client();
    for (bytes, consistent, expected) in
        [(100, true, 1.0), (100, false, 0.5), (4096, true, 1.0), (4097, true, 2.0), (4097, false, 1.0)]
    {
        put(&client, "a", "b", &[("data", filling(bytes))]).await;
        let get = client.get_item().table_name(TABLE).key("pk", s("a")).key("sk", s("b")).consistent_read(consistent);
        get.send().await.unwrap();
        assert_eq!(units(&cloud), (expected, 0.0), "{bytes} bytes, consistent {consistent}");
    }
    client.get_item().table_name(TABLE).key("pk", s("a")).key("sk", s("nothing")).send().await.unwrap();
    assert_eq!(units(&cloud), (0.5, 0.0), "nothing there is not free");
}

#[tokio::test]
async fn a_query_costs_the_sum_of_its_items() {
    let cloud = Cloud::in_memory().await;
    let client = cloud.client();
    for sk in ["1", "2", "3"] {
        put(&client, "a", sk, &[("data", filling(2048))]).await;
    }
    for (consistent, expected) in [(true, 2.0), (false, 1.0)] {
        let query = client
            .query()
            .table_name(TABLE)
            .key_condition_expression("pk = :a")
            .expression_attribute_values(":a", s("a"))
            .consistent_read(consistent);
        query.send().await.unwrap();
        assert_eq!(units(&cloud), (expected, 0.0), "6 KB in all, consistent {consistent}");
    }
}

#[tokio::test]
async fn a_transaction_costs_double() {
    let cloud = Cloud::in_memory().await;
    let client = cloud.client();
    put(&client, "a", "b", &[("version", n(1))]).await;
    let update = Update::builder()
        .table_name(TABLE)
        .key("pk", s("a"))
        .key("sk", s("b"))
        .update_expression("SET version = version + :one")
        .expression_attribute_values(":one", n(1))
        .build()
        .unwrap();
    let log = Put::builder().table_name(TABLE).item("pk", s("a")).item("sk", s("c")).item("data", filling(1500));
    let check = ConditionCheck::builder()
        .table_name(TABLE)
        .key("pk", s("a"))
        .key("sk", s("d"))
        .condition_expression("attribute_not_exists(pk)")
        .build()
        .unwrap();
    client
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().update(update).build())
        .transact_items(TransactWriteItem::builder().put(log.build().unwrap()).build())
        .transact_items(TransactWriteItem::builder().condition_check(check).build())
        .send()
        .await
        .unwrap();
    assert_eq!(units(&cloud), (0.0, 8.0), "2 × (1 + 2 + 1)");

    let get = Get::builder().table_name(TABLE).key("pk", s("a")).key("sk", s("c")).build().unwrap();
    let read = client.transact_get_items().transact_items(TransactGetItem::builder().get(get).build());
    read.send().await.unwrap();
    assert_eq!(units(&cloud), (2.0, 0.0));
}

#[tokio::test]
async fn a_failed_condition_costs_the_item_that_is_there() {
    let cloud = Cloud::in_memory().await;
    let client = cloud.client();
    put(&client, "a", "b", &[("data", filling(2500))]).await;
    let again = client
        .put_item()
        .table_name(TABLE)
        .item("pk", s("a"))
        .item("sk", s("b"))
        .condition_expression("attribute_not_exists(pk)");
    again.clone().send().await.unwrap_err();
    assert_eq!(units(&cloud), (0.0, 3.0));
    assert_eq!(cloud.last_call().error.as_deref(), Some("ConditionalCheckFailedException"));

    let part = Put::builder()
        .table_name(TABLE)
        .item("pk", s("a"))
        .item("sk", s("b"))
        .condition_expression("attribute_not_exists(pk)")
        .build()
        .unwrap();
    client
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(part).build())
        .send()
        .await
        .unwrap_err();
    assert_eq!(units(&cloud), (0.0, 6.0));
}

#[tokio::test]
async fn the_figures_are_in_the_answer_only_for_those_who_ask() {
    let cloud = Cloud::in_memory().await;
    let client = cloud.client();
    let get = client.get_item().table_name(TABLE).key("pk", s("a")).key("sk", s("b"));
    assert!(get.clone().send().await.unwrap().consumed_capacity().is_none());
    let asked = get.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await.unwrap();
    assert_eq!(asked.consumed_capacity().unwrap().capacity_units(), Some(0.5));
}

#[tokio::test]
async fn a_cancelled_transaction_costs_what_it_would_have_written() {
    let cloud = Cloud::in_memory().await;
    let client = cloud.client();
    put(&client, "a", "taken", &[]).await;
    let new = |sk: &str, bytes: usize| {
        let put = Put::builder()
            .table_name(TABLE)
            .item("pk", s("a"))
            .item("sk", s(sk))
            .item("data", filling(bytes))
            .condition_expression("attribute_not_exists(pk)");
        TransactWriteItem::builder().put(put.build().unwrap()).build()
    };
    let both = client.transact_write_items().transact_items(new("free", 2500)).transact_items(new("taken", 10));
    both.send().await.unwrap_err();
    assert_eq!(units(&cloud), (0.0, 8.0), "2 × (3 + 1)");
}
