use std::time::Duration;

use crate::{client::open, cloud::cloud};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn ten_minutes_of_silence_close_and_traffic_begins_them_anew() {
    let mut cloud = cloud().await;
    let mut socket = open(cloud.host(), "").await.ok().unwrap();
    cloud.event("socket").await;
    cloud.running.clock.advance(9 * MINUTE);
    assert_eq!(socket.ask("say a").await, "a");
    cloud.running.clock.advance(9 * MINUTE);
    assert_eq!(socket.ask("say b").await, "b");
    cloud.running.clock.advance(10 * MINUTE);
    assert_eq!(socket.closed().await, 1001);
}

#[tokio::test]
async fn two_hours_close_whatever_the_traffic() {
    let mut cloud = cloud().await;
    let mut socket = open(cloud.host(), "").await.ok().unwrap();
    cloud.event("socket").await;
    for _ in 0..23 {
        cloud.running.clock.advance(5 * MINUTE);
        assert_eq!(socket.ask("say on").await, "on");
    }
    cloud.running.clock.advance(5 * MINUTE);
    assert_eq!(socket.closed().await, 1001);
    assert!(open(cloud.host(), "").await.is_ok(), "a new one may come");
}
