use dais_media::{Direction, MediaKind};
use dais_media_plane::client::{
    media::{PacketBuilder, VP8, Vp8, h264_camera, id, simulcast},
    rtc_rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication,
};

use crate::support::World;

#[test]
fn under_another_ssrc() {
    let mut world = World::new();
    let publisher = world.connected(Direction::Send);
    let subscriber = world.connected(Direction::Recv);
    let producer = world.produce(publisher, MediaKind::Video, &simulcast("0", &["q", "h"]));
    world.consume(subscriber, producer);
    let shoot = |world: &mut World, ssrc: u32, sequence: u16, is_key: bool| {
        let payload = Vp8 { is_key, begins: true, picture: sequence, ..Vp8::default() }.payload(200);
        let extensions = vec![(id::MID, b"0".to_vec()), (id::RID, b"q".to_vec())];
        world.send(
            publisher,
            &PacketBuilder {
                payload_type: VP8,
                marker: true,
                sequence,
                timestamp: u32::from(sequence) * 3000,
                ssrc,
                extensions,
                payload,
            },
        );
        world.run_ms(33);
    };
    shoot(&mut world, 70, 100, true);
    (101..110).for_each(|sequence| shoot(&mut world, 70, sequence, sequence == 102));
    let before = world.peers[subscriber].rtp.len();
    assert_eq!(before, 10);
    // The browser has restarted its encoder, with numbers far from the old ones.
    shoot(&mut world, 71, 40_000, false);
    assert_eq!(world.peers[subscriber].rtp.len(), before, "nobody can go on with this");
    world.run_ms(500);
    let asked = world.peers[publisher].rtcp_of::<PictureLossIndication>();
    assert_eq!(asked.last().map(|asked| asked.media_ssrc), Some(71));
    (40_001..40_005).for_each(|sequence| shoot(&mut world, 71, sequence, sequence == 40_001));
    // What still comes of the old one is not mixed in.
    shoot(&mut world, 70, 111, false);
    let rtp = &world.peers[subscriber].rtp;
    assert_eq!(rtp.len(), before + 4);
    assert!(rtp.iter().zip(rtp.iter().skip(1)).all(|(one, next)| next.sequence == one.sequence.wrapping_add(1)));
    assert_eq!(world.worker.producer_stats(producer).expect("producer").streams[0].ssrc, Some(71));
}

#[test]
fn with_h264_after_a_pause() {
    let mut world = World::new();
    let publisher = world.connected(Direction::Send);
    let subscriber = world.connected(Direction::Recv);
    let producer = world.produce(publisher, MediaKind::Video, &h264_camera("0", 5, 6));
    let consumer = world.consume(subscriber, producer);
    assert_eq!(consumer.rtp_parameters.codecs[0].mime_type, "video/H264");
    for (sequence, unit) in [(0, 0x61), (1, 0x67), (2, 0x61), (3, 0x61)] {
        world.send(
            publisher,
            &PacketBuilder {
                payload_type: VP8,
                sequence,
                ssrc: 5,
                payload: vec![unit; 50],
                ..PacketBuilder::default()
            },
        );
        world.run_ms(10);
    }
    let units: Vec<u8> = world.peers[subscriber].rtp.iter().map(|packet| packet.payload[0]).collect();
    assert_eq!(units, [0x67, 0x61, 0x61]);
}
