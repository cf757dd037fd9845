//! Why the node has its own list of missing packets: the generator of rtc-interceptor goes on asking for what a retransmission stream has
//! brought.

use std::time::{Duration, Instant};

use rtc_interceptor::{
    AttributedPacket, Interceptor, NackGeneratorBuilder, Packet, RTCPFeedback, Registry, Slot, StreamInfo, TaggedPacket,
};
use rtc_shared::TransportContext;
use sansio::Protocol;

#[test]
fn and_asks_for_it_again_and_again() {
    let interval = Duration::from_millis(50);
    let generator = NackGeneratorBuilder::new().with_interval(interval).build();
    let mut chain = Registry::new().with(Slot::NackGenerator, generator).build();
    let stream = |ssrc, payload_type| StreamInfo {
        ssrc,
        ssrc_rtx: (ssrc == 5).then_some(6),
        payload_type,
        payload_type_rtx: (ssrc == 5).then_some(97),
        clock_rate: 90_000,
        mime_type: "video/VP8".to_owned(),
        rtcp_feedback: vec![RTCPFeedback { typ: "nack".to_owned(), parameter: String::new() }],
        ..StreamInfo::default()
    };
    chain.bind_remote_stream(&stream(5, 96));
    let start = Instant::now();
    let packet = |ssrc, payload_type, sequence_number, payload: &[u8]| TaggedPacket {
        now: start,
        transport: TransportContext::default(),
        message: AttributedPacket::new(Packet::Rtp(rtc_rtp::packet::Packet {
            header: rtc_rtp::header::Header { ssrc, payload_type, sequence_number, ..Default::default() },
            payload: payload.to_vec().into(),
        })),
    };
    for sequence in [1, 2, 4, 5, 6, 7, 8] {
        chain.handle_read(packet(5, 96, sequence, &[0; 10])).expect("read");
    }
    // Number 3 comes in the retransmission stream, with its number before the payload (RFC 4588).
    chain.handle_read(packet(6, 97, 900, &[0, 3, 0, 0, 0, 0])).expect("read");
    let mut asked = 0;
    for round in 1..=10 {
        chain.handle_timeout(start + interval * round).expect("timeout");
        asked += std::iter::from_fn(|| chain.poll_write()).count();
    }
    assert!(asked >= 9, "{asked}");
}
