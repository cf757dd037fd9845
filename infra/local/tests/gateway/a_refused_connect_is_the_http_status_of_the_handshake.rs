use crate::{client::open, cloud::cloud};

#[tokio::test]
async fn the_functions_status_arrives_and_no_connection_is_made() {
    let cloud = cloud().await;
    for status in [400, 401, 403, 500] {
        assert_eq!(open(cloud.host(), &format!("status={status}")).await.err(), Some(status));
    }
    assert!(cloud.running.connections.is_empty());
}

#[tokio::test]
async fn a_function_that_fails_is_a_502() {
    let cloud = cloud().await;
    assert_eq!(open(cloud.host(), "fail=1").await.err(), Some(502));
}

#[tokio::test]
async fn a_refused_connection_has_no_disconnect() {
    let mut cloud = cloud().await;
    assert_eq!(open(cloud.host(), "status=401").await.err(), Some(401));
    assert_eq!(cloud.event("socket").await["requestContext"]["eventType"], "CONNECT");
    let _socket = open(cloud.host(), "").await.ok();
    assert_eq!(cloud.event("socket").await["requestContext"]["eventType"], "CONNECT");
}
