use tokio::net::TcpListener;

use crate::{ask, spawning, started};

#[tokio::test]
async fn meanwhile_another_one_is_made_and_afterwards_it_is_used_again() {
    let cloud = spawning().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let until = listener.local_addr().unwrap();
    let busy = ask(&cloud, &format!("/echo/defer?until={until}")).await["process"].clone();
    // The answer is here, the work is not done: it holds this connection.
    let (work, _) = listener.accept().await.unwrap();
    let other = ask(&cloud, "/echo/one").await["process"].clone();
    assert_ne!(other, busy);
    assert_eq!(started(&cloud), 2);

    drop(work);
    cloud.running.lambda().idle().await;
    assert_eq!(cloud.running.ledger.invocations().len(), 2);
    let again = ask(&cloud, "/echo/one").await["process"].clone();
    assert!(again == busy || again == other);
    assert_eq!(started(&cloud), 2);
}
