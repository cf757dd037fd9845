//! `POST /_local/chaos` replaces all switches, `{}` switches all off, and a wrong field is named and changes nothing.
#![allow(clippy::unwrap_used)]

mod support;

use dais_local::chaos::{self, Chaos, ChaosSettings};

#[tokio::test]
async fn chaos_is_switched_over_http() {
    let chaos = Chaos::new();
    let address = support::serve(chaos::routes(chaos.clone())).await;
    let all = r#"{"lostDisconnects":true,"duplicateInvocations":0.1,"killInvocations":0.1,"throttleTable":0.1,"conflictTable":0.1,"delayInvocationsMs":50,"delayTableMs":20,"seed":1}"#;

    assert_eq!(support::post(address, "/_local/chaos", all).await.status, 200);
    assert!(chaos.current().lost_disconnects);
    assert_eq!(chaos.current().delay_invocations_ms, 50);
    let shown = support::get(address, "/_local/chaos").await.json();
    assert_eq!(shown, serde_json::from_str::<serde_json::Value>(all).unwrap());

    let refused = support::post(address, "/_local/chaos", r#"{"throttleTable":2}"#).await;
    assert_eq!(refused.status, 400);
    assert!(refused.json()["error"].as_str().unwrap().contains("throttleTable"));
    assert!(chaos.current().lost_disconnects, "a refused change changes nothing");

    assert_eq!(support::post(address, "/_local/chaos", "{}").await.status, 200);
    assert_eq!(chaos.current(), ChaosSettings::default());
}
