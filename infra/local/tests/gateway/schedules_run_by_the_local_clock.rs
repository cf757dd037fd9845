use std::time::Duration;

use crate::{
    client::http,
    cloud::{cloud, cloud_with},
};

#[tokio::test]
async fn advancing_the_clock_runs_what_is_due_before_it_answers() {
    let mut cloud = cloud().await;
    let answer = http(cloud.host(), "POST /_local/clock", &[], br#"{"advance":"1m"}"#).await;
    assert_eq!(answer.status, 200);
    let event = cloud.events.try_recv().unwrap().1;
    assert_eq!((&event["source"], &event["detail-type"]), (&"aws.events".into(), &"Scheduled Event".into()));
    let labels: Vec<_> = cloud.running.ledger.invocations().into_iter().map(|entry| entry.event).collect();
    assert_eq!(labels, ["schedule"]);
}

#[tokio::test]
async fn a_long_jump_is_one_run() {
    let mut cloud = cloud().await;
    http(cloud.host(), "POST /_local/clock", &[], br#"{"advance":"2h"}"#).await;
    cloud.event("tick").await;
    assert!(cloud.events.try_recv().is_err());
}

#[tokio::test]
async fn a_rate_in_real_time_needs_no_clock() {
    let mut cloud = cloud_with(|options| options.heartbeat = Some(Duration::from_millis(1))).await;
    cloud.event("tick").await;
    cloud.event("tick").await;
}
