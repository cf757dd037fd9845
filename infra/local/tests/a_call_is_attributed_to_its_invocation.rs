//! The header `x-dais-invocation` says which invocation made a call, so that its round trips can be counted; a call once
//! sent is done and counted even if its sender is gone.
#![allow(clippy::unwrap_used)]

mod support;
#[path = "support/table.rs"]
mod table;

use dais_local::{chaos::ChaosSettings, table::WireCall};
use futures::FutureExt;
use serde_json::json;
use table::{Cloud, TABLE, s};

#[tokio::test]
async fn a_call_is_attributed_to_its_invocation() {
    let cloud = Cloud::in_memory().await;
    let client = cloud.client();
    for invocation in ["one", "two", "one"] {
        let get = client.get_item().table_name(TABLE).key("pk", s("a")).key("sk", s("b")).customize();
        let marked = get.mutate_request(move |request| {
            request.headers_mut().insert("x-dais-invocation", invocation);
        });
        marked.send().await.unwrap();
    }
    let calls = cloud.ledger.calls();
    let seen: Vec<(&str, u32)> =
        calls.iter().map(|call| (call.invocation.as_deref().unwrap(), call.sequence)).collect();
    assert_eq!(seen, [("one", 1), ("two", 1), ("one", 2)]);
    let call = calls.first().unwrap();
    assert_eq!(
        (call.function.as_str(), call.service, call.operation.as_str()),
        ("MeetingsFunction", "dynamodb", "GetItem")
    );
    assert_eq!((call.table.as_deref(), call.status), (Some(TABLE), 200));
    assert!(calls.windows(2).all(|pair| pair[0].ended_at_us <= pair[1].started_at_us), "one after the other");
}

#[tokio::test]
async fn a_write_whose_sender_is_gone_is_done_and_counted() {
    let cloud = Cloud::in_memory().await;
    // Without a distance the answer is there at once, and nobody can go before it.
    cloud.chaos.set(ChaosSettings { delay_table_ms: 1, ..ChaosSettings::default() });
    let body = json!({ "TableName": TABLE, "Item": { "pk": { "S": "a" }, "sk": { "S": "b" } } }).to_string();
    let call = WireCall {
        function: "F",
        invocation: Some("killed"),
        target: "DynamoDB_20120810.PutItem",
        body: body.as_bytes(),
    };
    // Sent, and then nobody waits.
    assert!(cloud.table.answer(call).now_or_never().is_none());

    while cloud.ledger.calls().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(cloud.last_call().invocation.as_deref(), Some("killed"));
    let get = cloud.client().get_item().table_name(TABLE).key("pk", s("a")).key("sk", s("b"));
    assert!(get.send().await.unwrap().item().is_some());
}
