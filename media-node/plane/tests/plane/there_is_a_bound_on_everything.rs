use dais_media::{Direction, MediaKind};
use dais_media_plane::{
    PlaneError, WorkerConfig,
    client::media::{OPUS, PacketBuilder, device, microphone, published},
};

use crate::support::{NODE, World};

#[test]
fn on_rooms_transports_producers_and_consumers() {
    let mut config = WorkerConfig::new(NODE, vec![NODE]);
    (config.bounds.rooms, config.bounds.transports) = (2, 2);
    (config.bounds.producers, config.bounds.consumers) = (2, 1);
    let mut world = World::with(config, 1);
    let (now, room) = (world.now, world.room);
    world.worker.open_room().expect("second");
    assert_eq!(world.worker.open_room(), Err(PlaneError::TooMany { what: "rooms", max: 2 }));
    let (send, recv) = (world.join(Direction::Send), world.join(Direction::Recv));
    let third = world.worker.create_transport(now, room, Direction::Send);
    assert_eq!(third.err(), Some(PlaneError::TooMany { what: "transports", max: 2 }));
    let first = world.produce(send, MediaKind::Audio, &microphone("0", 1));
    world.produce(send, MediaKind::Audio, &microphone("1", 2));
    let (send, recv) = (world.peers[send].transport, world.peers[recv].transport);
    let third = published(MediaKind::Audio, &microphone("2", 3)).expect("parameters");
    assert_eq!(world.worker.produce(now, send, third), Err(PlaneError::TooMany { what: "producers", max: 2 }));
    world.worker.consume(now, recv, first, &device(), "c").expect("first");
    let second = world.worker.consume(now, recv, first, &device(), "c");
    assert_eq!(second.err(), Some(PlaneError::TooMany { what: "consumers", max: 1 }));
}

#[test]
fn on_bits_per_second() {
    let mut config = WorkerConfig::new(NODE, vec![NODE]);
    config.bounds.bitrate = 1_000_000;
    let mut world = World::with(config, 1);
    let publisher = world.connected(Direction::Send);
    world.produce(publisher, MediaKind::Audio, &microphone("0", 5));
    // 2 Mbit/s for two seconds; half a second of the bound may come at once.
    for sequence in 0..500 {
        let packet =
            PacketBuilder { payload_type: OPUS, sequence, ssrc: 5, payload: vec![1; 972], ..PacketBuilder::default() };
        world.send(publisher, &packet);
        world.run_ms(4);
    }
    let dropped = world.worker.counters().drops.bitrate;
    assert!((180..=200).contains(&dropped), "{dropped}");
}

#[test]
fn on_who_may_do_what_where() {
    let mut world = World::new();
    let (send, recv) = (world.join(Direction::Send), world.join(Direction::Recv));
    let producer = world.produce(send, MediaKind::Audio, &microphone("0", 5));
    let (now, send, recv) = (world.now, world.peers[send].transport, world.peers[recv].transport);
    let again = || published(MediaKind::Audio, &microphone("1", 5)).expect("parameters");
    assert_eq!(world.worker.produce(now, send, again()), Err(PlaneError::StreamInUse));
    assert!(matches!(world.worker.produce(now, recv, again()), Err(PlaneError::WrongTransport { .. })));
    let consume = |world: &mut World, transport| world.worker.consume(now, transport, producer, &device(), "c").err();
    assert!(matches!(consume(&mut world, send), Some(PlaneError::WrongTransport { .. })));
    let elsewhere = world.worker.open_room().expect("room");
    let elsewhere = world.worker.create_transport(now, elsewhere, Direction::Recv).expect("transport").key;
    assert!(matches!(consume(&mut world, elsewhere), Some(PlaneError::WrongTransport { .. })));
    world.worker.close_producer(now, producer);
    assert_eq!(consume(&mut world, recv), Some(PlaneError::NotFound { what: "producer" }));
    let incapable = dais_media::RtpCapabilities::default();
    let producer = world.worker.produce(now, send, again()).expect("free again");
    let refused = world.worker.consume(now, recv, producer, &incapable, "c").err();
    assert_eq!(refused, Some(PlaneError::CannotConsume));
}
