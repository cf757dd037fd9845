//! Webhooks come again: whether one has been handled is remembered by its id.

use dais_domain::WebhookId;
use dais_store::{Directory, Store};

use crate::support::*;

on_both_tables! { a_webhook_is_known_once_it_was_handled }

fn webhook(id: &str) -> WebhookId {
    WebhookId::new(id).unwrap()
}

async fn a_webhook_is_known_once_it_was_handled(store: impl Store) {
    assert!(!store.was_handled(&webhook("msg_1")).await.unwrap());
    store.handled(&webhook("msg_1"), at(60)).await.unwrap();
    store.handled(&webhook("msg_1"), at(60)).await.unwrap();
    assert!(store.was_handled(&webhook("msg_1")).await.unwrap());
    assert!(!store.was_handled(&webhook("msg_2")).await.unwrap());
}

#[tokio::test]
async fn a_handled_webhook_is_deleted_in_time() {
    let table = Table::new().await;
    table.store.handled(&webhook("msg_1"), at(60)).await.unwrap();
    let items = table.client.scan().table_name(&table.name).send().await.unwrap().items.unwrap_or_default();
    assert_eq!(items[0]["ttl"].as_n().unwrap(), &at(60).as_epoch_seconds().to_string());
}
