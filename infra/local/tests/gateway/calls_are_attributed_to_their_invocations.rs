use std::sync::Arc;

use aws_sdk_apigatewaymanagement::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use axum::body::Bytes;
use dais_local::{functions::Catalogue, invoke::handler::Handler, start::Run};
use futures::FutureExt;
use serde_json::{Value, json};

use crate::{client::open, cloud::cloud_with};

/// On a message, reads an item it may not read, and after its answer posts to who asked.
fn catalogue() -> Catalogue {
    let nothing: Handler = Arc::new(|_, _| async { Ok(Bytes::from_static(b"{}")) }.boxed());
    let tick = Arc::clone(&nothing);
    Catalogue::default()
        .with("http", move |_, _, _| Ok(Arc::clone(&nothing)))
        .with("tick", move |_, _, _| Ok(Arc::clone(&tick)))
        .with("socket", |settings, aws, after| {
            let address = settings.required("WS_MANAGEMENT_URL")?;
            let config = aws_sdk_apigatewaymanagement::config::Builder::from(aws).endpoint_url(address).build();
            let sockets = aws_sdk_apigatewaymanagement::Client::from_conf(config);
            let table = aws_sdk_dynamodb::Client::new(aws);
            let handler: Handler = Arc::new(move |event, _| {
                let (sockets, table, after) = (sockets.clone(), table.clone(), after.clone());
                async move {
                    let event: Value = serde_json::from_slice(&event).unwrap();
                    let id = event["requestContext"]["connectionId"].as_str().unwrap().to_owned();
                    if event["body"].is_string() {
                        let key = AttributeValue::S("x".to_owned());
                        let read = table.get_item().table_name("Table").key("pk", key).send().await;
                        assert!(read.is_err(), "it is not granted");
                        after.defer(async move {
                            let post = sockets.post_to_connection().connection_id(id);
                            post.data(Blob::new("later")).send().await.unwrap();
                        });
                    }
                    Ok(Bytes::from(json!({ "statusCode": 200, "body": "now" }).to_string()))
                }
                .boxed()
            });
            Ok(handler)
        })
}

#[tokio::test]
async fn those_after_the_answer_too_and_only_with_a_grant() {
    let cloud = cloud_with(|options| options.run = Run::InProcess(catalogue())).await;
    let mut socket = open(cloud.host(), "").await.ok().unwrap();
    // Deferred work runs beside the answer, so either may come first.
    let mut heard = [socket.ask("do").await, socket.text().await];
    heard.sort();
    assert_eq!(heard, ["later", "now"]);
    cloud.running.lambda().idle().await;

    let ledger = &cloud.running.ledger;
    let message = ledger.invocations().into_iter().find(|entry| entry.event == "MESSAGE $default").unwrap();
    let calls: Vec<_> = ledger
        .calls()
        .into_iter()
        .map(|call| (call.invocation.unwrap(), call.function, call.operation, call.status))
        .collect();
    let call =
        |operation: &str, status| (message.id.clone(), "SocketFunction".to_owned(), operation.to_owned(), status);
    assert_eq!(calls, [call("GetItem", 400), call("PostToConnection", 200)]);
}
