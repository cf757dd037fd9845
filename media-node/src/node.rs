//! Start, life and end of a node.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use dais_domain::{NodeId, Timestamp};
use dais_media::ticket::{KEY_BYTES, TicketKey};
use dais_media_plane::{Identity, IdentityError};
use dais_realtime::Sockets;
use dais_store::{MediaNodeRecord, NodeLoad, Store};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::JoinHandle,
};

use crate::{
    clock::Clock,
    control::{self, CertificateError, ControlCertificate},
    io::{PlaneEvent, StartError as WorkerError, WorkerHandle, WorkerSettings},
    metrics, random,
    registry::{Ended, Registry},
    rooms::Rooms,
    settings::NodeSettings,
};

/// Between two looks whether a draining node is empty.
const DRAIN_LOOK: Duration = Duration::from_millis(250);

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// A worker did not.
    #[error(transparent)]
    Worker(#[from] WorkerError),
    /// No certificate for media.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// No certificate for control.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// A port cannot be opened.
    #[error("{what} cannot listen on {address}: {source}")]
    Listen {
        /// What.
        what: &'static str,
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The id is none. Cannot happen.
    #[error("no id")]
    Id,
}

/// A running node.
#[derive(Debug)]
pub struct Node<S, C> {
    /// What is on it.
    pub rooms: Arc<Rooms<S, C>>,
    registry: Arc<Registry<S, C>>,
    control: SocketAddr,
    metrics: SocketAddr,
    drain: Duration,
    stop: watch::Sender<bool>,
    lease: JoinHandle<Ended>,
}

impl<S: Store, C: Sockets> Node<S, C> {
    /// Opens the ports, starts the workers, and writes the node's record: it can be given rooms when this returns.
    pub async fn start(settings: &NodeSettings, store: S, sockets: C, clock: Clock) -> Result<Self, NodeError> {
        let id = NodeId::new(random::id()).map_err(|_| NodeError::Id)?;
        let (reports, mut reported) = mpsc::unbounded_channel::<PlaneEvent>();
        let identity = Arc::new(Identity::generate()?);
        let mut workers = Vec::with_capacity(settings.workers);
        for number in 0..settings.workers {
            let port = match settings.media_port {
                0 => 0,
                first => first.saturating_add(u16::try_from(number).unwrap_or(u16::MAX)),
            };
            let listen = SocketAddr::new(settings.listen, port);
            let worker = WorkerSettings {
                number,
                listen,
                announced: settings.announced,
                gather: settings.gather,
                loss: settings.loss,
            };
            workers.push(crate::io::start(worker, Arc::clone(&identity), reports.clone())?);
        }
        let rooms = Arc::new(Rooms::new(id.clone(), store, sockets, workers, clock));

        let certificate = ControlCertificate::generate()?;
        let mut key = [0; KEY_BYTES];
        random::fill(&mut key);
        let key = TicketKey::new(key);
        let listener = listen("the control API", SocketAddr::new(settings.listen, settings.control_port)).await?;
        let control = SocketAddr::new(settings.announced, port_of(&listener));
        let watched = listen("/metrics", settings.metrics).await?;
        let metrics = SocketAddr::new(settings.metrics.ip(), port_of(&watched));

        let record = MediaNodeRecord {
            id: id.clone(),
            control_url: format!("https://{control}"),
            fingerprint: certificate.fingerprint().to_owned(),
            ticket_key: key.to_text(),
            load: NodeLoad::default(),
            draining: false,
            started_at: clock.now(),
            lease_until: Timestamp::from_ms(0),
        };
        let (stop, stopped) = watch::channel(false);
        let handle: control::Handle = {
            let rooms = Arc::clone(&rooms);
            Arc::new(move |call| {
                let rooms = Arc::clone(&rooms);
                Box::pin(async move { rooms.handle(call).await })
            })
        };
        let now: Arc<dyn Fn() -> Timestamp + Send + Sync> = Arc::new(move || clock.now());
        tokio::spawn({
            let stopped = stopped.clone();
            async move { control::serve(listener, &certificate, id, key, now, handle, stopped).await }
        });
        tokio::spawn(metrics::serve(watched, Arc::clone(&rooms), stopped.clone()));
        tokio::spawn({
            let rooms = Arc::clone(&rooms);
            async move {
                while let Some(report) = reported.recv().await {
                    rooms.reported(report).await;
                }
            }
        });
        let registry = Arc::new(Registry::new(Arc::clone(&rooms), record, settings));
        registry.renew(Duration::ZERO).await;
        let lease = tokio::spawn({
            let (registry, stopped) = (Arc::clone(&registry), stopped.clone());
            async move { registry.run(stopped).await }
        });
        tokio::spawn(upkeep(Arc::clone(&rooms), settings.reread_every, settings.renew_every / 2, stopped));
        Ok(Self { rooms, registry, control, metrics, drain: settings.drain, stop, lease })
    }

    /// Its id.
    pub fn id(&self) -> &NodeId {
        &self.rooms.node
    }

    /// Where clients reach its workers.
    pub fn media(&self) -> Vec<SocketAddr> {
        self.rooms.workers.iter().map(WorkerHandle::address).collect()
    }

    /// Where its control API is.
    pub fn control(&self) -> SocketAddr {
        self.control
    }

    /// Where its metrics are.
    pub fn metrics(&self) -> SocketAddr {
        self.metrics
    }

    /// Ends only when the node has been taken out of the table by others.
    pub async fn retired(&mut self) -> Ended {
        (&mut self.lease).await.unwrap_or(Ended::Retired)
    }

    /// Takes no new rooms, gives those it has to another node, waits until their clients have moved or `DRAIN_SECONDS` are
    /// over, and takes itself out of the table.
    pub async fn drain(self) {
        tracing::info!(node = %self.id(), "🚰 Draining");
        self.rooms.drain();
        self.registry.renew(Duration::ZERO).await;
        self.registry.hand_over().await;
        let deadline = tokio::time::Instant::now() + self.drain;
        while self.rooms.load().await.transports > 0 && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(DRAIN_LOOK).await;
            self.rooms.look_after_all().await;
        }
        self.end().await;
    }

    /// Ends at once.
    pub async fn end(self) {
        let _ = self.stop.send(true);
        self.registry.retire().await;
        tracing::info!(node = %self.rooms.node, "👋 Ended");
    }
}

/// Looks after the rooms, `apart` from the renewals of the lease: at the same moment the two would want two connections to the
/// table. The ticks of both keep their phase.
async fn upkeep<S: Store, C: Sockets>(
    rooms: Arc<Rooms<S, C>>,
    every: Duration,
    apart: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + apart.min(every), every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            _ = ticks.tick() => rooms.look_after_all().await,
            () = stopped(&mut stop) => return,
        }
    }
}

async fn listen(what: &'static str, address: SocketAddr) -> Result<TcpListener, NodeError> {
    TcpListener::bind(address).await.map_err(|source| NodeError::Listen { what, address, source })
}

fn port_of(listener: &TcpListener) -> u16 {
    listener.local_addr().map_or(0, |address| address.port())
}

/// Waits for the end.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A sender that is gone is an end as well.
    let _ = stop.wait_for(|stop| *stop).await.map(|_| ());
}
