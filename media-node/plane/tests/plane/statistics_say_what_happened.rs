use dais_media::{Direction, MediaKind};
use dais_media_plane::client::media::{PacketBuilder, VP8, Vp8, camera};

use crate::support::World;

#[test]
fn of_transports_producers_and_consumers() {
    let mut world = World::new();
    let publisher = world.connected(Direction::Send);
    let subscriber = world.connected(Direction::Recv);
    let producer = world.produce(publisher, MediaKind::Video, &camera("0", 5, 6));
    let consumer = world.consume(subscriber, producer);
    // 100 packets of 1,000 bytes in two seconds; every tenth is lost for good.
    for sequence in (0..100_u16).filter(|sequence| sequence % 10 != 5) {
        let payload = Vp8 { is_key: sequence == 0, begins: true, picture: sequence, ..Vp8::default() }.payload(1000);
        world.send(
            publisher,
            &PacketBuilder {
                payload_type: VP8,
                sequence,
                timestamp: u32::from(sequence) * 1800,
                ssrc: 5,
                payload,
                ..PacketBuilder::default()
            },
        );
        world.run_ms(20);
    }
    let stats = world.worker.producer_stats(producer).expect("producer");
    let stream = &stats.streams[0];
    assert_eq!((stream.ssrc, stream.packets, stream.bytes, stream.lost), (Some(5), 90, 90_000, 10));
    assert!(stream.nacks >= 10 && stream.plis >= 1, "{stream:?}");
    assert!((380_000..420_000).contains(&stream.bitrate), "{}", stream.bitrate);
    let stats = world.stats(consumer.key);
    assert_eq!((stats.paused, stats.packets, stats.bytes, stats.spatial), (false, 90, 90_000, Some(0)));
    let from = world.worker.transport_stats(world.peers[publisher].transport).expect("transport");
    let to = world.worker.transport_stats(world.peers[subscriber].transport).expect("transport");
    assert!(from.packets_in >= 90 && from.bytes_in > 90_000 && to.packets_out >= 90 && to.bytes_out > 90_000);
    assert!(to.estimate.is_some(), "the subscriber tells when packets come");
    let counters = world.worker.counters();
    assert_eq!((counters.rtp_in, counters.rtp_out), (90, 90));
    assert!(serde_json::to_value(counters).is_ok_and(|json| json["rtpIn"] == 90));
    assert_eq!(world.worker.population(), (1, 2, 1, 1));
}
