use std::sync::Arc;

use tokio::net::TcpListener;

use crate::{ask, ask_alone, spawning, started};

#[tokio::test]
async fn four_at_a_time_are_four_and_afterwards_no_more_are_made() {
    let cloud = Arc::new(spawning().await);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let until = listener.local_addr().unwrap();
    let mut asking = Vec::new();
    for _ in 0..4 {
        let cloud = Arc::clone(&cloud);
        asking.push(tokio::spawn(async move { ask(&cloud, &format!("/echo/wait?until={until}")).await }));
    }
    // All four are at work before the first may end.
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(listener.accept().await.unwrap());
    }
    assert_eq!(started(&cloud), 4);
    drop(held);
    for asked in asking {
        asked.await.unwrap();
    }
    cloud.running.lambda().idle().await;
    for _ in 0..8 {
        ask_alone(&cloud, "/echo/one").await;
    }
    assert_eq!(started(&cloud), 4);
}
