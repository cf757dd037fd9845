use serde_json::Value;

use crate::{client::http, cloud::cloud};

#[tokio::test]
async fn a_route_reaches_its_function_and_the_rest_is_not_found() {
    let cloud = cloud().await;
    for (line, expected) in
        [("GET /echo", "ANY /echo"), ("DELETE /echo", "ANY /echo"), ("GET /echo/a%20b", "GET /echo/{id}")]
    {
        let answer = http(cloud.host(), line, &[], b"").await;
        let event: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!((answer.status, &event["routeKey"]), (200, &expected.into()), "{line}");
    }
    for line in ["GET /", "GET /echo/", "GET /echo/a/b", "POST /echo/a", "GET /Echo", "GET /socket.io/"] {
        let answer = http(cloud.host(), line, &[], b"").await;
        if line != "GET /" {
            assert_eq!((answer.status, answer.body.as_str()), (404, r#"{"message":"Not Found"}"#), "{line}");
        } else {
            assert_eq!((answer.status, answer.headers("content-type")), (200, vec!["text/html; charset=utf-8"]));
        }
    }
}

#[tokio::test]
async fn an_answer_without_a_status_is_json() {
    let cloud = cloud().await;
    let answer = http(cloud.host(), "GET /echo/short", &[], b"").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"short":true}"#));
    assert_eq!(answer.headers("content-type"), ["application/json"]);
}
