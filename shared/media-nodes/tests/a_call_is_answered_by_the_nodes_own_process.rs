//! Calls over the network, to the real control API and to others that pretend to be one: the node of the record answers, and
//! whatever else is at its address is an error in time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use dais_domain::{MeetingId, NodeId, RequestId, Timestamp, Version};
use dais_media::{
    control::{Answer, Call, Problem, Request},
    ticket::{KEY_BYTES, TicketKey},
};
use dais_media_node::control::{ControlCertificate, serve};
use dais_media_nodes::{CallError, HttpsNodes, MediaNodeCalls};
use dais_store::{MediaNodeRecord, NodeLoad};
use futures::future::BoxFuture;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_rustls::TlsAcceptor;

const KEY: [u8; KEY_BYTES] = [7; KEY_BYTES];

fn now() -> Timestamp {
    Timestamp::from_ms(1_700_000_000_000)
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

/// A node's record with the address and the certificate of something.
fn record(address: SocketAddr, certificate: &ControlCertificate) -> MediaNodeRecord {
    MediaNodeRecord {
        id: NodeId::new("node-1").unwrap(),
        control_url: format!("https://{address}"),
        fingerprint: certificate.fingerprint().to_owned(),
        ticket_key: TicketKey::new(KEY).to_text(),
        load: NodeLoad::default(),
        draining: false,
        started_at: now(),
        lease_until: now(),
    }
}

fn call(id: &str) -> Call {
    Call {
        request_id: RequestId::new(id).unwrap(),
        room: MeetingId::new("room").unwrap(),
        epoch: 1,
        request: Request::RoomChanged { version: Version(3) },
    }
}

/// The control API of a media node, behind something that counts connections.
struct Real {
    record: MediaNodeRecord,
    calls: Arc<AtomicUsize>,
    connections: Arc<AtomicUsize>,
    _stop: watch::Sender<bool>,
}

async fn real() -> Real {
    let certificate = ControlCertificate::generate().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let inner = listener.local_addr().unwrap();
    let (calls, connections) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let front = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let record = record(front.local_addr().unwrap(), &certificate);
    let (stop, stopped) = watch::channel(false);
    let (node, counted) = (record.id.clone(), Arc::clone(&calls));
    let handle = move |call: Call| -> BoxFuture<'static, Result<Answer, Problem>> {
        counted.fetch_add(1, Ordering::Relaxed);
        let refused = call.room.as_str() == "elsewhere";
        Box::pin(async move { if refused { Err(Problem::NotHere) } else { Ok(Answer::Done) } })
    };
    tokio::spawn(async move {
        serve(listener, &certificate, node, TicketKey::new(KEY), Arc::new(now), Arc::new(handle), stopped).await
    });
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        loop {
            let (mut client, _) = front.accept().await.unwrap();
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                let mut server = TcpStream::connect(inner).await.unwrap();
                copy_bidirectional(&mut client, &mut server).await
            });
        }
    });
    Real { record, calls, connections, _stop: stop }
}

impl Real {
    fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

#[tokio::test]
async fn calls_to_one_node_share_a_connection() {
    let (real, nodes) = (real().await, HttpsNodes::default());
    for id in ["a", "b", "c"] {
        assert_eq!(nodes.call(&real.record, &call(id), now(), soon()).await, Ok(Answer::Done));
    }
    assert_eq!((real.calls(), real.connections.load(Ordering::Relaxed)), (3, 1));
}

#[tokio::test]
async fn what_a_node_refuses_it_says_why() {
    let (real, nodes) = (real().await, HttpsNodes::default());
    let elsewhere = Call { room: MeetingId::new("elsewhere").unwrap(), ..call("a") };
    let refused = nodes.call(&real.record, &elsewhere, now(), soon()).await;
    assert_eq!(refused, Err(CallError::Problem(Problem::NotHere)));
}

#[tokio::test]
async fn another_certificate_is_told_nothing() {
    let real = real().await;
    let other = ControlCertificate::generate().unwrap().fingerprint().to_owned();
    let record = MediaNodeRecord { fingerprint: other, ..real.record.clone() };
    unreachable(HttpsNodes::default().call(&record, &call("a"), now(), soon()).await);
    assert_eq!((real.calls(), real.connections.load(Ordering::Relaxed)), (0, 1));
}

#[tokio::test]
async fn each_node_is_held_to_its_own_certificate() {
    let (one, other, nodes) = (real().await, real().await, HttpsNodes::default());
    let second = MediaNodeRecord { id: NodeId::new("node-2").unwrap(), ..other.record.clone() };
    assert_eq!(nodes.call(&one.record, &call("a"), now(), soon()).await, Ok(Answer::Done));
    // The ticket of this one is for the name that it does not have: it got through to be refused.
    let refused = nodes.call(&second, &call("b"), now(), soon()).await;
    assert_eq!(refused, Err(CallError::Problem(Problem::Ticket)));
}

#[tokio::test]
async fn a_ticket_under_another_key_or_of_another_time_is_refused() {
    let (real, nodes) = (real().await, HttpsNodes::default());
    let forged = MediaNodeRecord { ticket_key: TicketKey::new([8; KEY_BYTES]).to_text(), ..real.record.clone() };
    let refused = Err(CallError::Problem(Problem::Ticket));
    assert_eq!(nodes.call(&forged, &call("a"), now(), soon()).await, refused);
    assert_eq!(nodes.call(&real.record, &call("a"), Timestamp::from_ms(1), soon()).await, refused);
    assert_eq!(real.calls(), 0);
}

#[tokio::test]
async fn a_record_that_does_not_say_whom_to_trust_is_not_called() {
    let real = real().await;
    for record in [
        MediaNodeRecord { fingerprint: String::new(), ..real.record.clone() },
        MediaNodeRecord { ticket_key: String::new(), ..real.record.clone() },
        MediaNodeRecord { control_url: real.record.control_url.replace("https", "http"), ..real.record.clone() },
        MediaNodeRecord { control_url: "nowhere".to_owned(), ..real.record.clone() },
    ] {
        unreachable(HttpsNodes::default().call(&record, &call("a"), now(), soon()).await);
    }
    assert_eq!(real.connections.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn nobody_there_is_an_error_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let record = record(listener.local_addr().unwrap(), &ControlCertificate::generate().unwrap());
    drop(listener);
    unreachable(HttpsNodes::default().call(&record, &call("a"), now(), soon()).await);
}

/// Answers every request with the same bytes, over and over if it is said to, and then says nothing more.
async fn pretender(answer: Vec<u8>, endless: bool) -> MediaNodeRecord {
    let certificate = ControlCertificate::generate().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let record = record(listener.local_addr().unwrap(), &certificate);
    tokio::spawn(async move {
        let acceptor = TlsAcceptor::from(certificate.config());
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).await;
            let _ = stream.write_all(&answer).await;
            let more = [b'x'; 4096];
            while endless && stream.write_all(&more).await.is_ok() {}
            // Until the caller has enough of it.
            while stream.read(&mut asked).await.is_ok_and(|read| read > 0) {}
        }
    });
    record
}

fn http(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

#[tokio::test]
async fn an_answer_that_is_none_is_an_error() {
    for answer in [
        http("200 OK", "<html>"),
        http("200 OK", ""),
        http("200 OK", r#"{"problem":"ticket"}"#),
        http("502 Bad Gateway", "upstream"),
        http("401 Unauthorized", r#"{"is":"done"}"#),
        http("302 Found", ""),
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n".to_vec(),
    ] {
        let record = pretender(answer, false).await;
        unreachable(HttpsNodes::default().call(&record, &call("a"), now(), soon()).await);
    }
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_not_read_to_its_end() {
    let long = http("200 OK", &format!("{{\"is\":\"done\",\"x\":\"{}\"}}", "x".repeat(1024 * 1024)));
    unreachable(HttpsNodes::default().call(&pretender(long, false).await, &call("a"), now(), soon()).await);
    let without_an_end = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    unreachable(HttpsNodes::default().call(&pretender(without_an_end, true).await, &call("a"), now(), soon()).await);
}

/// The clock stands while something happens, and goes to the next moment that somebody waits for when nothing does.
#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_come_is_an_error_after_two_seconds() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_vec();
    for answer in [Vec::new(), half] {
        let (record, begun) = (pretender(answer, false).await, tokio::time::Instant::now());
        unreachable(HttpsNodes::default().call(&record, &call("a"), now(), soon()).await);
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    }
    // It does not even speak TLS.
    let deaf = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let record = record(deaf.local_addr().unwrap(), &ControlCertificate::generate().unwrap());
    unreachable(HttpsNodes::default().call(&record, &call("a"), now(), soon()).await);
}

#[tokio::test(start_paused = true)]
async fn a_call_is_given_up_at_its_deadline() {
    let (record, begun) = (pretender(Vec::new(), false).await, tokio::time::Instant::now());
    let deadline = Instant::now() + Duration::from_millis(300);
    unreachable(HttpsNodes::default().call(&record, &call("a"), now(), deadline).await);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[track_caller]
fn unreachable(outcome: Result<Answer, CallError>) {
    assert!(matches!(outcome, Err(CallError::Unreachable(_))), "{outcome:?}");
}
