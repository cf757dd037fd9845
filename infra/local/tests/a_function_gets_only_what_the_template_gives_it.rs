//! A table that template.yaml does not have, and an action that a function's policies do not grant, are refused by name, as
//! in the cloud, before anything happens.
#![allow(clippy::unwrap_used)]

mod support;
#[path = "support/table.rs"]
mod table;

use std::sync::Arc;

use aws_sdk_dynamodb::{
    error::ProvideErrorMetadata,
    types::{ConditionCheck, Put, TransactWriteItem},
};
use dais_local::table::Access;
use table::{Cloud, TABLE, put, s};

#[tokio::test]
async fn a_function_gets_only_what_the_template_gives_it() {
    let granted = |access: &Access<'_>| {
        access.function == "MeetingsFunction"
            && ["GetItem", "PutItem", "Query"].contains(&access.action)
            && access.index.is_none()
    };
    let cloud = Cloud::with_permit(Arc::new(granted)).await;
    let client = cloud.client();
    put(&client, "a", "b", &[]).await;

    let delete = client.delete_item().table_name(TABLE).key("pk", s("a")).key("sk", s("b")).send().await;
    let error = delete.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("AccessDeniedException"));
    let sentence = error.message().unwrap();
    assert!(
        ["MeetingsFunction", "dynamodb:DeleteItem", TABLE].iter().all(|word| sentence.contains(word)),
        "{sentence}"
    );

    // A transaction needs the actions of all its parts.
    let allowed = Put::builder().table_name(TABLE).item("pk", s("a")).item("sk", s("c")).build().unwrap();
    let refused = ConditionCheck::builder()
        .table_name(TABLE)
        .key("pk", s("a"))
        .key("sk", s("b"))
        .condition_expression("attribute_exists(pk)")
        .build()
        .unwrap();
    let transaction = client
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(allowed).build())
        .transact_items(TransactWriteItem::builder().condition_check(refused).build());
    let error = transaction.send().await.unwrap_err().into_service_error();
    assert!(error.message().unwrap().contains("dynamodb:ConditionCheckItem"), "{error:?}");

    // A grant on the table is none on its index.
    let leases = client
        .query()
        .table_name(TABLE)
        .index_name("leases")
        .key_condition_expression("lease_pk = :l")
        .expression_attribute_values(":l", s("l"));
    let error = leases.send().await.unwrap_err().into_service_error();
    assert!(error.message().unwrap().contains("index/leases"), "{error:?}");

    let all =
        client.query().table_name(TABLE).key_condition_expression("pk = :a").expression_attribute_values(":a", s("a"));
    assert_eq!(all.send().await.unwrap().count(), 1, "nothing refused has happened");
}

#[tokio::test]
async fn a_table_that_the_template_does_not_have_is_named() {
    let cloud = Cloud::in_memory().await;
    let get = cloud.client().get_item().table_name("other").key("pk", s("a")).key("sk", s("b")).send().await;
    let error = get.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception());
    assert!(error.message().unwrap().contains("\"other\""), "{error:?}");
}

#[tokio::test]
async fn nobody_changes_the_tables_themselves() {
    let cloud = Cloud::in_memory().await;
    let delete = cloud.client().delete_table().table_name(TABLE).send().await;
    assert_eq!(delete.unwrap_err().into_service_error().code(), Some("AccessDeniedException"));
    let unknown = cloud.client().list_backups().send().await;
    assert_eq!(unknown.unwrap_err().into_service_error().code(), Some("UnknownOperationException"));
}
