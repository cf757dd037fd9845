use aws_sdk_apigatewaymanagement::primitives::Blob;

use crate::{
    client::{management, open},
    cloud::cloud,
};

#[tokio::test]
async fn a_thousand_posts_arrive_as_they_were_accepted() {
    let mut cloud = cloud().await;
    let mut socket = open(cloud.host(), "").await.ok().unwrap();
    let id = cloud.event("socket").await["requestContext"]["connectionId"].as_str().unwrap().to_owned();
    assert_eq!(socket.ask("say ready").await, "ready");
    let client = management(&cloud.running.origin);
    let posting = tokio::spawn(async move {
        for number in 0..1_000 {
            client.post_to_connection().connection_id(&id).data(Blob::new(number.to_string())).send().await.unwrap();
        }
    });
    for number in 0..1_000 {
        assert_eq!(socket.text().await, number.to_string());
    }
    posting.await.unwrap();
}
