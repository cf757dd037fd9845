use crate::{client::http, cloud::cloud};

#[tokio::test]
async fn ten_megabytes_are_the_most_that_is_read_and_six_that_a_function_gets() {
    let mut cloud = cloud().await;
    let text = ["Content-Type: text/plain"];
    assert_eq!(http(cloud.host(), "POST /echo", &text, &vec![b'x'; 2 * 1024 * 1024]).await.status, 200);
    cloud.event("http").await;
    for megabytes in [7, 11] {
        let answer = http(cloud.host(), "POST /echo", &text, &vec![b'x'; megabytes * 1024 * 1024]).await;
        assert_eq!((answer.status, answer.body.as_str()), (413, r#"{"message":"Request Entity Too Large"}"#));
    }
    assert!(cloud.events.try_recv().is_err());
}

#[tokio::test]
async fn request_line_and_headers_fit_into_ten_kilobytes() {
    let cloud = cloud().await;
    let long = |bytes: usize| format!("X-Long: {}", "x".repeat(bytes));
    assert_eq!(http(cloud.host(), "GET /echo", &[&long(10_000)], b"").await.status, 200);
    assert_eq!(http(cloud.host(), "GET /echo", &[&long(10_240)], b"").await.status, 431);
}

#[tokio::test]
async fn a_plain_request_for_a_socket_is_told_to_upgrade() {
    let cloud = cloud().await;
    let answer = http(cloud.host(), "GET /socket.io/?transport=websocket", &[], b"").await;
    assert_eq!((answer.status, answer.headers("upgrade")), (426, vec!["websocket"]));
}
