use dais_media::{Direction, MediaKind, capabilities::id};
use dais_media_plane::client::{
    Behaviour,
    media::{OPUS, PacketBuilder, VP8, Vp8, camera, id as sent, microphone},
};

use crate::support::{World, microphone_and_camera, profiled};

#[test]
fn with_numbers_of_its_own() {
    forward(Behaviour::default());
}

#[test]
fn and_the_same_by_the_older_cipher() {
    forward(Behaviour { offers_gcm: false, ..Behaviour::default() });
}

fn forward(behaviour: Behaviour) {
    let mut world = World::new();
    world.profiled = profiled(behaviour);
    let publisher = world.connected(Direction::Send);
    let subscribers = [world.connected(Direction::Recv), world.connected(Direction::Recv)];
    let producer = world.produce(publisher, MediaKind::Video, &camera("0", 1111, 2222));
    let consumers = subscribers.map(|subscriber| world.consume(subscriber, producer));
    for number in 0..50_u16 {
        let frame = Vp8 { is_key: number == 0, begins: true, picture: number, base: number as u8, ..Vp8::default() };
        world.send(
            publisher,
            &PacketBuilder {
                payload_type: VP8,
                marker: true,
                sequence: 65_500_u16.wrapping_add(number),
                timestamp: 4_294_900_000_u32.wrapping_add(u32::from(number) * 3000),
                ssrc: 1111,
                extensions: vec![
                    (sent::MID, b"0".into()),
                    (sent::TRANSPORT_CC, vec![0, number as u8]),
                    (sent::ORIENTATION, vec![1]),
                ],
                payload: frame.payload(1100),
            },
        );
        world.run_ms(33);
    }
    for (subscriber, consumer) in subscribers.into_iter().zip(&consumers) {
        let peer = &world.peers[subscriber];
        assert_eq!(peer.rtp.len(), 50);
        let first = peer.rtp[0].clone();
        for (number, packet) in peer.rtp.iter().enumerate() {
            assert_eq!(packet.ssrc, World::ssrc(consumer));
            assert_eq!(packet.payload_type, consumer.rtp_parameters.codecs[0].payload_type);
            assert_eq!(packet.sequence, first.sequence.wrapping_add(number as u16));
            assert_eq!(packet.timestamp, first.timestamp.wrapping_add(number as u32 * 3000));
            assert!(packet.marker);
            assert_eq!(packet.extension(id::VIDEO_ORIENTATION), Some(&[1][..]));
            assert_eq!(packet.extension(id::TRANSPORT_CC).map(<[u8]>::len), Some(2));
            assert_eq!(packet.extension(id::ABS_SEND_TIME).map(<[u8]>::len), Some(3));
            assert_eq!(packet.extensions.len(), 3, "nothing of the publisher's own: {:?}", packet.extensions);
            assert_eq!(packet.payload.len(), 1100);
            assert_eq!(packet.payload[7..], [0x5a; 1093]);
        }
    }
    assert_ne!(World::ssrc(&consumers[0]), World::ssrc(&consumers[1]));
    assert_eq!(world.worker.counters().rtp_out, 100);
}

#[test]
fn by_the_older_cipher_too() {
    let mut world = World::new();
    world.profiled = profiled(Behaviour { offers_gcm: false, ..Behaviour::default() });
    let publisher = world.connected(Direction::Send);
    let subscriber = world.connected(Direction::Recv);
    let producer = world.produce(publisher, MediaKind::Audio, &microphone("0", 5));
    world.consume(subscriber, producer);
    for number in 0..20 {
        world.send(
            publisher,
            &PacketBuilder {
                payload_type: OPUS,
                sequence: number,
                ssrc: 5,
                payload: vec![7; 80],
                ..PacketBuilder::default()
            },
        );
        world.run_ms(20);
    }
    assert_eq!(world.peers[subscriber].rtp.len(), 20);
    assert_eq!(world.peers[subscriber].undecryptable, 0);
}

#[test]
fn with_the_pauses_of_discontinuous_sound() {
    let mut world = World::new();
    let publisher = world.connected(Direction::Send);
    let subscriber = world.connected(Direction::Recv);
    let producer = world.produce(publisher, MediaKind::Audio, &microphone("0", 5));
    world.consume(subscriber, producer);
    let mut timestamp = 0_u32;
    for number in 0..30_u16 {
        let silence = if number % 10 == 9 { 400 } else { 20 };
        world.send(
            publisher,
            &PacketBuilder {
                payload_type: OPUS,
                sequence: number,
                timestamp,
                ssrc: 5,
                extensions: vec![(sent::AUDIO_LEVEL, vec![0x80 | 30])],
                payload: vec![7; 80],
                ..PacketBuilder::default()
            },
        );
        world.run_ms(silence);
        timestamp = timestamp.wrapping_add(silence as u32 * 48);
    }
    let peer = &world.peers[subscriber];
    let first = peer.rtp[0].clone();
    assert_eq!(peer.rtp.len(), 30);
    assert_eq!(peer.rtp[29].sequence, first.sequence.wrapping_add(29));
    assert_eq!(peer.rtp[29].timestamp.wrapping_sub(first.timestamp), (27 * 20 + 2 * 400) * 48);
    assert_eq!(peer.rtp[3].extension(id::AUDIO_LEVEL), Some(&[0x80 | 30][..]));
}

#[test]
fn and_only_sound_may_be_sent_after_what_came_later() {
    let mut world = World::new();
    let publisher = world.connected(Direction::Send);
    let subscriber = world.connected(Direction::Recv);
    for producer in microphone_and_camera(&mut world, publisher) {
        world.consume(subscriber, producer);
    }
    world.run_ms(100);
    let sound = PacketBuilder { payload_type: OPUS, ssrc: 1, payload: vec![7; 80], ..PacketBuilder::default() };
    let frame = Vp8 { is_key: true, begins: true, ..Vp8::default() };
    let picture =
        PacketBuilder { payload_type: VP8, ssrc: 2, payload: frame.payload(1100), ..PacketBuilder::default() };
    for packet in [sound, picture] {
        world.send(publisher, &packet);
    }
    let peer = &mut world.peers[publisher];
    while let Some(mut bytes) = peer.client.poll_transmit() {
        world.worker.receive(world.now, peer.address, &mut bytes);
    }
    let marks: Vec<_> =
        world.worker.egress().datagrams().iter().map(|one| (one.range.len() < 200, one.is_audio)).collect();
    assert_eq!(marks, [(true, true), (false, false)]);
}
