use std::time::Duration;

use dais_media::{Direction, MediaKind};
use dais_media_plane::client::{
    media::{OPUS, PacketBuilder, VP8, Vp8, camera, microphone},
    rtc_rtcp::{
        goodbye::Goodbye, receiver_report::ReceiverReport, reception_report::ReceptionReport,
        sender_report::SenderReport, source_description::SourceDescription,
    },
};

use crate::support::World;

/// 32.32 seconds that the publisher's clock shows at the beginning.
const NTP: u64 = 0xe000_0000_0000_0000;

struct Call {
    world: World,
    publisher: usize,
    subscriber: usize,
    consumers: [dais_media_plane::NewConsumer; 2],
}

/// A second and a half of sound and picture, with a sender report for each after a second.
fn call() -> Call {
    let mut world = World::new();
    world.network.delay = Duration::from_millis(10);
    let publisher = world.connected(Direction::Send);
    let subscriber = world.connected(Direction::Recv);
    let sound = world.produce(publisher, MediaKind::Audio, &microphone("0", 1));
    let picture = world.produce(publisher, MediaKind::Video, &camera("1", 2, 3));
    let consumers = [world.consume(subscriber, sound), world.consume(subscriber, picture)];
    for number in 0..75_u16 {
        let time = u32::from(number) * 20;
        world.send(
            publisher,
            &PacketBuilder {
                payload_type: OPUS,
                sequence: number,
                timestamp: 1_000 + time * 48,
                ssrc: 1,
                payload: vec![1; 80],
                ..PacketBuilder::default()
            },
        );
        let payload = Vp8 { is_key: number == 0, begins: true, picture: number, ..Vp8::default() }.payload(500);
        world.send(
            publisher,
            &PacketBuilder {
                payload_type: VP8,
                sequence: number,
                timestamp: 900_000 + time * 90,
                ssrc: 2,
                payload,
                ..PacketBuilder::default()
            },
        );
        if number == 50 {
            // The clocks say that the picture of this moment is 40 ms older than its sound.
            let report =
                |ssrc, ntp_time, rtp_time| SenderReport { ssrc, ntp_time, rtp_time, ..SenderReport::default() };
            let late = (40_u64 << 32) / 1000;
            let client = &mut world.peers[publisher].client;
            client.send_rtcp(&[Box::new(report(1, NTP, 1_000 + time * 48))]).expect("sent");
            client.send_rtcp(&[Box::new(report(2, NTP - late, 900_000 + time * 90))]).expect("sent");
        }
        world.run_ms(20);
    }
    world.run_for(Duration::from_secs(1));
    Call { world, publisher, subscriber, consumers }
}

#[test]
fn by_the_publisher_s_clocks() {
    let Call { world, subscriber, consumers, .. } = call();
    let reports = world.peers[subscriber].rtcp_of::<SenderReport>();
    let rtp = &world.peers[subscriber].rtp;
    // When, by its report, was the 50th packet of each made?
    let made = |consumer: &dais_media_plane::NewConsumer, rate: i64| {
        let ssrc = World::ssrc(consumer);
        let report = reports.iter().find(|report| report.ssrc == ssrc).expect("report");
        let packet = rtp.iter().filter(|packet| packet.ssrc == ssrc).nth(50).expect("packet");
        let before = i64::from(report.rtp_time.wrapping_sub(packet.timestamp) as i32);
        (i128::from(report.ntp_time) - (i128::from(before) << 32) / i128::from(rate), report.clone())
    };
    let (sound, of_sound) = made(&consumers[0], 48_000);
    let (picture, _) = made(&consumers[1], 90_000);
    let difference = ((sound - picture) * 1000) >> 32;
    assert!((39..=40).contains(&difference), "{difference} ms");
    assert!((sound - i128::from(NTP)).abs() < 1 << 22, "a millisecond");
    assert_eq!(of_sound.packet_count, 75);
    assert_eq!(of_sound.octet_count, 75 * 80);
    let names = world.peers[subscriber].rtcp_of::<SourceDescription>();
    assert_eq!(names[0].chunks[0].items[0].text, "cname");
}

#[test]
fn and_tell_the_publisher_what_came() {
    let Call { mut world, publisher, .. } = call();
    let reports = world.peers[publisher].rtcp_of::<ReceiverReport>();
    let blocks: Vec<ReceptionReport> = reports.into_iter().flat_map(|report| report.reports).collect();
    let last = blocks.iter().rfind(|block| block.ssrc == 1).expect("report");
    assert_eq!((last.total_lost, last.fraction_lost), (0, 0));
    assert_eq!(last.last_sequence_number, 74);
    assert!(last.jitter < 48, "{}", last.jitter);
    assert_eq!(last.last_sender_report, (NTP >> 16) as u32);
    assert!(last.delay > 65_536 / 2, "{}", last.delay);
    // A quarter is lost.
    for number in (75..115_u16).filter(|number| number % 4 != 0) {
        world.send(
            publisher,
            &PacketBuilder {
                payload_type: OPUS,
                sequence: number,
                ssrc: 1,
                payload: vec![1; 80],
                ..PacketBuilder::default()
            },
        );
    }
    world.peers[publisher].rtcp.clear();
    world.run_for(Duration::from_secs(1));
    let reports = world.peers[publisher].rtcp_of::<ReceiverReport>();
    let block =
        reports.iter().flat_map(|report| &report.reports).find(|block| block.ssrc == 1).expect("report").clone();
    assert_eq!(block.total_lost, 10);
    assert_eq!(block.fraction_lost, 64);
}

#[test]
fn and_measure_the_round_trip() {
    let Call { mut world, subscriber, consumers, .. } = call();
    let report = world.peers[subscriber].rtcp_of::<SenderReport>().pop().expect("report");
    let answer = ReceptionReport {
        ssrc: report.ssrc,
        fraction_lost: 64,
        total_lost: 5,
        jitter: 480,
        last_sender_report: (report.ntp_time >> 16) as u32,
        // 0: he answers at once, and what passed since is the way.
        delay: 0,
        ..ReceptionReport::default()
    };
    let answer = ReceiverReport { ssrc: 9, reports: vec![answer], ..ReceiverReport::default() };
    world.peers[subscriber].client.send_rtcp(&[Box::new(answer)]).expect("sent");
    world.run_ms(20);
    let stats = world.worker.transport_stats(world.peers[subscriber].transport).expect("transport");
    let rtt = stats.rtt_ms.expect("measured");
    assert!((20.0..=2500.0).contains(&rtt), "{rtt}");
    let of = consumers.iter().find(|consumer| World::ssrc(consumer) == report.ssrc).expect("consumer");
    let stats = world.stats(of.key);
    assert_eq!((stats.fraction_lost, stats.lost), (0.25, 5));
}

#[test]
fn and_end_with_a_goodbye() {
    let Call { mut world, subscriber, consumers, .. } = call();
    world.worker.close_consumer(world.now, consumers[0].key);
    world.run_ms(20);
    let goodbyes = world.peers[subscriber].rtcp_of::<Goodbye>();
    assert_eq!(goodbyes[0].sources, [World::ssrc(&consumers[0])]);
}
