use allocation_counter::measure;
use dais_media::Direction;

use crate::support::{World, microphone_and_camera};

const SUBSCRIBERS: u64 = 50;

#[test]
fn of_two_consumers() {
    let mut world = World::new();
    let publisher = world.connected(Direction::Send);
    let producers = microphone_and_camera(&mut world, publisher);
    // So that tables have grown.
    for _ in 0..SUBSCRIBERS {
        world.connected(Direction::Recv);
    }
    // The clients are in it, too, and are more than half of it.
    let both = measure(|| {
        for _ in 0..SUBSCRIBERS {
            let subscriber = world.connected(Direction::Recv);
            producers.iter().for_each(|producer| drop(world.consume(subscriber, *producer)));
        }
        world.settle();
    });
    let before = u64::try_from(both.bytes_current).expect("grown");
    let freed = measure(|| world.peers.truncate(1));
    let clients = u64::try_from(-freed.bytes_current).expect("freed") / 2;
    let each = (before - clients) / SUBSCRIBERS;
    assert!(each < 25_000, "{each} bytes; with the clients {}", before / SUBSCRIBERS);
}

#[test]
fn and_a_worker_can_be_moved_to_its_thread() {
    fn is_send<T: Send>() {}
    is_send::<dais_media_plane::Worker>();
}
