//! The HTTP key source against a server on this machine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::sync::Arc;

use dais_identity::{HttpKeySource, KeySource, KeySourceError, Keys, Verifier, VerifierConfig};
use serde_json::json;
use support::*;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// A server that reads one request, sends `answer` and keeps the connection open. Gives its address, and the request.
async fn serve(answer: Vec<u8>) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4096];
        let length = stream.read(&mut request).await.unwrap();
        request.truncate(length);
        // The client hangs up when it has seen enough.
        let _ = stream.write_all(&answer).await;
        let _ = stream.read(&mut [0; 1]).await;
        String::from_utf8_lossy(&request).into_owned()
    });
    (address, server)
}

fn ok(body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}

async fn fetch(answer: Vec<u8>) -> Result<Vec<u8>, KeySourceError> {
    let (address, _server) = serve(answer).await;
    HttpKeySource::new(&address).unwrap().fetch().await
}

#[tokio::test]
async fn from_the_well_known_place_of_the_issuer() {
    let (address, server) = serve(ok(&jwks([key()]))).await;
    let issuer = format!("{address}/_local");
    let source = HttpKeySource::new(&issuer).unwrap();
    let authorized_parties = vec![PARTY.to_owned()];
    let verifier = Verifier::new(VerifierConfig {
        issuer: issuer.clone(),
        authorized_parties,
        keys: Keys::Fetched(Arc::new(source)),
    });
    verifier.verify(&token(json!({"iss": issuer})), now()).await.unwrap();
    drop(verifier);
    let request = server.await.unwrap();
    assert!(request.starts_with("GET /_local/.well-known/jwks.json HTTP/1.1\r\n"), "{request}");
}

#[tokio::test]
async fn errors_of_the_server_are_failures() {
    let error = fetch(b"HTTP/1.1 503 Unavailable\r\ncontent-length: 0\r\n\r\n".to_vec()).await.unwrap_err();
    assert!(matches!(error, KeySourceError::Status { status: 503 }), "{error}");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let answer = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let error = fetch(answer.to_vec()).await.unwrap_err();
    assert!(matches!(error, KeySourceError::Status { status: 302 }), "{error}");
}

#[tokio::test]
async fn documents_that_are_too_long_are_not_read_to_the_end() {
    assert_eq!(fetch(ok(&[b' '; 150_000])).await.unwrap().len(), 150_000);
    let error = fetch(ok(&[b' '; 150_001])).await.unwrap_err();
    assert!(matches!(error, KeySourceError::TooLong { limit: 150_000 }), "{error}");
    // A server that announces no length and never ends.
    let endless = [b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec(), vec![b' '; 1_000_000]].concat();
    let error = fetch(endless).await.unwrap_err();
    assert!(matches!(error, KeySourceError::TooLong { .. }), "{error}");
}

#[tokio::test]
async fn a_server_that_does_not_finish_its_answer_is_given_up() {
    let error = fetch(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_vec()).await.unwrap_err();
    assert!(matches!(error, KeySourceError::TimedOut), "{error}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = HttpKeySource::new(&address).unwrap().fetch().await.unwrap_err();
    assert!(matches!(error, KeySourceError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_gets_no_request_for_an_https_issuer() {
    let (address, server) = serve(ok(&jwks([key()]))).await;
    let error = HttpKeySource::new(&address.replace("http:", "https:")).unwrap().fetch().await.unwrap_err();
    assert!(matches!(error, KeySourceError::Unreachable { .. }), "{error}");
    server.abort();
}

#[test]
fn only_https_or_this_machine() {
    for issuer in [
        "https://clerk.example.com",
        "https://clerk.example.com/",
        "https://a.b:8443/x",
        "http://127.0.0.1:3000/_local",
        "http://[::1]:3000",
        "http://localhost",
    ] {
        assert!(HttpKeySource::new(issuer).is_ok(), "{issuer}");
    }
    for issuer in [
        "",
        "clerk.example.com",
        "/x",
        "http://clerk.example.com",
        "http://10.0.0.1",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "ftp://clerk.example.com",
        "https://user@clerk.example.com",
        "https://user:pw@clerk.example.com",
        "https://clerk.example.com?a",
        "https://clerk.example.com#a",
        "http://localhost@clerk.example.com",
        "https://",
    ] {
        assert!(matches!(HttpKeySource::new(issuer).err(), Some(KeySourceError::BadAddress)), "{issuer}");
    }
}
