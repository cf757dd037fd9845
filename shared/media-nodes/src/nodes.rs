//! The node that has a room, and calls to it.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use dais_domain::{
    ConnectionId, MediaClaim, MeetingId, NodeId, Presence, RequestId, RoomView, Source, Timestamp, Version,
};
use dais_media::control::{Answer, Call, Peer, Problem, Request};
use dais_store::{MediaNodeRecord, Store, StoreError};
use futures::future::BoxFuture;

use crate::{CallError, HttpsNodes, InTime, MediaNodeCalls, MediaPlane, Patience, Sleeping, known::Known};

/// How long a call may take, with all tries.
pub const IN_ALL: Duration = Duration::from_secs(5);
/// Tries of a call. With the pauses between them they outlast the lease of a node that has just died.
pub const TRIES: u32 = 16;

/// Tells the time by which nodes have leases and tickets hold: the machine's, as the nodes have no other.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The machine's time.
pub fn machine_time() -> Now {
    Arc::new(|| {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_ms(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
    })
}

/// A room's node.
#[derive(Debug, Clone)]
pub struct Place {
    /// Under which it has the room.
    pub claim: MediaClaim,
    /// How it is reached.
    pub node: MediaNodeRecord,
}

/// Why one try of a call came to nothing. What was remembered and turned out to be wrong is forgotten by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missed {
    /// The node does not have the room under this claim.
    NotHere,
    /// The node takes no new rooms.
    Draining,
    /// It may do it when it is asked again, or is dead.
    Again,
    /// It will not do it.
    Refused(Problem),
}

/// The nodes, and what is remembered of them. Cheap to clone.
pub struct Nodes<S> {
    store: S,
    calls: Arc<dyn MediaNodeCalls>,
    patience: Arc<dyn Patience>,
    now: Now,
    known: Arc<Known>,
}

impl<S: Clone> Clone for Nodes<S> {
    fn clone(&self) -> Self {
        Self {
            store: self.store.clone(),
            calls: self.calls.clone(),
            patience: self.patience.clone(),
            now: self.now.clone(),
            known: self.known.clone(),
        }
    }
}

impl<S> fmt::Debug for Nodes<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Nodes")
    }
}

impl<S: Store> Nodes<S> {
    /// `calls` go to the nodes, by the time that `now` tells.
    pub fn new(store: S, calls: Arc<dyn MediaNodeCalls>, patience: Arc<dyn Patience>, now: Now) -> Self {
        Self { store, calls, patience, now, known: Arc::default() }
    }

    /// The nodes over the network, for functions that only tell them of changes. Needs a running tokio.
    pub fn to_be_told(store: S) -> Arc<dyn MediaPlane> {
        Arc::new(InTime(Self::new(store, Arc::new(HttpsNodes::default()), Arc::new(Sleeping), machine_time())))
    }

    /// The table.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// What time it is for the nodes.
    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// Asks the node that has a room, if one does and lives; the room stays where it is. `claim`: the one that the room has, if
    /// the caller has just read it.
    pub async fn ask(
        &self,
        room: &MeetingId,
        mut claim: Option<MediaClaim>,
        request: Request,
    ) -> Result<Answer, Problem> {
        let deadline = Instant::now() + IN_ALL;
        let mut call = numbered(room, request)?;
        if claim.is_none() {
            claim = self.claim_of(room).await?;
        }
        for tries in 1..=TRIES {
            let there = claim.take().ok_or(Problem::PeerNotFound)?;
            let node = self.node(&there.node).await?.ok_or(Problem::Unavailable)?;
            let place = Place { claim: there, node };
            match self.attempt(&place, &mut call, deadline).await {
                Ok(answer) => return Ok(answer),
                Err(Missed::Refused(problem)) => return Err(problem),
                Err(Missed::NotHere) => claim = self.written_claim_of(room).await?,
                Err(Missed::Draining | Missed::Again) => claim = Some(place.claim),
            }
            if Instant::now() >= deadline {
                break;
            }
            self.pause(tries).await;
        }
        Err(Problem::Unavailable)
    }

    /// One try of a call.
    pub async fn attempt(&self, place: &Place, call: &mut Call, deadline: Instant) -> Result<Answer, Missed> {
        call.epoch = place.claim.epoch;
        let (room, node) = (&call.room, &place.node.id);
        match self.calls.call(&place.node, call, self.now(), deadline).await {
            Ok(answer) => {
                self.known.remember_claim(room, &place.claim, self.now());
                Ok(answer)
            }
            Err(CallError::Problem(Problem::NotHere)) => {
                self.known.forget_claim(room);
                Err(Missed::NotHere)
            }
            Err(CallError::Problem(problem @ (Problem::Ticket | Problem::Unavailable | Problem::Draining))) => {
                tracing::warn!(roomId = %room, %node, %problem, "⚠️ Asking a media node again");
                self.known.forget_node(node);
                Err(if problem == Problem::Draining { Missed::Draining } else { Missed::Again })
            }
            Err(CallError::Problem(problem)) => {
                if problem == Problem::RoomNotFound || problem == Problem::PeerNotFound {
                    self.known.forget_claim(room);
                } else {
                    self.known.remember_claim(room, &place.claim, self.now());
                }
                Err(Missed::Refused(problem))
            }
            Err(CallError::Unreachable(reason)) => {
                tracing::warn!(roomId = %room, %node, reason, "⚠️ A media node does not answer");
                // Its record says whether it is dead. Until its lease has lapsed it may be alive for others.
                self.known.forget_node(node);
                Err(Missed::Again)
            }
        }
    }

    /// Waits after so many tries.
    pub async fn pause(&self, tries: u32) {
        self.patience.pause(tries).await;
    }

    /// The room's claim, as this environment knows it or the table has it.
    pub async fn claim_of(&self, room: &MeetingId) -> Result<Option<MediaClaim>, Problem> {
        match self.known.claim(room, self.now()) {
            Some(claim) => Ok(Some(claim)),
            None => self.written_claim_of(room).await,
        }
    }

    /// The room's claim as the table has it.
    pub async fn written_claim_of(&self, room: &MeetingId) -> Result<Option<MediaClaim>, Problem> {
        self.store.claim_of(room).await.map_err(unavailable)
    }

    /// A node's record while its lease holds, read once for the time of the lease.
    pub async fn node(&self, id: &NodeId) -> Result<Option<MediaNodeRecord>, Problem> {
        let now = self.now();
        if let Some(node) = self.known.node(id, now) {
            return Ok(Some(node));
        }
        let read = self.store.node(id).await.map_err(unavailable)?.filter(|node| node.is_live(now));
        if let Some(node) = &read {
            self.known.remember_node(node.clone());
        }
        Ok(read)
    }

    /// A node that has just been read.
    pub fn remember_node(&self, node: MediaNodeRecord) {
        self.known.remember_node(node);
    }

    /// The room goes elsewhere.
    pub fn forget_claim(&self, room: &MeetingId) {
        self.known.forget_claim(room);
    }

    /// Something that nobody waits for.
    pub async fn mention(&self, room: &MeetingId, claim: Option<MediaClaim>, request: Request) {
        if let Err(problem) = self.ask(room, claim, request).await
            && !matches!(problem, Problem::PeerNotFound | Problem::ProducerNotFound)
        {
            tracing::warn!(roomId = %room, %problem, "⚠️ A media node finds out by itself");
        }
    }
}

/// A call of its own for a request; its epoch is that of the place where it goes.
pub fn numbered(room: &MeetingId, request: Request) -> Result<Call, Problem> {
    let request_id = RequestId::new(nanoid::nanoid!()).map_err(|_| Problem::Unavailable)?;
    Ok(Call { request_id, room: room.clone(), epoch: 0, request })
}

impl<S: Store> MediaPlane for Nodes<S> {
    fn room_changed<'a>(&'a self, view: &'a RoomView, version: Version) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if view.media.is_some() {
                self.mention(&view.meeting.id, view.media.clone(), Request::RoomChanged { version }).await;
            }
        })
    }

    fn left<'a>(&'a self, room: &'a MeetingId, connection: &'a ConnectionId) -> BoxFuture<'a, ()> {
        Box::pin(self.mention(room, None, Request::Leave { connection_id: connection.clone() }))
    }

    fn replaced<'a>(&'a self, view: &'a RoomView, presence: &'a Presence) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            // Nobody has media in this room.
            let Some(claim) = view.media.clone() else { return true };
            let asked = self.ask(&view.meeting.id, Some(claim), Request::Join { peer: peer(presence) }).await;
            matches!(asked, Ok(Answer::Joined { already: true, .. }))
        })
    }

    fn switched_on<'a>(
        &'a self,
        view: &'a RoomView,
        connection: &'a ConnectionId,
        source: Source,
    ) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            let Some(claim) = view.media.clone() else { return true };
            let request = Request::SwitchedOn { connection_id: connection.clone(), source };
            self.ask(&view.meeting.id, Some(claim), request).await != Err(Problem::ProducerNotFound)
        })
    }
}

/// A client for the node.
pub fn peer(presence: &Presence) -> Peer {
    Peer {
        connection_id: presence.connection_id.clone(),
        socket_id: presence.socket_id.clone(),
        user_id: presence.user_id.clone(),
        name: presence.name.clone(),
    }
}

/// The table's trouble is logged; the caller tries again.
pub fn unavailable(error: StoreError) -> Problem {
    tracing::error!(%error, "the table could not do it");
    Problem::Unavailable
}
