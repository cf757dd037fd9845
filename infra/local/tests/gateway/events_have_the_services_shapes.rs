use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayWebsocketProxyRequest};
use serde_json::{Value, json};

use crate::{
    client::{http, open},
    cloud::cloud,
};

#[tokio::test]
async fn a_request_is_payload_format_2() {
    let mut cloud = cloud().await;
    let head = ["X-Many: 1", "x-many: 2", "Cookie: a=1; b=2", "Content-Type: application/json", "User-Agent: test"];
    http(cloud.host(), "POST /echo?q=a%20b&q=c&empty", &head, "{\"é\":1}".as_bytes()).await;
    let event = cloud.event("http").await;
    assert_eq!(event["version"], "2.0");
    assert_eq!(event["rawQueryString"], "q=a%20b&q=c&empty");
    assert_eq!(event["queryStringParameters"], json!({ "q": "a b,c", "empty": "" }));
    assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
    assert_eq!((&event["headers"]["x-many"], &event["headers"]["cookie"]), (&"1,2".into(), &Value::Null));
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&"{\"é\":1}".into(), &false.into()));
    let context = &event["requestContext"];
    assert_eq!(
        context["http"],
        json!({ "method": "POST", "path": "/echo", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test" })
    );
    assert!(context["timeEpoch"].as_u64().unwrap().abs_diff(cloud.running.clock.now_ms()) < 60_000);
    serde_json::from_value::<ApiGatewayV2httpRequest>(event).unwrap();
}

#[tokio::test]
async fn a_path_arrives_decoded_and_a_body_of_another_type_in_base64() {
    let mut cloud = cloud().await;
    http(cloud.host(), "GET /echo/a%2Fb%20c", &["Content-Type: application/x-www-form-urlencoded"], b"a=b").await;
    let event = cloud.event("http").await;
    assert_eq!((&event["rawPath"], &event["pathParameters"]), (&"/echo/a/b c".into(), &json!({ "id": "a/b c" })));
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&"YT1i".into(), &true.into()));
}

#[tokio::test]
async fn only_connect_carries_headers_and_query() {
    let mut cloud = cloud().await;
    let mut socket = open(cloud.host(), "EIO=4&transport=websocket&EIO=5").await.ok().unwrap();
    let connect = cloud.event("socket").await;
    assert_eq!(connect["queryStringParameters"], json!({ "EIO": "5", "transport": "websocket" }));
    assert_eq!(connect["multiValueQueryStringParameters"]["EIO"], json!(["4", "5"]));
    assert_eq!(connect["headers"]["Sec-WebSocket-Version"], "13");
    assert_eq!(connect["multiValueHeaders"]["Host"], json!([cloud.host()]));
    let context = &connect["requestContext"];
    assert_eq!(
        (&context["eventType"], &context["routeKey"], &context["stage"]),
        (&"CONNECT".into(), &"$connect".into(), &"live".into())
    );
    assert!(context["connectionId"].as_str().unwrap().ends_with('='));

    assert_eq!(socket.ask("say hi").await, "hi");
    let message = cloud.event("socket").await;
    assert_eq!((&message["body"], &message["requestContext"]["eventType"]), (&"say hi".into(), &"MESSAGE".into()));
    assert!(message["requestContext"]["messageId"].is_string());
    assert_eq!(message["requestContext"]["connectedAt"], context["connectedAt"]);
    for absent in ["headers", "multiValueHeaders", "queryStringParameters", "multiValueQueryStringParameters"] {
        assert!(message.get(absent).is_none(), "{absent}");
    }

    socket.0.close(None).await.unwrap();
    let disconnect = cloud.event("socket").await;
    assert_eq!(disconnect["requestContext"]["disconnectStatusCode"], 1005);
    assert!(disconnect.get("queryStringParameters").is_none());
    for event in [connect, message, disconnect] {
        serde_json::from_value::<ApiGatewayWebsocketProxyRequest>(event).unwrap();
    }
}
