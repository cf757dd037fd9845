use crate::{client::open, cloud::cloud};

#[tokio::test]
async fn default_answers_and_the_other_route_does_not() {
    let mut cloud = cloud().await;
    let mut socket = open(cloud.host(), "").await.ok().unwrap();
    cloud.event("socket").await;
    socket.send(r#"{"action":"quiet"}"#).await;
    let event = cloud.event("socket").await;
    assert_eq!(event["requestContext"]["routeKey"], "quiet");
    // An empty answer is none either.
    socket.send("nothing").await;
    assert_eq!(cloud.event("socket").await["requestContext"]["routeKey"], "$default");
    assert_eq!(socket.ask("say first").await, "first");
    assert_eq!(socket.ask(r#"{"action":"unknown"}"#).await, "never seen");
}
