//! RED (RFC 2198): a publisher sends each packet of sound together with the one before. Who knows RED gets it as it is, everybody else the
//! packet alone.

use dais_media::{Direction, MediaKind, RtpCapabilities, RtpParameters};
use dais_media_plane::{
    NewConsumer,
    client::media::{OPUS as HIS_OPUS, PacketBuilder, PacketRead, device, microphone},
};

use crate::support::World;

const HIS_RED: u8 = 63;
/// The router's.
const OPUS: u8 = 111;
const RED: u8 = 112;

fn repeating() -> RtpParameters {
    let mut parameters = microphone("0", 5);
    let mut red = parameters.codecs[0].clone();
    (red.mime_type, red.payload_type) = ("audio/red".to_owned(), HIS_RED);
    parameters.codecs.push(red);
    parameters
}

fn without_red() -> RtpCapabilities {
    let mut device = device();
    device.codecs.retain(|codec| codec.mime_type != "audio/red");
    device
}

/// The packet of a number, behind the one before it. Its blocks are of `inside`.
fn payload(inside: u8, number: u8) -> Vec<u8> {
    // 960 ticks earlier, 3 bytes.
    let headers = [0x80 | inside, (960_u16 >> 6) as u8, ((960 & 0x3f) << 2) as u8, 3, inside];
    headers.into_iter().chain([number.wrapping_sub(1); 3]).chain([number; 4]).collect()
}

struct Call {
    world: World,
    publisher: usize,
    knowing: (usize, NewConsumer),
    plain: (usize, NewConsumer),
}

impl Call {
    fn new() -> Self {
        let mut world = World::new();
        let publisher = world.connected(Direction::Send);
        let producer = world.produce(publisher, MediaKind::Audio, &repeating());
        let mut subscribe = |device: RtpCapabilities| {
            let peer = world.connected(Direction::Recv);
            let transport = world.peers[peer].transport;
            let consumer = world.worker.consume(world.now, transport, producer, &device, "cname").expect("consume");
            world.worker.resume_consumer(world.now, consumer.key).expect("resume");
            (peer, consumer)
        };
        let (knowing, plain) = (subscribe(device()), subscribe(without_red()));
        Self { world, publisher, knowing, plain }
    }

    fn send(&mut self, sequence: u16, payload_type: u8, payload: Vec<u8>) {
        let timestamp = u32::from(sequence) * 960;
        let packet = PacketBuilder { payload_type, sequence, timestamp, ssrc: 5, payload, ..PacketBuilder::default() };
        self.world.send(self.publisher, &packet);
        self.world.run_ms(20);
    }

    fn got(&self, (peer, consumer): &(usize, NewConsumer)) -> Vec<PacketRead> {
        let packets: Vec<_> = self.world.peers[*peer].rtp.iter().cloned().collect();
        assert!(packets.iter().all(|packet| packet.ssrc == World::ssrc(consumer)));
        for pair in packets.windows(2) {
            assert_eq!(pair[1].sequence, pair[0].sequence.wrapping_add(1), "no gap");
        }
        packets
    }
}

#[test]
fn and_everybody_else_gets_the_packet_alone() {
    let mut call = Call::new();
    for number in 1..=20 {
        call.send(u16::from(number), HIS_RED, payload(HIS_OPUS, number));
    }
    let (knowing, plain) = (call.got(&call.knowing), call.got(&call.plain));
    assert_eq!((knowing.len(), plain.len()), (20, 20));
    for (number, (knowing, plain)) in (1..).zip(knowing.iter().zip(&plain)) {
        assert_eq!((knowing.payload_type, &knowing.payload), (RED, &payload(OPUS, number)));
        assert_eq!((plain.payload_type, &plain.payload), (OPUS, &vec![number; 4]));
    }
}

#[test]
fn and_what_is_sent_without_it_goes_on_as_it_is() {
    let mut call = Call::new();
    call.send(1, HIS_OPUS, vec![1; 4]);
    call.send(2, HIS_RED, payload(HIS_OPUS, 2));
    call.send(3, HIS_OPUS, vec![3; 4]);
    let types = |packets: Vec<PacketRead>| packets.iter().map(|packet| packet.payload_type).collect::<Vec<_>>();
    assert_eq!(types(call.got(&call.knowing)), [OPUS, RED, OPUS]);
    assert_eq!(types(call.got(&call.plain)), [OPUS, OPUS, OPUS]);
}

#[test]
fn and_a_packet_that_is_not_there_is_left_out_for_who_needs_it_alone() {
    let mut call = Call::new();
    call.send(1, HIS_RED, payload(HIS_OPUS, 1));
    // Nothing but the one before.
    call.send(2, HIS_RED, payload(HIS_OPUS, 2)[..8].to_vec());
    call.send(3, HIS_RED, payload(HIS_OPUS, 3));
    assert_eq!(call.got(&call.knowing).len(), 3);
    assert_eq!(call.got(&call.plain).iter().map(|packet| packet.payload[0]).collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn and_unsound_ones_reach_nobody() {
    let mut call = Call::new();
    call.send(1, HIS_RED, payload(HIS_OPUS, 1));
    call.send(2, HIS_RED, payload(96, 2));
    call.send(3, HIS_RED, payload(HIS_OPUS, 3)[..7].to_vec());
    assert_eq!((call.got(&call.knowing).len(), call.got(&call.plain).len()), (1, 1));
    assert_eq!(call.world.worker.counters().drops.malformed, 2);
    // It is not another way in: who has not said so sends none.
    let publisher = call.world.connected(Direction::Send);
    let plain = call.world.produce(publisher, MediaKind::Audio, &microphone("0", 6));
    call.world.consume(call.knowing.0, plain);
    let packet =
        PacketBuilder { payload_type: HIS_RED, ssrc: 6, payload: payload(HIS_OPUS, 1), ..PacketBuilder::default() };
    call.world.send(publisher, &packet);
    call.world.run_ms(20);
    assert_eq!(call.world.worker.counters().drops.unknown_payload, 1);
}
