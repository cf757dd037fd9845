//! A client's media over real sockets: what a browser does with a transport.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use dais_domain::TransportId;
use dais_media::{
    Direction,
    control::{Answer, Request},
};
use dais_media_plane::{
    Identity,
    client::{Behaviour, Client, Noticed, Profiled, media::PacketBuilder},
};
use tokio::{net::UdpSocket, sync::watch, time::timeout};

use super::world::{Person, TestNode, World};

/// A connected transport. Whoever holds it sends; what it receives is counted by SSRC.
pub struct Media {
    pub id: TransportId,
    client: Client,
    socket: UdpSocket,
    node: SocketAddr,
}

impl Media {
    /// Makes a transport and connects it: ICE, DTLS, keys.
    pub async fn connect(world: &World, node: &TestNode, person: &Person, direction: Direction) -> Self {
        let connection_id = person.connection.clone();
        let request = Request::CreateTransport { connection_id: connection_id.clone(), direction };
        let Answer::Transport(params) = world.call(node, request).await.unwrap() else { panic!("no transport") };
        let shared = Profiled::new(Arc::new(Identity::generate().unwrap()), Behaviour::default()).unwrap();
        let dtls_parameters = shared.dtls_parameters();
        let transport_id = params.id.clone();
        let connect = Request::ConnectTransport { connection_id, transport_id: transport_id.clone(), dtls_parameters };
        world.call(node, connect).await.unwrap();
        let candidate = &params.ice_candidates[0];
        let client = Client::with_credentials(Instant::now(), Arc::new(shared), params.ice_parameters.clone(), 1);
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let node = SocketAddr::new(candidate.address, candidate.port);
        let mut media = Self { id: transport_id, client, socket, node };
        let connected = async {
            while !media
                .turn(Duration::from_millis(20))
                .await
                .iter()
                .any(|noticed| matches!(noticed, Noticed::Connected))
            {}
        };
        timeout(Duration::from_secs(10), connected).await.unwrap();
        media
    }

    /// Sends one video packet of a stream, a key frame.
    pub async fn send(&mut self, payload_type: u8, ssrc: u32, sequence: u16) {
        let mut payload = vec![0; 200];
        payload[0] = 0x10;
        self.send_payload(payload_type, ssrc, sequence, payload).await;
    }

    /// Sends one packet of a stream.
    pub async fn send_payload(&mut self, payload_type: u8, ssrc: u32, sequence: u16, payload: Vec<u8>) {
        let packet = PacketBuilder {
            payload_type,
            marker: true,
            sequence,
            timestamp: u32::from(sequence) * 3_000,
            ssrc,
            payload,
            ..PacketBuilder::default()
        };
        self.client.send_rtp(&packet.build()).unwrap();
        self.flush().await;
    }

    /// Does what is due, and takes what comes within `wait`.
    pub async fn turn(&mut self, wait: Duration) -> Vec<Noticed> {
        let now = Instant::now();
        if self.client.deadline() <= now {
            self.client.advance(now);
        }
        self.flush().await;
        let mut buffer = [0; 2_048];
        if let Ok(Ok((length, _))) = timeout(wait, self.socket.recv_from(&mut buffer)).await {
            self.client.receive(Instant::now(), &buffer[..length]);
        }
        self.flush().await;
        std::iter::from_fn(|| self.client.poll_noticed()).collect()
    }

    async fn flush(&mut self) {
        while let Some(datagram) = self.client.poll_transmit() {
            self.socket.send_to(&datagram, self.node).await.unwrap();
        }
    }

    /// Counts RTP packets until `stop` says so; the count is told as it grows.
    pub async fn count(mut self, counted: watch::Sender<u64>, stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let packets = self.turn(Duration::from_millis(20)).await;
            let packets = packets.iter().filter(|noticed| matches!(noticed, Noticed::Rtp(_))).count();
            counted.send_modify(|count| *count += packets as u64);
        }
    }
}
