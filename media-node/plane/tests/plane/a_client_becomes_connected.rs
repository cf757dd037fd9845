use std::time::Duration;

use dais_media::Direction;
use dais_media_plane::{Event, client::Behaviour};

use crate::support::{World, profiled};

#[test]
fn as_dtls_client_with_gcm() {
    let mut world = World::new();
    let peer = world.connected(Direction::Send);
    let stats = world.worker.transport_stats(world.peers[peer].transport).expect("transport");
    assert_eq!(stats.srtp_profile, Some("AEAD_AES_128_GCM"));
    assert_eq!(stats.remote, Some(world.peers[peer].address));
    // Check, hello, cookie, flight: three round trips of 2 ms and the check's own.
    assert!(world.now - world.start <= Duration::from_millis(10), "{:?}", world.now - world.start);
    assert!(
        matches!(world.events[..], [Event::TransportUp { transport, .. }] if transport == world.peers[peer].transport)
    );
    assert_eq!(world.peers[peer].client.mapped_address(), Some(world.peers[peer].address));
}

#[test]
fn as_dtls_server() {
    let mut world = World::new();
    world.profiled = profiled(Behaviour { is_dtls_client: false, ..Behaviour::default() });
    world.connected(Direction::Recv);
}

#[test]
fn with_the_older_cipher() {
    let mut world = World::new();
    world.profiled = profiled(Behaviour { offers_gcm: false, ..Behaviour::default() });
    let peer = world.connected(Direction::Recv);
    let stats = world.worker.transport_stats(world.peers[peer].transport).expect("transport");
    assert_eq!(stats.srtp_profile, Some("AES_CM_128_HMAC_SHA1_80"));
}

#[test]
fn on_a_network_that_loses_a_fifth() {
    for seed in 1..=10 {
        let mut world = World::with(dais_media_plane::WorkerConfig::new(crate::support::NODE, vec![]), seed);
        world.network.loss = 20.0;
        world.network.duplication = 10.0;
        world.network.jitter = Duration::from_millis(5);
        world.connected(Direction::Send);
    }
}
