use crate::{client::open, cloud::cloud};

#[tokio::test]
async fn a_later_message_is_answered_before_an_earlier_one_that_waits_for_it() {
    let cloud = cloud().await;
    let mut socket = open(cloud.host(), "").await.ok().unwrap();
    socket.send("wait").await;
    socket.send("go").await;
    let mut answers = [socket.text().await, socket.text().await];
    answers.sort();
    assert_eq!(answers, ["waited", "went"]);
}
