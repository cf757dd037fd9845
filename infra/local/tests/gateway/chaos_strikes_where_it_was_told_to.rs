use dais_local::chaos::ChaosSettings;

use crate::{
    client::{http, open},
    cloud::cloud,
};

#[tokio::test]
async fn a_lost_disconnect_reaches_no_function() {
    let mut cloud = cloud().await;
    cloud.running.chaos.set(ChaosSettings { lost_disconnects: true, ..ChaosSettings::default() });
    let mut socket = open(cloud.host(), "").await.ok().unwrap();
    cloud.event("socket").await;
    socket.0.close(None).await.unwrap();
    cloud.running.stop().await;
    assert!(cloud.events.recv().await.is_none(), "no further event");
}

#[tokio::test]
async fn a_duplicated_event_runs_twice_with_one_id_and_is_answered_once() {
    let mut cloud = cloud().await;
    let mut socket = open(cloud.host(), "").await.ok().unwrap();
    cloud.event("socket").await;
    cloud.running.chaos.set(ChaosSettings { duplicate_invocations: 1.0, ..ChaosSettings::default() });
    assert_eq!(socket.ask("say once").await, "once");
    let (first, second) = (cloud.event("socket").await, cloud.event("socket").await);
    assert_eq!(first, second);
    assert_eq!(socket.ask("say next").await, "next", "nothing came in between");
}

#[tokio::test]
async fn a_killed_invocation_is_a_failed_one() {
    let cloud = cloud().await;
    cloud.running.chaos.set(ChaosSettings { kill_invocations: 1.0, ..ChaosSettings::default() });
    // A kill may come after the last step of so short a run, and then it is none.
    let mut failed = 0;
    for _ in 0..100 {
        failed += i32::from(http(cloud.host(), "GET /echo/x", &[], b"").await.status == 500);
    }
    assert!(failed > 0);
}
