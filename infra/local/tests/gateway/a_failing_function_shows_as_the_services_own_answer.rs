use serde_json::Value;

use crate::{
    client::{http, open},
    cloud::cloud,
};

#[tokio::test]
async fn on_a_socket_it_is_a_message_with_both_ids() {
    let mut cloud = cloud().await;
    let mut socket = open(cloud.host(), "").await.ok().unwrap();
    let id = cloud.event("socket").await["requestContext"]["connectionId"].clone();
    for message in ["fail", "malformed"] {
        let answer: Value = serde_json::from_str(&socket.ask(message).await).unwrap();
        let event = cloud.event("socket").await;
        assert_eq!(answer["message"], "Internal server error");
        assert_eq!(answer["connectionId"], id);
        assert_eq!(answer["requestId"], event["requestContext"]["requestId"]);
    }
    assert_eq!(socket.ask("say still here").await, "still here");
}

#[tokio::test]
async fn over_http_it_is_a_500() {
    let cloud = cloud().await;
    for id in ["fail", "panic", "malformed"] {
        let answer = http(cloud.host(), &format!("GET /echo/{id}"), &[], b"").await;
        assert_eq!((answer.status, answer.body.as_str()), (500, r#"{"message":"Internal Server Error"}"#), "{id}");
    }
    assert_eq!(http(cloud.host(), "GET /echo/fine", &[], b"").await.status, 200, "the others go on");
}

#[tokio::test]
async fn a_function_that_hangs_is_cut_off_at_its_timeout() {
    let cloud = cloud().await;
    let answer = http(cloud.host(), "GET /echo/hang", &[], b"").await;
    assert_eq!(answer.status, 500);
    let outcomes: Vec<String> =
        cloud.running.ledger.invocations().iter().map(|entry| format!("{:?}", entry.outcome)).collect();
    assert_eq!(outcomes, ["Timeout"]);
}
