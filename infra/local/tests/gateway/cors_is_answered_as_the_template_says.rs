use crate::{client::http, cloud::cloud};

const PREFLIGHT: &str = "Access-Control-Request-Method: POST";

#[tokio::test]
async fn a_preflight_never_reaches_a_function() {
    let mut cloud = cloud().await;
    let known = http(cloud.host(), "OPTIONS /echo", &["Origin: http://localhost:5173", PREFLIGHT], b"").await;
    assert_eq!(known.status, 204);
    assert_eq!(known.headers("access-control-allow-origin"), ["http://localhost:5173"]);
    assert_eq!(known.headers("access-control-allow-methods"), ["GET,POST"]);
    assert_eq!(known.headers("access-control-allow-headers"), ["authorization"]);
    assert_eq!(known.headers("access-control-max-age"), ["600"]);
    let strange = http(cloud.host(), "OPTIONS /echo", &["Origin: https://evil.example.com", PREFLIGHT], b"").await;
    assert_eq!((strange.status, strange.headers("access-control-allow-origin")), (204, vec![]));
    assert!(cloud.events.try_recv().is_err());
}

#[tokio::test]
async fn the_apis_headers_replace_those_of_the_function() {
    let cloud = cloud().await;
    let known = http(cloud.host(), "GET /echo/cookies", &["Origin: http://127.0.0.1:5173"], b"").await;
    assert_eq!(known.headers("access-control-allow-origin"), ["http://127.0.0.1:5173"]);
    assert_eq!(known.headers("access-control-expose-headers"), ["etag"]);
    assert_eq!(known.headers("set-cookie"), ["a=1", "b=2"]);
    let without = http(cloud.host(), "GET /echo/cookies", &[], b"").await;
    assert_eq!(without.headers("access-control-allow-origin"), Vec::<&str>::new());
}
