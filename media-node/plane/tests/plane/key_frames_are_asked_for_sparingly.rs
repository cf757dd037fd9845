use std::time::Duration;

use dais_media::{Direction, MediaKind};
use dais_media_plane::client::{
    media::{PacketBuilder, VP8, Vp8, camera},
    rtc_rtcp::payload_feedbacks::{
        full_intra_request::{FirEntry, FullIntraRequest},
        picture_loss_indication::PictureLossIndication,
    },
};

use crate::support::World;

fn asked(world: &World, peer: usize) -> usize {
    world.peers[peer].rtcp_of::<PictureLossIndication>().iter().filter(|asked| asked.media_ssrc == 5).count()
}

fn frame(world: &mut World, publisher: usize, sequence: u16, is_key: bool) {
    let payload = Vp8 { is_key, begins: true, picture: sequence, ..Vp8::default() }.payload(500);
    world.send(publisher, &PacketBuilder { payload_type: VP8, sequence, ssrc: 5, payload, ..PacketBuilder::default() });
    world.run_ms(5);
}

#[test]
fn one_for_a_crowd() {
    let mut world = World::new();
    let publisher = world.connected(Direction::Send);
    let producer = world.produce(publisher, MediaKind::Video, &camera("0", 5, 6));
    let subscribers: Vec<usize> = (0..20).map(|_| world.connected(Direction::Recv)).collect();
    for subscriber in &subscribers {
        world.consume(*subscriber, producer);
    }
    world.run_ms(10);
    assert_eq!(asked(&world, publisher), 1);
    frame(&mut world, publisher, 0, false);
    assert!(subscribers.iter().all(|subscriber| world.peers[*subscriber].rtp.is_empty()), "nobody can begin with this");
    world.run_ms(600);
    assert_eq!(asked(&world, publisher), 2, "it did not come");
    frame(&mut world, publisher, 1, true);
    assert!(subscribers.iter().all(|subscriber| world.peers[*subscriber].rtp.len() == 1));
    world.run_for(Duration::from_secs(2));
    assert_eq!(asked(&world, publisher), 2, "now all have one");
}

#[test]
fn for_those_who_have_lost_the_picture() {
    let mut world = World::new();
    let publisher = world.connected(Direction::Send);
    let producer = world.produce(publisher, MediaKind::Video, &camera("0", 5, 6));
    let subscriber = world.connected(Direction::Recv);
    let consumer = world.consume(subscriber, producer);
    frame(&mut world, publisher, 0, true);
    world.run_for(Duration::from_secs(1));
    let before = asked(&world, publisher);
    let mut sequence = 0;
    // Twenty requests in a second, and key frames for all that are passed on.
    for _ in 0..10 {
        let ssrc = World::ssrc(&consumer);
        world.peers[subscriber].client.send_pli(ssrc).expect("sent");
        let fir = FullIntraRequest { sender_ssrc: 1, media_ssrc: 0, fir: vec![FirEntry { ssrc, sequence_number: 1 }] };
        world.peers[subscriber].client.send_rtcp(&[Box::new(fir)]).expect("sent");
        world.run_ms(50);
        sequence += 1;
        frame(&mut world, publisher, sequence, true);
        world.run_ms(45);
    }
    let asked = asked(&world, publisher) - before;
    assert!((2..=3).contains(&asked), "{asked}");
    assert_eq!(world.stats(consumer.key).plis, 20);
}

#[test]
fn when_a_consumer_goes_on() {
    let mut world = World::new();
    let publisher = world.connected(Direction::Send);
    let producer = world.produce(publisher, MediaKind::Video, &camera("0", 5, 6));
    let subscriber = world.connected(Direction::Recv);
    let consumer = world.consume(subscriber, producer);
    frame(&mut world, publisher, 0, true);
    world.worker.pause_consumer(consumer.key).expect("pause");
    for sequence in 1..100 {
        frame(&mut world, publisher, sequence, false);
    }
    assert_eq!(world.peers[subscriber].rtp.len(), 1);
    let before = asked(&world, publisher);
    world.worker.resume_consumer(world.now, consumer.key).expect("resume");
    world.run_ms(5);
    assert_eq!(asked(&world, publisher), before + 1);
    frame(&mut world, publisher, 100, false);
    frame(&mut world, publisher, 101, true);
    let rtp = &world.peers[subscriber].rtp;
    assert_eq!(rtp.len(), 2);
    assert_eq!(rtp[1].sequence, rtp[0].sequence.wrapping_add(1));
    let picture = |at: usize| Vp8::read(&rtp[at].payload).expect("vp8").picture;
    assert_eq!(picture(1), picture(0).wrapping_add(1) & 0x7fff);
}
