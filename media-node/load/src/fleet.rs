//! The clients: peer connections, each with a socket of its own as in real life.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use dais_media::{DtlsParameters, RtpParameters, TransportParams};
use dais_media_client::{NewTrack, Publisher, Shared, Subscriber, description::Section};
use tokio::time::timeout;

use crate::arrivals::Arrivals;

/// How long ICE and DTLS may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A client and what it has sent.
pub enum Peer {
    Publisher(Box<Sending>),
    Subscriber(Box<Subscriber>),
}

/// A client that publishes.
pub struct Sending {
    pub publisher: Publisher,
    /// Those of its tracks that flow, by their place in what it has offered.
    pub flowing: Vec<usize>,
    pub tracks: Vec<Track>,
}

/// A track, and what its next packet has: a stream goes on where it stopped.
#[derive(Debug, Clone, Copy)]
pub struct Track {
    pub new: NewTrack,
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
}

/// All clients.
pub struct Fleet {
    shared: Shared,
    pub arrivals: Arc<Arrivals>,
    peers: HashMap<String, Peer>,
}

impl Fleet {
    pub fn new() -> Result<Self, String> {
        let shared = Shared::new().map_err(text)?;
        Ok(Self { shared, arrivals: Arc::new(Arrivals::new(Instant::now())), peers: HashMap::new() })
    }

    /// Adds a client that publishes; gives what the node must be told.
    pub async fn publish(
        &mut self,
        id: String,
        transport: TransportParams,
        tracks: &[NewTrack],
    ) -> Result<(DtlsParameters, Vec<RtpParameters>), String> {
        let publisher = Publisher::new(&self.shared, transport, tracks).await.map_err(text)?;
        let parameters = (0..tracks.len()).filter_map(|track| publisher.rtp_parameters(track).cloned());
        let parameters: Vec<_> = parameters.collect();
        let dtls_parameters = publisher.dtls_parameters();
        let tracks = tracks.iter().zip(&parameters).map(|(new, parameters)| {
            let payload_type = parameters.codecs.first().map_or(0, |codec| codec.payload_type);
            Track { new: *new, payload_type, sequence: 0, timestamp: 0 }
        });
        let sending = Sending { publisher, flowing: Vec::new(), tracks: tracks.collect() };
        self.peers.insert(id, Peer::Publisher(Box::new(sending)));
        Ok((dtls_parameters, parameters))
    }

    /// Adds a client that subscribes; gives what the node must be told.
    pub async fn subscribe(&mut self, id: String, transport: TransportParams) -> Result<DtlsParameters, String> {
        let arrivals = Arc::clone(&self.arrivals);
        let on_packet = move |packet: dais_media_client::rtp::Packet| arrivals.take(&packet.payload);
        let subscriber = Subscriber::new(&self.shared, transport, on_packet).await.map_err(text)?;
        let dtls_parameters = subscriber.dtls_parameters();
        self.peers.insert(id, Peer::Subscriber(Box::new(subscriber)));
        Ok(dtls_parameters)
    }

    /// Lets a client take what it has subscribed to.
    pub async fn receive(&mut self, id: &str, section: Section) -> Result<(), String> {
        let Peer::Subscriber(subscriber) = self.peer(id)? else { return Err(format!("{id} publishes")) };
        subscriber.receive(section).await.map_err(text)
    }

    /// Connects a client; gives how long it took.
    pub async fn connect(&mut self, id: &str) -> Result<Duration, String> {
        let begun = Instant::now();
        let connecting = async {
            match self.peer(id)? {
                Peer::Publisher(sending) => sending.publisher.connect().await.map_err(text),
                Peer::Subscriber(subscriber) => subscriber.connect().await.map_err(text),
            }
        };
        let connected = timeout(PATIENCE, connecting).await;
        connected.map_err(|_| format!("{id} was not connected within {PATIENCE:?}"))??;
        Ok(begun.elapsed())
    }

    /// Lets tracks of a client flow, and no others of it.
    pub fn flow(&mut self, id: &str, tracks: Vec<usize>) -> Result<(), String> {
        let Peer::Publisher(sending) = self.peer(id)? else { return Err(format!("{id} subscribes")) };
        let known = tracks.iter().all(|track| *track < sending.tracks.len());
        sending.flowing = known.then_some(tracks).ok_or_else(|| format!("{id} has no such track"))?;
        Ok(())
    }

    /// All who publish.
    pub fn sending(&mut self) -> Vec<&mut Sending> {
        let peers = self.peers.values_mut();
        peers.filter_map(|peer| if let Peer::Publisher(sending) = peer { Some(&mut **sending) } else { None }).collect()
    }

    /// Closes everything, as tabs that are closed do.
    pub async fn forget(&mut self) -> Result<(), String> {
        for (_, peer) in self.peers.drain() {
            let closed = match peer {
                Peer::Publisher(sending) => sending.publisher.close().await,
                Peer::Subscriber(subscriber) => subscriber.close().await,
            };
            closed.map_err(text)?;
        }
        Ok(())
    }

    fn peer(&mut self, id: &str) -> Result<&mut Peer, String> {
        self.peers.get_mut(id).ok_or_else(|| format!("there is no transport {id}"))
    }
}

/// An error as text.
pub fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
