use std::time::Duration;

use dais_media::{Direction, MediaKind};
use dais_media_plane::client::{
    media::{OPUS, PacketBuilder, id, microphone},
    rtc_rtcp::transport_feedbacks::transport_layer_cc::{
        PacketStatusChunk, RecvDelta, StatusChunkTypeTcc, StatusVectorChunk, SymbolSizeTypeTcc, SymbolTypeTcc,
        TransportLayerCc,
    },
};
use rtc_interceptor::convert_twcc;

use crate::{layers_change_at_key_frames::Camera, support::World};

#[test]
fn to_a_publisher_by_when_his_packets_came() {
    let mut world = World::new();
    let publisher = world.connected(Direction::Send);
    world.produce(publisher, MediaKind::Audio, &microphone("0", 5));
    // Every 20 ms, across the end of the numbers; some are lost, and one comes early.
    let mut numbers: Vec<u16> = (0..100).map(|number: u16| number.wrapping_add(65_500)).collect();
    numbers.retain(|number| ![65_510, 65_511, 20].contains(number));
    numbers.swap(60, 61);
    for (sequence, number) in numbers.iter().enumerate() {
        let extensions = vec![(id::TRANSPORT_CC, number.to_be_bytes().to_vec())];
        world.send(
            publisher,
            &PacketBuilder {
                payload_type: OPUS,
                sequence: sequence as u16,
                ssrc: 5,
                extensions,
                payload: vec![1; 80],
                ..PacketBuilder::default()
            },
        );
        world.run_ms(20);
    }
    world.run_ms(200);
    let feedback = world.peers[publisher].rtcp_of::<TransportLayerCc>();
    assert!((15..=25).contains(&feedback.len()), "{}", feedback.len());
    assert!(feedback.windows(2).all(|pair| pair[1].fb_pkt_count == pair[0].fb_pkt_count.wrapping_add(1)));
    let told = feedback
        .iter()
        .flat_map(|feedback| convert_twcc(feedback).into_iter().take(usize::from(feedback.packet_status_count)));
    let mut told: Vec<_> = told.collect();
    let lost: Vec<u16> = told.iter().filter(|told| !told.arrived).map(|told| told.sequence_number).collect();
    assert_eq!(lost, [65_510, 65_511, 20]);
    told.retain(|told| told.arrived);
    assert_eq!(told.len(), numbers.len());
    let mut times: Vec<Duration> = told.iter().map(|told| told.arrival.expect("time")).collect();
    times.sort_unstable();
    for pair in times.windows(2) {
        let apart = (pair[1] - pair[0]).as_secs_f64() * 1000.0;
        assert!((19.0..=21.0).contains(&apart), "{apart} ms");
    }
}

/// Why the estimator cuts what the component reads: the unused places of a feedback's last chunk count as lost packets there.
#[test]
fn but_the_component_sees_losses_that_are_none() {
    let feedback = TransportLayerCc {
        base_sequence_number: 100,
        packet_status_count: 1,
        packet_chunks: vec![PacketStatusChunk::StatusVectorChunk(StatusVectorChunk {
            type_tcc: StatusChunkTypeTcc::StatusVectorChunk,
            symbol_size: SymbolSizeTypeTcc::TwoBit,
            symbol_list: std::iter::once(SymbolTypeTcc::PacketReceivedSmallDelta)
                .chain([SymbolTypeTcc::PacketNotReceived; 6])
                .collect(),
        })],
        recv_deltas: vec![RecvDelta { type_tcc_packet: SymbolTypeTcc::PacketReceivedSmallDelta, delta: 0 }],
        ..TransportLayerCc::default()
    };
    assert_eq!(convert_twcc(&feedback).len(), 7, "one packet is spoken of");
}

#[test]
fn in_a_subscriber_s_way_and_answered_with_a_smaller_picture() {
    let mut world = World::new();
    let mut camera = Camera::new(&mut world);
    // 70, 380 and 1,150 kbit/s.
    camera.sizes = [150, 800, 2400];
    let subscriber = world.connected(Direction::Recv);
    let consumer = world.consume(subscriber, camera.producer);
    let shoot = |world: &mut World, camera: &mut Camera, frames: usize| {
        for number in 0..frames {
            if number.is_multiple_of(15) {
                camera.key = [true; 3];
            }
            camera.shoot(world);
        }
    };
    shoot(&mut world, &mut camera, 600);
    let good = world.worker.transport_stats(world.peers[subscriber].transport).expect("transport").estimate;
    assert_eq!(world.stats(consumer.key).spatial, Some(2), "{good:?}");
    // A third of what is sent gets lost.
    world.media_loss = 33.0;
    shoot(&mut world, &mut camera, 600);
    let bad = world.worker.transport_stats(world.peers[subscriber].transport).expect("transport").estimate;
    assert!(bad < good.map(|good| good / 2), "{bad:?} {good:?}");
    assert!(world.stats(consumer.key).spatial < Some(2), "{bad:?}");
    world.media_loss = 0.0;
    shoot(&mut world, &mut camera, 2400);
    let again = world.worker.transport_stats(world.peers[subscriber].transport).expect("transport").estimate;
    assert_eq!(world.stats(consumer.key).spatial, Some(2), "{again:?}");
}
