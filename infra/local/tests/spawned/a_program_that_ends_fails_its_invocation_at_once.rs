use dais_local::ledger::Outcome;

use crate::{ask_alone, client::http, spawning, started};

#[tokio::test]
async fn and_the_next_one_gets_a_new_process() {
    let cloud = spawning().await;
    let first = ask_alone(&cloud, "/echo/one").await["process"].clone();
    assert_eq!(http(cloud.host(), "GET /echo/exit", &[], b"").await.status, 500);
    assert_ne!(ask_alone(&cloud, "/echo/one").await["process"], first);
    assert_eq!(started(&cloud), 2);
}

#[tokio::test]
async fn an_error_costs_no_process() {
    let cloud = spawning().await;
    assert_eq!(http(cloud.host(), "GET /echo/fail", &[], b"").await.status, 500);
    cloud.running.lambda().idle().await;
    ask_alone(&cloud, "/echo/one").await;
    assert_eq!(started(&cloud), 1);
}

#[tokio::test]
async fn one_that_hangs_is_ended_at_the_functions_timeout() {
    let cloud = spawning().await;
    assert_eq!(http(cloud.host(), "GET /echo/hang", &[], b"").await.status, 500);
    ask_alone(&cloud, "/echo/one").await;
    assert_eq!(started(&cloud), 2);
    assert_eq!(cloud.running.ledger.invocations()[0].outcome, Outcome::Timeout);
}
