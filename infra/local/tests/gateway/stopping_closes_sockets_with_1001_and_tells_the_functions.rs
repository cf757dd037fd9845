use crate::{client::open, cloud::cloud};

#[tokio::test]
async fn nobody_is_left_behind() {
    let mut cloud = cloud().await;
    let mut socket = open(cloud.host(), "").await.ok().unwrap();
    cloud.event("socket").await;
    assert_eq!(socket.ask("say here").await, "here");
    cloud.event("socket").await;
    let client = tokio::spawn(async move { socket.closed().await });
    cloud.running.stop().await;
    assert_eq!(client.await.unwrap(), 1001);
    let (_, event) = cloud.events.recv().await.unwrap();
    let end = &event["requestContext"];
    assert_eq!((&end["eventType"], &end["disconnectStatusCode"]), (&"DISCONNECT".into(), &1001.into()));
    assert!(cloud.events.recv().await.is_none(), "the functions are gone too");
}
