use aws_sdk_apigatewaymanagement::primitives::Blob;

use crate::{
    client::{http, management, open},
    cloud::cloud,
};

#[tokio::test]
async fn the_sdk_reads_the_errors_as_its_own() {
    let mut cloud = cloud().await;
    let mut socket = open(cloud.host(), "").await.ok().unwrap();
    let id = cloud.event("socket").await["requestContext"]["connectionId"].as_str().unwrap().to_owned();
    assert_eq!(socket.ask("say hello").await, "hello");
    let client = management(&cloud.running.origin);
    let post = |data: Vec<u8>| client.post_to_connection().connection_id(&id).data(Blob::new(data)).send();

    post(vec![b'x'; 128 * 1024]).await.unwrap();
    assert_eq!(socket.text().await.len(), 128 * 1024);
    let error = post(vec![b'x'; 128 * 1024 + 1]).await.unwrap_err().into_service_error();
    assert!(error.is_payload_too_large_exception(), "{error:?}");

    let known = client.get_connection().connection_id(&id).send().await.unwrap();
    assert!(known.last_active_at().unwrap() >= known.connected_at().unwrap());
    assert_eq!(known.identity().unwrap().source_ip(), Some("127.0.0.1"));

    client.delete_connection().connection_id(&id).send().await.unwrap();
    assert_eq!(socket.closed().await, 1000);
    assert!(post(b"late".to_vec()).await.unwrap_err().into_service_error().is_gone_exception());
    assert!(
        client.get_connection().connection_id(&id).send().await.unwrap_err().into_service_error().is_gone_exception()
    );
    let again = client.delete_connection().connection_id(&id).send().await.unwrap_err();
    assert!(again.into_service_error().is_gone_exception());
}

#[tokio::test]
async fn an_id_of_another_form_is_a_bad_request() {
    let cloud = cloud().await;
    let answer = http(cloud.host(), "POST /_aws/connections/live/@connections/short%3D", &[], b"x").await;
    assert_eq!((answer.status, answer.headers("x-amzn-errortype")), (400, vec!["BadRequestException"]));
}

#[tokio::test]
async fn another_stage_is_forbidden() {
    let cloud = cloud().await;
    let answer = http(cloud.host(), "POST /_aws/connections/other/@connections/AAAAAAAAAAAAAAA%3D", &[], b"x").await;
    assert_eq!((answer.status, answer.headers("x-amzn-errortype")), (403, vec!["ForbiddenException"]));
}

#[tokio::test]
async fn a_function_does_what_its_policies_grant_and_no_more() {
    let cloud = cloud().await;
    for (function, method, expected) in [
        ("SocketFunction", "POST", 410),
        ("SocketFunction", "DELETE", 403),
        ("SocketFunction", "GET", 403),
        ("HttpFunction", "POST", 403),
    ] {
        let line = format!("{method} /_aws/connections/live/@connections/AAAAAAAAAAAAAAA%3D");
        let answer = http(cloud.host(), &line, &[&format!("x-dais-function: {function}")], b"").await;
        assert_eq!(answer.status, expected, "{function} {method}");
    }
}
