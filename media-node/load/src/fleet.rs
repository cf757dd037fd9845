//! The clients, each with a socket of its own as in real life.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use dais_media::{DtlsParameters, TransportParams};
use dais_media_plane::{
    Identity,
    client::{Behaviour, Client, Noticed, Profiled},
};
use mio::{Events, Interest, Poll, Token, net::UdpSocket};
use serde::Deserialize;

/// How long ICE and DTLS may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A stream to publish.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stream {
    /// Its SSRC.
    pub ssrc: u32,
    /// Its payload type.
    pub payload_type: u8,
    /// Of its next packet: a stream goes on where it stopped.
    #[serde(skip)]
    pub sequence: u16,
    /// Of its next packet.
    #[serde(skip)]
    pub timestamp: u32,
}

/// A client on its socket.
pub struct Peer {
    pub client: Client,
    socket: UdpSocket,
    node: SocketAddr,
    pub audio: Option<Stream>,
    pub video: Option<Stream>,
    is_up: bool,
}

impl Peer {
    /// Sends what the client wants to send.
    pub fn flush(&mut self) {
        while let Some(datagram) = self.client.poll_transmit() {
            // A full buffer loses a packet, as a network would; it is counted where it does not arrive.
            let _ = self.socket.send_to(&datagram, self.node);
        }
    }

    /// Takes in what has arrived.
    pub fn receive(&mut self, now: Instant, buffer: &mut [u8], mut take: impl FnMut(Noticed)) {
        while let Ok((length, _)) = self.socket.recv_from(buffer) {
            self.client.receive(now, buffer.get(..length).unwrap_or_default());
            while let Some(noticed) = self.client.poll_noticed() {
                self.is_up |= matches!(noticed, Noticed::Connected);
                take(noticed);
            }
        }
    }
}

/// All clients.
pub struct Fleet {
    shared: Arc<Profiled>,
    pub poll: Poll,
    pub peers: Vec<Peer>,
    names: HashMap<String, usize>,
}

impl Fleet {
    pub fn new() -> Result<Self, String> {
        let identity = Arc::new(Identity::generate().map_err(text)?);
        let shared = Arc::new(Profiled::new(identity, Behaviour::default()).map_err(text)?);
        Ok(Self { shared, poll: Poll::new().map_err(text)?, peers: Vec::new(), names: HashMap::new() })
    }

    /// Adds a client for a transport; gives what the node must be told.
    pub fn add(&mut self, id: &str, params: &TransportParams) -> Result<DtlsParameters, String> {
        let candidate = params.ice_candidates.first().ok_or("the transport has no candidates")?;
        let node = SocketAddr::new(candidate.address, candidate.port);
        let number = self.peers.len();
        let opened = || -> io::Result<UdpSocket> {
            let mut socket = UdpSocket::bind(SocketAddr::new([127, 0, 0, 1].into(), 0))?;
            self.poll.registry().register(&mut socket, Token(number), Interest::READABLE)?;
            Ok(socket)
        };
        let socket = opened().map_err(text)?;
        let now = Instant::now();
        let client =
            Client::with_credentials(now, Arc::clone(&self.shared), params.ice_parameters.clone(), number as u64);
        self.peers.push(Peer { client, socket, node, audio: None, video: None, is_up: false });
        self.names.insert(id.to_owned(), number);
        Ok(self.shared.dtls_parameters())
    }

    /// Connects a client; gives how long it took.
    pub fn connect(&mut self, id: &str) -> Result<Duration, String> {
        let number = self.number(id)?;
        let (begun, mut events, mut buffer) = (Instant::now(), Events::with_capacity(256), [0; 2_048]);
        loop {
            let now = Instant::now();
            if now.duration_since(begun) > PATIENCE {
                return Err(format!("{id} was not connected within {PATIENCE:?}"));
            }
            self.advance(now);
            let peer = self.peers.get(number).ok_or("no such transport")?;
            if peer.is_up {
                return Ok(begun.elapsed());
            }
            let wait = peer.client.deadline().saturating_duration_since(now).min(Duration::from_millis(20));
            self.poll.poll(&mut events, Some(wait)).map_err(text)?;
            for event in &events {
                if let Some(peer) = self.peers.get_mut(event.token().0) {
                    peer.receive(Instant::now(), &mut buffer, |_| {});
                    peer.flush();
                }
            }
        }
    }

    /// Lets a client publish.
    pub fn publish(&mut self, id: &str, audio: Option<Stream>, video: Option<Stream>) -> Result<(), String> {
        let number = self.number(id)?;
        let peer = self.peers.get_mut(number).ok_or("no such transport")?;
        (peer.audio, peer.video) = (audio, video);
        Ok(())
    }

    /// Closes everything, as tabs that are closed do.
    pub fn forget(&mut self) {
        let now = Instant::now();
        for peer in &mut self.peers {
            peer.client.close(now);
            peer.flush();
        }
        self.peers.clear();
        self.names.clear();
    }

    /// Lets every client do what is due.
    pub fn advance(&mut self, now: Instant) {
        for peer in &mut self.peers {
            if peer.client.deadline() <= now {
                peer.client.advance(now);
                peer.flush();
            }
        }
    }

    fn number(&self, id: &str) -> Result<usize, String> {
        self.names.get(id).copied().ok_or_else(|| format!("there is no transport {id}"))
    }
}

/// An error as text.
pub fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
