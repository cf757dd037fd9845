//! `POST /_local/clock {"advance": "2h"}` moves the time that `GET /_local/clock` tells; a mistake moves nothing.
#![allow(clippy::unwrap_used)]

mod support;

use dais_local::clock::{self, Clock};

#[tokio::test]
async fn the_clock_is_set_over_http() {
    let clock = Clock::new();
    let address = support::serve(clock::routes(clock.clone())).await;
    let before = support::get(address, "/_local/clock").await.json();
    assert_eq!(before["offsetMs"], 0);

    let after = support::post(address, "/_local/clock", r#"{"advance":"1h30m"}"#).await;
    assert_eq!(after.status, 200);
    assert_eq!(after.json()["offsetMs"], 5_400_000);
    assert!(after.json()["nowMs"].as_u64().unwrap() >= before["nowMs"].as_u64().unwrap() + 5_400_000);
    assert!(after.json()["now"].as_str().unwrap().ends_with('Z'));

    for wrong in [r#"{"advance":"soon"}"#, r#"{"advance":7}"#, r#"{"to":"2h"}"#, "{}", "[]", "2h"] {
        let refused = support::post(address, "/_local/clock", wrong).await;
        assert_eq!(refused.status, 400, "{wrong}");
        assert!(refused.json()["error"].as_str().unwrap().len() > 20, "a sentence: {}", refused.body);
    }
    assert_eq!(clock.offset_ms(), 5_400_000);
}

#[tokio::test]
async fn any_page_may_read_the_clock() {
    let address = support::serve(clock::routes(Clock::new())).await;
    assert!(support::get(address, "/_local/clock").await.head.contains("access-control-allow-origin: *"));
}
