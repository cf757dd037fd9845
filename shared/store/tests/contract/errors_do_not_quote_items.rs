//! Errors are logged: they must not carry what people wrote.

use std::error::Error;

use aws_sdk_dynamodb::types::AttributeValue;
use dais_domain::Version;
use dais_store::{CommitError, Connections, Meetings, Rooms, StoreError};

use crate::support::*;

const SECRET: &str = "Merger with Globex";

/// Everything that an error and its sources say.
fn all_words(error: &(dyn Error + 'static)) -> String {
    let mut words = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(error) = source {
        words.push_str(&format!(" {error} {error:?}"));
        source = error.source();
    }
    words
}

/// A meeting, a log entry and a presence, each with one attribute replaced by a secret of the wrong shape.
async fn spoil(table: &Table, sk: &str, attribute: &str, value: AttributeValue) {
    table
        .client
        .update_item()
        .table_name(&table.name)
        .key("pk", AttributeValue::S("M#m1".to_owned()))
        .key("sk", AttributeValue::S(sk.to_owned()))
        .update_expression("SET #attribute = :value")
        .expression_attribute_names("#attribute", attribute)
        .expression_attribute_values(":value", value)
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn an_item_of_another_shape_is_corrupt_and_not_quoted() {
    let spoilt = [
        ("starts_at", AttributeValue::S(SECRET.to_owned())),
        ("starts_at", AttributeValue::N("-1".to_owned())),
        ("created_by", AttributeValue::S(SECRET.to_owned())),
        ("description", AttributeValue::S(format!("{SECRET}\n{SECRET}"))),
        ("policy", AttributeValue::M([(SECRET.to_owned(), AttributeValue::Bool(true))].into())),
        ("roles", AttributeValue::M([(SECRET.to_owned(), AttributeValue::Bool(true))].into())),
        ("version", AttributeValue::M([(SECRET.to_owned(), AttributeValue::Bool(true))].into())),
    ];
    for (attribute, value) in spoilt {
        let table = Table::new().await;
        created(&table.store, "m1", "ada", at(60)).await;
        spoil(&table, "A", attribute, value).await;
        let error = table.store.meeting(&meeting_id("m1")).await.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { item: "meeting", .. }), "{attribute}: {error:?}");
        assert!(!all_words(&error).contains(SECRET), "{attribute}: {error:?}");
        assert!(table.store.room(&meeting_id("m1"), at(0)).await.is_err());
    }
}

#[tokio::test]
async fn a_log_entry_of_another_kind_is_corrupt_and_not_quoted() {
    let table = Table::new().await;
    created(&table.store, "m1", "ada", at(60)).await;
    let kind = AttributeValue::M([("type".to_owned(), AttributeValue::S(SECRET.to_owned()))].into());
    let entry = [
        ("version", AttributeValue::N("1".to_owned())),
        ("at", AttributeValue::N("1".to_owned())),
        ("by", AttributeValue::S("ada".to_owned())),
        ("change", kind),
    ];
    let entry = AttributeValue::M(entry.map(|(name, value)| (name.to_owned(), value)).into());
    spoil(&table, "L#00000000000000000001", "entry", entry).await;
    let error = table.store.log(&meeting_id("m1"), Version(0), 10).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { item: "log entry", .. }), "{error:?}");
    assert!(!all_words(&error).contains(SECRET), "{error:?}");
}

#[tokio::test]
async fn a_missing_field_is_named() {
    let table = Table::new().await;
    let meeting = created(&table.store, "m1", "ada", at(60)).await;
    let connection = opened(&table.store, "c1", "ada").await;
    table.store.enter(&connection, &meeting.id, &presence(&connection)).await.unwrap();
    table
        .client
        .update_item()
        .table_name(&table.name)
        .key("pk", AttributeValue::S("C#c1".to_owned()))
        .key("sk", AttributeValue::S("A".to_owned()))
        .update_expression("REMOVE socket_id")
        .send()
        .await
        .unwrap();
    let error = table.store.connection(&connection.id).await.unwrap_err();
    assert_eq!(error.to_string(), "an item cannot be read (connection): missing field `socket_id`");
}

/// DynamoDB sends the stored item along with a failed condition.
#[tokio::test]
async fn a_refusal_that_carries_the_item_is_not_quoted() {
    let table = Table::new().await;
    let meeting = created(&table.store, "m1", "ada", at(60)).await;
    let item = format!(r#"{{"description":{{"S":"{SECRET}"}}}}"#);
    let plain = |code: &str| {
        format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"refused","Item":{item}}}"#)
    };
    table.tap.answer("UpdateItem", usize::MAX, plain("InternalServerError"));
    let error = table.store.ponged(&connection_id("c1"), at(1)).await.unwrap_err();
    assert!(!all_words(&error).contains(SECRET), "{error:?}");

    let cancelled = format!(
        r#"{{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"cancelled",
            "CancellationReasons":[{{"Code":"ValidationError","Message":"{SECRET}","Item":{item}}}]}}"#
    );
    table.tap.answer("TransactWriteItems", 1, cancelled);
    let decision = decided(&meeting, "ada", moved_to(at(90)));
    let error = table.store.commit(&decision).await.unwrap_err();
    assert!(matches!(error, CommitError::Store(StoreError::Unavailable { .. })), "{error:?}");
    assert!(!all_words(&error).contains(SECRET), "{error:?}");
}
