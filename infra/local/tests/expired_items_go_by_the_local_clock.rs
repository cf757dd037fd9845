//! An item whose time to live has passed on the local clock is swept; what has none, or has been renewed, stays.
#![allow(clippy::unwrap_used)]

mod support;
#[path = "support/table.rs"]
mod table;

use std::time::Duration;

use table::{Cloud, TABLE, n, put, s};

#[tokio::test]
async fn expired_items_go_by_the_local_clock() {
    let cloud = Cloud::in_memory().await;
    let client = cloud.client();
    let now_s = cloud.clock.now_ms() / 1000;
    for number in 0..300 {
        put(&client, "a", &format!("expiring-{number}"), &[("ttl", n(now_s + 3600))]).await;
    }
    put(&client, "a", "later", &[("ttl", n(now_s + 10_000))]).await;
    put(&client, "a", "never", &[]).await;
    put(&client, "a", "not-a-number", &[("ttl", s("0"))]).await;
    put(&client, "a", "not-seconds", &[("ttl", n(1))]).await;

    assert_eq!(cloud.table.sweep_expired().await.unwrap(), 0);
    cloud.clock.advance(Duration::from_secs(3601));
    assert_eq!(cloud.table.sweep_expired().await.unwrap(), 300);

    let left =
        client.query().table_name(TABLE).key_condition_expression("pk = :a").expression_attribute_values(":a", s("a"));
    let left = left.send().await.unwrap();
    let names: Vec<&str> = left.items().iter().map(|item| item["sk"].as_s().unwrap().as_str()).collect();
    assert_eq!(names, ["later", "never", "not-a-number", "not-seconds"]);
}
