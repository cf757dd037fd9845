use std::time::Duration;

use dais_media::{Direction, MediaKind};
use dais_media_plane::client::{
    media::{PacketBuilder, PacketRead, VP8, VP8_RTX, Vp8, camera, id},
    rtc_rtcp::transport_feedbacks::transport_layer_nack::TransportLayerNack,
};

use crate::support::World;

fn packet(sequence: u16) -> PacketBuilder {
    PacketBuilder {
        payload_type: VP8,
        marker: true,
        sequence,
        timestamp: u32::from(sequence) * 3000,
        ssrc: 5,
        extensions: vec![(id::ORIENTATION, vec![2])],
        payload: Vp8 { is_key: sequence == 0, begins: true, picture: sequence, ..Vp8::default() }.payload(900),
    }
}

/// The publisher's packet in a retransmission packet.
fn retransmission(sequence: u16, own: u16) -> PacketBuilder {
    let mut packet = packet(sequence);
    packet.payload.splice(0..0, sequence.to_be_bytes());
    PacketBuilder { payload_type: VP8_RTX, ssrc: 6, sequence: own, ..packet }
}

fn asked(world: &World, peer: usize) -> Vec<u16> {
    let nacks = world.peers[peer].rtcp_of::<TransportLayerNack>();
    nacks
        .iter()
        .filter(|nack| nack.media_ssrc == 5)
        .flat_map(|nack| &nack.nacks)
        .flat_map(|pair| pair.packet_list())
        .collect()
}

#[test]
fn to_a_subscriber_who_asks_for_it() {
    let mut world = World::new();
    let publisher = world.connected(Direction::Send);
    let subscribers = [world.connected(Direction::Recv), world.connected(Direction::Recv)];
    let producer = world.produce(publisher, MediaKind::Video, &camera("0", 5, 6));
    let consumers = subscribers.map(|subscriber| world.consume(subscriber, producer));
    for sequence in 0..40 {
        world.send(publisher, &packet(sequence));
        world.run_ms(10);
    }
    let again = [world.peers[subscribers[0]].rtp[39].sequence];
    for (subscriber, consumer) in subscribers.into_iter().zip(&consumers) {
        let received: Vec<PacketRead> = world.peers[subscriber].rtp.drain(..).collect();
        let missed = [received[20].sequence, received[21].sequence, received[30].sequence];
        world.peers[subscriber].client.send_nack(World::ssrc(consumer), &missed).expect("sent");
        // The same again at once: he is impatient, and gets nothing more.
        world.peers[subscriber].client.send_nack(World::ssrc(consumer), &missed).expect("sent");
        world.run_ms(5);
        let repeated: Vec<PacketRead> = world.peers[subscriber].rtp.drain(..).collect();
        assert_eq!(repeated.len(), 3);
        for (repeated, original) in repeated.iter().zip([&received[20], &received[21], &received[30]]) {
            let encoding = &consumer.rtp_parameters.encodings[0];
            assert_eq!(Some(repeated.ssrc), encoding.rtx.map(|rtx| rtx.ssrc));
            assert_eq!(repeated.payload_type, consumer.rtp_parameters.codecs[1].payload_type);
            assert_eq!(repeated.timestamp, original.timestamp);
            assert_eq!(repeated.marker, original.marker);
            assert_eq!(repeated.payload[..2], original.sequence.to_be_bytes());
            assert_eq!(repeated.payload[2..], original.payload[..]);
            assert_eq!(
                repeated.extension(dais_media::capabilities::id::VIDEO_ORIENTATION),
                original.extension(dais_media::capabilities::id::VIDEO_ORIENTATION)
            );
        }
        assert!(
            repeated.windows(2).all(|pair| pair[1].sequence == pair[0].sequence.wrapping_add(1)),
            "numbers of its own"
        );
        let stats = world.stats(consumer.key);
        assert_eq!((stats.nacks, stats.retransmitted, stats.packets), (6, 3, 40));
    }
    // After a round trip, it may have been lost again.
    let last = world.worker.counters().retransmitted;
    world.run_ms(50);
    world.peers[subscribers[0]].client.send_nack(World::ssrc(&consumers[0]), &[0xffff]).expect("sent");
    world.run_ms(5);
    assert_eq!(world.worker.counters().retransmitted, last, "what was never sent is not repeated");
    // A second later it is of no use.
    world.run_for(Duration::from_secs(2));
    let sequence = world.worker.counters().rtp_out;
    world.peers[subscribers[0]].client.send_nack(World::ssrc(&consumers[0]), &again).expect("sent");
    world.run_ms(5);
    assert_eq!(world.worker.counters().rtp_out, sequence);
}

#[test]
fn by_a_publisher_who_is_asked_for_it() {
    let mut world = World::new();
    let publisher = world.connected(Direction::Send);
    let subscriber = world.connected(Direction::Recv);
    let producer = world.produce(publisher, MediaKind::Video, &camera("0", 5, 6));
    world.consume(subscriber, producer);
    for sequence in (0..20).filter(|sequence| ![7, 8, 12].contains(sequence)) {
        world.send(publisher, &packet(sequence));
        world.run_ms(5);
    }
    world.run_ms(15);
    let mut missing = asked(&world, publisher);
    missing.sort_unstable();
    missing.dedup();
    assert_eq!(missing, [7, 8, 12]);
    for (own, sequence) in [7, 8, 12].into_iter().enumerate() {
        world.send(publisher, &retransmission(sequence, 1000 + own as u16));
    }
    world.run_ms(5);
    let after = asked(&world, publisher).len();
    world.run_for(Duration::from_secs(1));
    assert_eq!(asked(&world, publisher).len(), after, "what came is not asked for again");
    let stats = world.worker.producer_stats(producer).expect("producer");
    assert_eq!((stats.streams[0].recovered, stats.streams[0].lost), (3, 0));
    // The subscriber gets all of it, the recovered ones under the numbers that were kept free for them.
    let mut pictures: Vec<_> = world.peers[subscriber]
        .rtp
        .iter()
        .map(|packet| (packet.sequence, Vp8::read(&packet.payload).expect("vp8").picture))
        .collect();
    assert_eq!(pictures.len(), 20);
    let (first, picture) = pictures[0];
    pictures.sort_by_key(|(sequence, _)| sequence.wrapping_sub(first));
    for (number, pair) in pictures.into_iter().enumerate() {
        assert_eq!(pair, (first.wrapping_add(number as u16), (picture + number as u16) & 0x7fff));
    }
    // A repetition of what came is dropped, and only ten requests are made for what never comes.
    world.send(publisher, &retransmission(7, 1010));
    world.send(publisher, &packet(25));
    world.run_for(Duration::from_secs(2));
    assert_eq!(world.peers[subscriber].rtp.len(), 21);
    let hopeless = asked(&world, publisher).into_iter().filter(|sequence| *sequence == 22).count();
    assert!((2..=10).contains(&hopeless), "{hopeless}");
}

#[test]
fn but_not_what_is_only_out_of_order() {
    let mut world = World::new();
    let publisher = world.connected(Direction::Send);
    world.produce(publisher, MediaKind::Video, &camera("0", 5, 6));
    for sequence in [0, 1, 3, 2, 4, 6, 7, 5, 8] {
        world.send(publisher, &packet(sequence));
        world.run_ms(3);
    }
    world.run_for(Duration::from_secs(1));
    assert_eq!(asked(&world, publisher), [] as [u16; 0]);
}
