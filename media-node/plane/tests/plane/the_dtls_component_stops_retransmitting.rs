//! Why the node repeats flights itself: when a client repeats its greeting because the node's answer was lost, rtc-dtls stops its timer and
//! answers no more.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::BytesMut;
use rtc_dtls::{
    config::{ConfigBuilder, HandshakeConfig},
    crypto::Certificate,
    endpoint::Endpoint,
};
use rtc_shared::TransportProtocol;

use crate::support::{NODE, address};

fn config(is_client: bool) -> Arc<HandshakeConfig> {
    let provider = rtc_crypto::default_provider().expect("provider");
    let certificate =
        Certificate::generate_self_signed(vec!["test".to_owned()], provider.crypto()).expect("certificate");
    let config = ConfigBuilder::default()
        .with_crypto_provider(provider)
        .with_certificates(vec![certificate])
        .with_insecure_skip_verify(true)
        .with_server_name("test".to_owned())
        .build(is_client, None);
    Arc::new(config.expect("configuration"))
}

#[test]
fn after_a_repeated_greeting() {
    let now = Instant::now();
    let mut server = Endpoint::new(NODE, TransportProtocol::UDP, Some(config(false)));
    let mut client = Endpoint::new(address(0), TransportProtocol::UDP, None);
    client.connect(now, NODE, config(true), None).expect("connect");
    let hello = client.poll_transmit().expect("greeting").message;
    server.read(now, address(0), None, hello).expect("read");
    let cookie = server.poll_transmit().expect("cookie").message;
    client.read(now, NODE, None, cookie).expect("read");
    let hello = client.poll_transmit().expect("greeting with cookie").message;
    server.read(now, address(0), None, hello).expect("read");
    assert!(server.poll_transmit().is_some(), "this is lost");
    assert!(server.poll_timeout(&address(0)).is_some(), "it would be repeated");
    // The client repeats its greeting, as it must: in a record of its own.
    let later = client.poll_timeout(&NODE).expect("timer");
    client.handle_timeout(NODE, later).expect("repeat");
    let again: BytesMut = client.poll_transmit().expect("greeting again").message;
    server.read(later, address(0), None, again).expect("read");
    assert!(server.poll_transmit().is_none(), "not repeated at once");
    assert_eq!(server.poll_timeout(&address(0)), None, "and never: there is no timer");
    server.handle_timeout(address(0), later + Duration::from_secs(60)).expect("nothing to do");
    assert!(server.poll_transmit().is_none());
}
