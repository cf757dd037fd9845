use std::{fs, path::PathBuf};

use serde_json::Value;

use crate::{
    client::{http, open},
    cloud::{Cloud, cloud_with},
};

/// A cloud whose routes take two requests and never another one.
async fn two_a_route(throttled: bool) -> Cloud {
    let settings = "      DefaultRouteSettings: { ThrottlingRateLimit: 0, ThrottlingBurstLimit: 2 }\n";
    let mut text = fs::read_to_string(crate::cloud::template()).unwrap();
    for kind in ["      CorsConfiguration:\n", "      StageName: live\n"] {
        text = text.replace(kind, &format!("{settings}{kind}"));
    }
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("throttled-{}.yaml", nanoid::nanoid!(8)));
    fs::write(&path, text).unwrap();
    cloud_with(|options| {
        options.template = path;
        options.throttled = throttled;
    })
    .await
}

#[tokio::test]
async fn each_route_has_its_own_rate() {
    let cloud = two_a_route(true).await;
    for (line, expected) in [("GET /echo", [200, 200, 429]), ("GET /echo/x", [200, 200, 429])] {
        for status in expected {
            assert_eq!(http(cloud.host(), line, &[], b"").await.status, status, "{line}");
        }
    }
}

#[tokio::test]
async fn a_message_too_many_is_told_so() {
    let mut cloud = two_a_route(true).await;
    let mut socket = open(cloud.host(), "").await.ok().unwrap();
    let id = cloud.event("socket").await["requestContext"]["connectionId"].clone();
    assert_eq!(socket.ask("say one").await, "one");
    assert_eq!(socket.ask("say two").await, "two");
    let refusal: Value = serde_json::from_str(&socket.ask("say three").await).unwrap();
    assert_eq!((&refusal["message"], &refusal["connectionId"]), (&"Too Many Requests".into(), &id));
}

#[tokio::test]
async fn a_connection_too_many_is_a_429() {
    let cloud = two_a_route(true).await;
    let (_first, _second) = (open(cloud.host(), "").await.ok().unwrap(), open(cloud.host(), "").await.ok().unwrap());
    assert_eq!(open(cloud.host(), "").await.err(), Some(429));
}

#[tokio::test]
async fn measurements_may_do_without() {
    let cloud = two_a_route(false).await;
    for _ in 0..5 {
        assert_eq!(http(cloud.host(), "GET /echo", &[], b"").await.status, 200);
    }
}
