//! Why SRTP and headers are the node's own: those of rtc-srtp and rtc-rtp allocate for every packet. The node's path does not.

use std::time::Duration;

use allocation_counter::measure;
use dais_media::{Direction, MediaKind};
use dais_media_plane::client::{
    Client,
    media::{PacketBuilder, VP8, Vp8, camera, id},
};
use rtc_shared::marshal::Unmarshal;
use rtc_srtp::{context::Context, protection_profile::ProtectionProfile};

use crate::support::World;

fn packet(sequence: u16) -> PacketBuilder {
    PacketBuilder {
        payload_type: VP8,
        sequence,
        timestamp: u32::from(sequence) * 3000,
        ssrc: 1,
        extensions: vec![(id::TRANSPORT_CC, sequence.to_be_bytes().to_vec())],
        payload: Vp8 { is_key: sequence == 0, begins: true, picture: sequence, ..Vp8::default() }.payload(1100),
        ..PacketBuilder::default()
    }
}

#[test]
fn rtc_srtp_does() {
    let provider = rtc_crypto::default_provider().expect("provider");
    let context = || {
        let profile = ProtectionProfile::AeadAes128Gcm;
        Context::new(&[1; 16], &[2; 12], profile, None, None, provider.crypto()).expect("context")
    };
    let (mut sender, mut receiver) = (context(), context());
    receiver.decrypt_rtp(&sender.encrypt_rtp(&packet(0).build()).expect("sealed")).expect("opened");
    let plain = packet(1).build();
    let mut sealed = None;
    let sealing = measure(|| sealed = sender.encrypt_rtp(&plain).ok());
    assert!(sealing.count_total >= 1 && sealing.bytes_total >= 1100, "{sealing:?}");
    let sealed = sealed.expect("sealed");
    let opening = measure(|| drop(receiver.decrypt_rtp(&sealed)));
    assert!(opening.count_total >= 1 && opening.bytes_total >= 1100, "{opening:?}");
}

#[test]
fn rtc_rtp_does() {
    let plain = packet(1).build();
    let reading = measure(|| drop(rtc_rtp::header::Header::unmarshal(&mut &plain[..])));
    assert!(reading.count_total >= 1, "{reading:?}");
}

#[test]
fn the_node_does_not() {
    let mut world = World::new();
    let publisher = world.connected(Direction::Send);
    let producer = world.produce(publisher, MediaKind::Video, &camera("0", 1, 2));
    for _ in 0..10 {
        let subscriber = world.connected(Direction::Recv);
        world.consume(subscriber, producer);
    }
    // One second makes all buffers as large as they become.
    let mut sequence = 0;
    for _ in 0..1200 {
        world.send(publisher, &packet(sequence));
        sequence = sequence.wrapping_add(1);
        world.run_for(Duration::from_micros(900));
    }
    let from = world.peers[publisher].address;
    let mut datagrams: Vec<Vec<u8>> =
        (0..50).map(|more| sealed(&mut world.peers[publisher].client, sequence.wrapping_add(more))).collect();
    let (now, worker) = (world.now, &mut world.worker);
    worker.egress().clear();
    let before = worker.counters().rtp_out;
    let forwarding = measure(|| {
        for datagram in &mut datagrams {
            worker.receive(now, from, datagram);
            worker.egress().clear();
        }
    });
    assert_eq!(worker.counters().rtp_out - before, 500);
    // Arrivals for the feedback to the publisher are a list that grows now and then; nothing else.
    assert!(forwarding.count_total <= 3, "{forwarding:?}");
}

fn sealed(client: &mut Client, sequence: u16) -> Vec<u8> {
    client.send_rtp(&packet(sequence).build()).expect("sent");
    client.poll_transmit().expect("datagram")
}
