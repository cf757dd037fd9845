use std::{sync::Arc, time::Duration};

use dais_media::{
    Direction, MediaKind,
    transport::{DtlsFingerprint, DtlsParameters, DtlsRole},
};
use dais_media_plane::{
    DownReason, Event, PlaneError,
    client::{
        Behaviour,
        media::{OPUS, PacketBuilder, microphone},
    },
};

use crate::support::{World, profiled};

#[test]
fn of_a_handshake_that_was_faster() {
    let mut world = World::new();
    let shared = profiled(Behaviour::default());
    let publisher = world.arrive(Direction::Send, Arc::clone(&shared));
    let subscriber = world.connected(Direction::Recv);
    let producer = world.produce(publisher, MediaKind::Audio, &microphone("0", 5));
    world.consume(subscriber, producer);
    world.run_until(|world| world.peers[publisher].client.is_connected());
    assert!(!world.is_up(publisher));
    let packet = PacketBuilder { payload_type: OPUS, ssrc: 5, payload: vec![1; 80], ..PacketBuilder::default() };
    world.send(publisher, &packet);
    world.run_ms(10);
    assert_eq!(world.worker.counters().drops.not_ready, 1);
    assert!(world.peers[subscriber].rtp.is_empty());

    let transport = world.peers[publisher].transport;
    world.worker.connect_transport(world.now, transport, &shared.dtls_parameters()).expect("connect");
    assert!(world.is_up(publisher));
    world.send(publisher, &PacketBuilder { sequence: 1, ..packet });
    world.run_ms(10);
    assert_eq!(world.peers[subscriber].rtp.len(), 1);
}

#[test]
fn and_ends_with_another_one() {
    let mut world = World::new();
    let shared = profiled(Behaviour::default());
    let peer = world.arrive(Direction::Send, Arc::clone(&shared));
    let transport = world.peers[peer].transport;
    let mut parameters = shared.dtls_parameters();
    parameters.fingerprints[0].value = vec!["AB"; 32].join(":");
    world.worker.connect_transport(world.now, transport, &parameters).expect("connect");
    world.run_until(|world| !world.events.is_empty());
    assert!(matches!(world.events[0], Event::TransportDown { reason: DownReason::WrongCertificate, .. }));
    assert_eq!(world.worker.transport_stats(transport), None);
    world.run_for(Duration::from_millis(100));
    assert!(world.peers[peer].is_closed, "the client is told");
}

#[test]
fn which_stays_the_same() {
    let mut world = World::new();
    let shared = profiled(Behaviour::default());
    let peer = world.connected(Direction::Send);
    let (now, transport) = (world.now, world.peers[peer].transport);
    let parameters = shared.dtls_parameters();
    assert_eq!(world.worker.connect_transport(now, transport, &parameters), Ok(()));
    let other = DtlsFingerprint { algorithm: "sha-256".to_owned(), value: vec!["AB"; 32].join(":") };
    let other = DtlsParameters { role: DtlsRole::Client, fingerprints: vec![other] };
    assert!(matches!(world.worker.connect_transport(now, transport, &other), Err(PlaneError::Dtls { .. })));
    let unknown = DtlsFingerprint { algorithm: "md5".to_owned(), value: "00".to_owned() };
    let unknown = DtlsParameters { role: DtlsRole::Client, fingerprints: vec![unknown] };
    assert!(matches!(world.worker.connect_transport(now, transport, &unknown), Err(PlaneError::Dtls { .. })));
}
