//! A peer connection of webrtc-rs with a socket, and what signalling would do for it.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use dais_media::{
    Direction, MediaKind, RtpParameters, TransportParams,
    control::{Answer, Request},
};
use rtc::{
    interceptor::Registry,
    media_stream::MediaStreamTrack,
    peer_connection::{
        RTCPeerConnection, RTCPeerConnectionBuilder,
        configuration::{
            interceptor_registry::register_default_interceptors,
            media_engine::{MIME_TYPE_OPUS, MIME_TYPE_VP8, MediaEngine},
            setting_engine::SettingEngineBuilder,
        },
        event::RTCPeerConnectionEvent,
        message::RTCMessage,
        sdp::RTCSessionDescription,
        state::RTCPeerConnectionState,
        transport::{CandidateConfig, CandidateHostConfig, RTCIceCandidate},
    },
    rtp::Packet,
    rtp_transceiver::{
        RTCRtpSenderId,
        rtp_sender::{RTCRtpCodec, RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind},
    },
    sansio::Protocol,
    shared::{TaggedBytesMut, TransportContext, TransportProtocol},
};
use tokio::{net::UdpSocket, time::timeout};

use crate::{
    PATIENCE, description,
    support::world::{Person, TestNode, World},
};

/// One peer connection, on one transport of the node.
pub struct Peer {
    connection: RTCPeerConnection,
    socket: UdpSocket,
    here: SocketAddr,
    transport: TransportParams,
    is_connected: bool,
}

impl Peer {
    /// Asks the node for a transport.
    pub async fn new(world: &World, node: &TestNode, person: &Person, direction: Direction) -> Self {
        let request = Request::CreateTransport { connection_id: person.connection.clone(), direction };
        let answer = world.call(node, request).await.unwrap();
        let Answer::Transport(transport) = answer else { panic!("{answer:?}") };
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let here = socket.local_addr().unwrap();
        let mut engine = MediaEngine::default();
        engine.register_default_codecs().unwrap();
        let interceptors = register_default_interceptors(Registry::new(), &mut engine).unwrap();
        let settings = SettingEngineBuilder::new().with_include_loopback_candidate(true).build();
        let connection = RTCPeerConnectionBuilder::new()
            .with_setting_engine(settings)
            .with_media_engine(engine)
            .with_interceptor_registry(interceptors)
            .build(Instant::now())
            .unwrap();
        Self { connection, socket, here, transport: *transport, is_connected: false }
    }

    /// Offers a track of each kind, takes the node's answer and connects. What it will send, in the order of `kinds`.
    pub async fn publish(
        &mut self,
        world: &World,
        node: &TestNode,
        person: &Person,
        kinds: &[MediaKind],
    ) -> Vec<(RTCRtpSenderId, RtpParameters)> {
        let track = |(at, kind): (usize, &MediaKind)| self.connection.add_track(track(*kind, at as u32 + 1)).unwrap();
        let senders: Vec<_> = kinds.iter().enumerate().map(track).collect();
        self.gather();
        let offer = self.connection.create_offer(None).unwrap();
        self.connection.set_local_description(Instant::now(), offer.clone()).unwrap();
        let offer = offer.unmarshal().unwrap();
        let sent = |(at, kind): (usize, &MediaKind)| (*kind, description::sent(&offer, at, mime_type(*kind)));
        let sections: Vec<_> = kinds.iter().enumerate().map(sent).collect();
        let answer = description::answer(&self.transport, &sections);
        self.connection.set_remote_description(Instant::now(), RTCSessionDescription::answer(answer).unwrap()).unwrap();
        self.connect(world, node, person).await;
        senders.into_iter().zip(sections.into_iter().map(|(_, parameters)| parameters)).collect()
    }

    /// Takes the node's offer of what it has subscribed to, and connects.
    pub async fn subscribe(
        &mut self,
        world: &World,
        node: &TestNode,
        person: &Person,
        sections: &[(MediaKind, RtpParameters)],
    ) {
        let offer = description::offer(&self.transport, sections);
        self.connection.set_remote_description(Instant::now(), RTCSessionDescription::offer(offer).unwrap()).unwrap();
        self.gather();
        let answer = self.connection.create_answer(None).unwrap();
        self.connection.set_local_description(Instant::now(), answer).unwrap();
        self.connect(world, node, person).await;
    }

    /// Its transport.
    pub fn transport(&self) -> &TransportParams {
        &self.transport
    }

    /// Sends a packet of a track.
    pub fn send(&mut self, sender: RTCRtpSenderId, packet: Packet) {
        self.connection.rtp_sender(sender).unwrap().write_rtp(Instant::now(), packet).unwrap();
    }

    /// Does what is due, and gives what comes within `wait`.
    pub async fn turn(&mut self, wait: Duration) -> Vec<Packet> {
        self.flush().await;
        let now = Instant::now();
        let due = self.connection.poll_timeout().map_or(wait, |at| at.saturating_duration_since(now));
        let mut buffer = [0; 2_048];
        if let Ok(received) = timeout(wait.min(due), self.socket.recv_from(&mut buffer)).await {
            let (length, peer_addr) = received.unwrap();
            let transport = TransportContext {
                local_addr: self.here,
                peer_addr,
                transport_protocol: TransportProtocol::UDP,
                ecn: None,
            };
            let datagram = TaggedBytesMut { now: Instant::now(), transport, message: (&buffer[..length]).into() };
            self.connection.handle_read(datagram).unwrap();
        }
        let now = Instant::now();
        if self.connection.poll_timeout().is_some_and(|at| at <= now) {
            self.connection.handle_timeout(now).unwrap();
        }
        self.flush().await;
        while let Some(event) = self.connection.poll_event() {
            if let RTCPeerConnectionEvent::OnConnectionStateChangeEvent(state) = event {
                self.is_connected = state == RTCPeerConnectionState::Connected;
            }
        }
        let mut packets = Vec::new();
        while let Some(message) = self.connection.poll_read() {
            if let RTCMessage::RtpPacket(_, packet) = message.message {
                packets.push(packet);
            }
        }
        packets
    }

    /// Tells it its only address.
    fn gather(&mut self) {
        let base_config = CandidateConfig {
            network: "udp".to_owned(),
            address: self.here.ip().to_string(),
            port: self.here.port(),
            component: 1,
            ..CandidateConfig::default()
        };
        let host = CandidateHostConfig { base_config, ..CandidateHostConfig::default() }.new_candidate_host().unwrap();
        self.connection.add_local_candidate(RTCIceCandidate::from(&host).to_json().unwrap()).unwrap();
    }

    async fn connect(&mut self, world: &World, node: &TestNode, person: &Person) {
        let own = self.connection.local_description().unwrap().unmarshal().unwrap();
        let request = Request::ConnectTransport {
            connection_id: person.connection.clone(),
            transport_id: self.transport.id.clone(),
            dtls_parameters: description::dtls_parameters(&own),
        };
        world.call(node, request).await.unwrap();
        let connected = async {
            while !self.is_connected {
                self.turn(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, connected).await.expect("a connection");
    }

    async fn flush(&mut self) {
        while let Some(datagram) = self.connection.poll_write() {
            self.socket.send_to(&datagram.message, datagram.transport.peer_addr).await.unwrap();
        }
    }
}

fn mime_type(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Audio => MIME_TYPE_OPUS,
        MediaKind::Video => MIME_TYPE_VP8,
    }
}

fn track(kind: MediaKind, ssrc: u32) -> MediaStreamTrack {
    let (codec_kind, clock_rate, channels) = match kind {
        MediaKind::Audio => (RtpCodecKind::Audio, 48_000, 2),
        MediaKind::Video => (RtpCodecKind::Video, 90_000, 0),
    };
    let codec = RTCRtpCodec { mime_type: mime_type(kind).to_owned(), clock_rate, channels, ..RTCRtpCodec::default() };
    let rtp_coding_parameters = RTCRtpCodingParameters { ssrc: Some(ssrc), ..RTCRtpCodingParameters::default() };
    let encoding = RTCRtpEncodingParameters { rtp_coding_parameters, codec, ..RTCRtpEncodingParameters::default() };
    MediaStreamTrack::new("eve".to_owned(), format!("track-{ssrc}"), String::new(), codec_kind, vec![encoding])
}
