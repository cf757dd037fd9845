//! A subscriber who comes into the middle of a picture gets nothing until a key frame begins, and one is asked for. In every codec that
//! the router lists; none of them is changed on its way, but for the numbers of VP8.

use dais_media::{Direction, MediaKind, control::ConsumerType};
use dais_media_plane::client::{
    media::{PacketBuilder, VP8, camera_in},
    rtc_rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication,
};

use crate::support::World;

/// The packets of a key frame and those of another one, as encoders make them.
struct Frames {
    key: &'static [&'static [u8]],
    other: &'static [&'static [u8]],
}

fn begins(mime_type: &str, payload_type: u8, frames: &Frames) {
    let mut world = World::new();
    let publisher = world.connected(Direction::Send);
    let producer = world.produce(publisher, MediaKind::Video, &camera_in(mime_type, "0", 5, 6));
    let mut sequence = 0;
    let mut send = |world: &mut World, packets: &[&[u8]]| {
        for (at, payload) in packets.iter().enumerate() {
            sequence += 1;
            let (marker, timestamp) = (at + 1 == packets.len(), u32::from(sequence) * 3000);
            let payload = [*payload, &[0x5a; 100]].concat();
            let packet = PacketBuilder {
                payload_type: VP8,
                marker,
                sequence,
                timestamp,
                ssrc: 5,
                payload,
                ..Default::default()
            };
            world.send(publisher, &packet);
        }
        world.run_ms(10);
    };
    send(&mut world, frames.key);
    send(&mut world, frames.other);

    let subscriber = world.connected(Direction::Recv);
    let consumer = world.consume(subscriber, producer);
    world.run_ms(10);
    assert_eq!(consumer.kind_of_stream, ConsumerType::Simple, "{mime_type}");
    let asked = world.peers[publisher].rtcp_of::<PictureLossIndication>();
    assert_eq!(asked.iter().map(|asked| asked.media_ssrc).collect::<Vec<_>>(), [5], "{mime_type}");
    send(&mut world, frames.other);
    assert!(world.peers[subscriber].rtp.is_empty(), "{mime_type}: nobody can begin with this");

    send(&mut world, frames.key);
    send(&mut world, frames.other);
    let sent = frames.key.iter().chain(frames.other).map(|payload| [*payload, &[0x5a; 100]].concat());
    let arrived = world.peers[subscriber].rtp.iter();
    assert_eq!(
        arrived.map(|packet| packet.payload.clone()).collect::<Vec<_>>(),
        sent.collect::<Vec<_>>(),
        "{mime_type}"
    );
    assert!(world.peers[subscriber].rtp.iter().all(|packet| packet.payload_type == payload_type), "{mime_type}");
}

#[test]
fn vp8() {
    begins("video/VP8", 96, &Frames { key: &[&[0x10, 0x00], &[0x00]], other: &[&[0x10, 0x01], &[0x00]] });
}

#[test]
fn vp9() {
    // Picture numbers of 15 bits, flexible mode, sizes of the layers in the key frame; the other refers to the picture before.
    let key: &[&[u8]] = &[&[0x9a, 0x81, 0x23, 0x18, 0x01, 0x40, 0x00, 0xf0, 0x01, 0x00, 0x01], &[0x94, 0x81, 0x23]];
    begins("video/VP9", 98, &Frames { key, other: &[&[0xd8, 0x81, 0x24, 0x02], &[0xd4, 0x81, 0x24, 0x02]] });
}

/// Two spatial and two temporal layers: nobody begins with an upper one, and everybody gets all of them.
#[test]
fn vp9_with_layers() {
    let key: &[&[u8]] = &[&[0xac, 0x81, 0x23, 0x00, 0x01], &[0xac, 0x81, 0x23, 0x03, 0x01]];
    let other: &[&[u8]] =
        &[&[0xac, 0x81, 0x23, 0x03, 0x01], &[0xec, 0x81, 0x24, 0x30, 0x01], &[0xec, 0x81, 0x24, 0x33, 0x01]];
    begins("video/VP9", 98, &Frames { key, other });
}

#[test]
fn h264() {
    // Both parameter sets in an aggregate and an IDR picture in two fragments; then a picture in two fragments, and one in one packet.
    let key: &[&[u8]] = &[&[0x78, 0, 3, 0x67, 0x42, 0xe0, 0, 2, 0x68, 0xce], &[0x7c, 0x85], &[0x7c, 0x45]];
    begins("video/H264", 102, &Frames { key, other: &[&[0x7c, 0x81], &[0x7c, 0x41]] });
    begins("video/H264", 102, &Frames { key: &[&[0x65]], other: &[&[0x41]] });
}

#[test]
fn av1() {
    // A new coded video sequence, whose second packet goes on with the last unit of the first; then a frame of one packet.
    let key: &[&[u8]] = &[&[0x68, 0x0b, 0x0a, 0x0b, 0x00], &[0x90]];
    begins("video/AV1", 106, &Frames { key, other: &[&[0x10, 0x32]] });
}
