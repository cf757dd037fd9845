use std::path::Path;

use crate::{ask, ask_alone, spawning, started};

#[tokio::test]
async fn one_process_serves_one_request_after_the_other() {
    let cloud = spawning().await;
    let first = ask_alone(&cloud, "/echo/one").await;
    for _ in 0..20 {
        assert_eq!(ask_alone(&cloud, "/echo/more").await["process"], first["process"]);
    }
    assert_eq!(started(&cloud), 1);
    let cold: Vec<bool> = cloud.running.ledger.invocations().iter().map(|entry| entry.cold).collect();
    assert_eq!(cold.iter().filter(|cold| **cold).count(), 1);
}

#[tokio::test]
async fn its_environment_is_the_templates_with_addresses_of_this_machine() {
    let cloud = spawning().await;
    let environment = ask(&cloud, "/echo/one").await["environment"].take();
    assert_eq!(environment["GREETING"], "hello");
    assert_eq!(environment["TABLE_NAME"], "Table");
    assert_eq!(environment["AWS_LAMBDA_FUNCTION_NAME"], "HttpFunction");
    let own = format!("{}/_lambda/1", cloud.running.origin);
    assert_eq!(environment["WS_MANAGEMENT_URL"], format!("{own}/connections/live"));
    assert_eq!(environment["AWS_ENDPOINT_URL_DYNAMODB"], format!("{own}/dynamodb"));
    assert_eq!(environment["AWS_ENDPOINT_URL_SESV2"], format!("{own}/ses"));
    assert!(environment.get("CARGO_MANIFEST_DIR").is_none(), "nothing of ours leaks into it");
}

#[tokio::test]
async fn it_ends_with_the_local_cloud() {
    let cloud = spawning().await;
    let process = ask(&cloud, "/echo/one").await["process"].to_string();
    let place = Path::new("/proc").join(process);
    assert!(place.exists() || !cfg!(target_os = "linux"));
    cloud.running.stop().await;
    assert!(!place.exists());
}
