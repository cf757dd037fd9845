//! Whoever cannot read the node's record can give it no orders.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use dais_domain::{MeetingId, NodeId, RequestId, Timestamp, Version};
use dais_media::{
    control::{Answer, Call, MAX_CALL_BYTES, Request},
    ticket::{KEY_BYTES, LIFE, TicketKey},
};
use dais_media_node::control::{ControlCertificate, serve};
use tokio::{net::TcpListener, sync::watch};

struct Served {
    address: SocketAddr,
    fingerprint: String,
    node: NodeId,
    key: TicketKey,
    calls: Arc<AtomicUsize>,
    _stop: watch::Sender<bool>,
}

fn now() -> Timestamp {
    Timestamp::from_ms(1_700_000_000_000)
}

async fn served() -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let certificate = ControlCertificate::generate().unwrap();
    let fingerprint = certificate.fingerprint().to_owned();
    let (node, key) = (NodeId::new("node-1").unwrap(), TicketKey::new([7; KEY_BYTES]));
    let calls = Arc::new(AtomicUsize::new(0));
    let (stop, stopped) = watch::channel(false);
    let (served_node, served_key, counted) = (node.clone(), key.clone(), calls.clone());
    tokio::spawn(async move {
        let handle = move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            Box::pin(async { Ok(Answer::Done) }) as futures::future::BoxFuture<'static, _>
        };
        serve(listener, &certificate, served_node, served_key, Arc::new(now), Arc::new(handle), stopped).await
    });
    Served { address, fingerprint, node, key, calls, _stop: stop }
}

fn call(id: &str) -> Vec<u8> {
    let call = Call {
        request_id: RequestId::new(id).unwrap(),
        room: MeetingId::new("room").unwrap(),
        epoch: 1,
        request: Request::RoomChanged { version: Version(3) },
    };
    serde_json::to_vec(&call).unwrap()
}

impl Served {
    async fn post(&self, ticket: Option<&str>, body: Vec<u8>) -> (u16, serde_json::Value) {
        support::post(self.address, &self.fingerprint, ticket, body).await.unwrap()
    }
}

#[tokio::test]
async fn with_one_it_is_done_and_the_second_try_is_answered_without_doing_it_again() {
    let served = served().await;
    let ticket = served.key.sign(&served.node, &call("a"), now());
    for _ in 0..2 {
        let (status, answer) = served.post(Some(&ticket), call("a")).await;
        assert_eq!((status, answer["is"].as_str()), (200, Some("done")));
    }
    assert_eq!(served.calls.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn without_one_or_with_a_wrong_one_nothing_is_done() {
    let served = served().await;
    let other = TicketKey::new([8; KEY_BYTES]).sign(&served.node, &call("a"), now());
    let elsewhere = served.key.sign(&NodeId::new("node-2").unwrap(), &call("a"), now());
    let for_another_body = served.key.sign(&served.node, &call("b"), now());
    let stale = served.key.sign(&served.node, &call("a"), Timestamp::from_ms(now().as_ms() - LIFE.as_millis() as u64));
    for ticket in
        [None, Some(""), Some("Dais v1.1.x"), Some(&other[..]), Some(&elsewhere), Some(&for_another_body), Some(&stale)]
    {
        let (status, answer) = served.post(ticket, call("a")).await;
        assert_eq!((status, answer["problem"].as_str()), (401, Some("ticket")), "{ticket:?}");
    }
    assert_eq!(served.calls.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_a_reason() {
    let served = served().await;
    let body = b"{\"room\": 1}".to_vec();
    let ticket = served.key.sign(&served.node, &body, now());
    let (status, answer) = served.post(Some(&ticket), body).await;
    assert_eq!((status, answer["problem"].as_str()), (400, Some("invalid")));
    assert!(answer["reason"].as_str().is_some_and(|reason| !reason.is_empty()));
}

#[tokio::test]
async fn a_body_over_the_bound_is_refused_before_it_is_read() {
    let served = served().await;
    let (status, _) = served.post(None, vec![b'x'; MAX_CALL_BYTES + 1]).await;
    assert_eq!(status, 413);
}

#[tokio::test]
async fn a_caller_who_expects_another_certificate_sends_nothing() {
    let served = served().await;
    let refused = support::post(served.address, &"0".repeat(64), None, call("a")).await;
    assert!(refused.is_err());
    assert_eq!(served.calls.load(Ordering::Relaxed), 0);
}
