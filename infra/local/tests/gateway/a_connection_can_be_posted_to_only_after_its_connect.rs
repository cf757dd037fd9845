use aws_sdk_apigatewaymanagement::primitives::Blob;

use crate::{
    client::{management, open},
    cloud::cloud,
};

#[tokio::test]
async fn after_connect_it_takes_posts() {
    let mut cloud = cloud().await;
    let client = management(&cloud.running.origin);
    let host = cloud.host().to_owned();
    let opening = tokio::spawn(async move { open(&host, "").await });
    let event = cloud.event("socket").await;
    let id = event["requestContext"]["connectionId"].as_str().unwrap().to_owned();
    let mut socket = opening.await.unwrap().ok().unwrap();

    // The client is told of the upgrade a moment before the connection is entered: posts are repeated as functions do.
    let mut tries = 0;
    while let Err(error) = client.post_to_connection().connection_id(&id).data(Blob::new("hello")).send().await {
        assert!(error.into_service_error().is_gone_exception());
        tries += 1;
        assert!(tries < 1_000, "it never appears");
    }
    assert_eq!(socket.text().await, "hello");
}

#[tokio::test]
async fn a_refused_connection_never_exists() {
    let mut cloud = cloud().await;
    assert_eq!(open(cloud.host(), "status=403").await.err(), Some(403));
    let event = cloud.event("socket").await;
    let id = event["requestContext"]["connectionId"].as_str().unwrap().to_owned();
    let client = management(&cloud.running.origin);
    let error = client.post_to_connection().connection_id(&id).data(Blob::new("hello")).send().await.unwrap_err();
    assert!(error.into_service_error().is_gone_exception());
}
