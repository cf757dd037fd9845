//! Media: which node has a room, and what it is asked.
//!
//! The node decides what a client may; here it is found, or chosen for a room that has none, or whose node is dead.

mod events;
mod known;
mod nodes;
mod pin;

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use dais_domain::{ConnectionId, MediaClaim, MeetingId, NodeId, Presence, RequestId, RoomView, Timestamp, Version};
use dais_media::{
    control::{Answer, Call, Peer, Problem, Request},
    transport::IceServer,
};
use dais_store::{ClaimError, MediaNodeRecord, Store, StoreError};
use futures::future::BoxFuture;

use crate::{MediaPlane, Patience};
use known::Known;

pub use nodes::{CallError, HttpsNodes, MediaNodeCalls};

/// How long a call may take, with all tries.
const IN_ALL: Duration = Duration::from_secs(5);
/// Tries of a call. With the pauses between them they outlast the lease of a node that has just died.
const TRIES: u32 = 16;
/// Tries to give a room to a node, while others do the same or nodes go.
const CLAIM_TRIES: usize = 4;

/// Tells the time by which nodes have leases and tickets hold: the machine's, as the nodes have no other.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The machine's time.
pub fn machine_time() -> Now {
    Arc::new(|| {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_ms(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
    })
}

/// Why a node did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    /// The node says why.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// There is no node that could take the room. Try again when there is one.
    #[error("No media node is available")]
    NoNode,
}

impl MediaError {
    /// The code that programs compare.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Problem(problem) => problem.code(),
            Self::NoNode => "media-unavailable",
        }
    }
}

/// How far a call goes to find a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// To the node that has the room; if none has it, or that one is dead, to one that is given the room.
    Any,
    /// To the node that has the room, or if that one is dead to one that takes its place.
    Moved,
    /// Only to a node that has the room and lives.
    There,
}

/// What came of a call.
#[derive(Debug, PartialEq)]
pub struct Asked {
    /// The node's answer.
    pub result: Result<Answer, MediaError>,
    /// This call has given the room to another node: its clients must be told.
    pub moved: bool,
}

/// The media nodes, as the events see them. Cheap to clone.
pub struct Media<S> {
    store: S,
    calls: Arc<dyn MediaNodeCalls>,
    patience: Arc<dyn Patience>,
    now: Now,
    ice_servers: Arc<[IceServer]>,
    known: Arc<Known>,
}

impl<S: Clone> Clone for Media<S> {
    fn clone(&self) -> Self {
        Self {
            store: self.store.clone(),
            calls: self.calls.clone(),
            patience: self.patience.clone(),
            now: self.now.clone(),
            ice_servers: self.ice_servers.clone(),
            known: self.known.clone(),
        }
    }
}

impl<S> fmt::Debug for Media<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Media")
    }
}

/// A room's node.
struct Place {
    claim: MediaClaim,
    node: MediaNodeRecord,
}

impl<S: Store> Media<S> {
    /// `ice_servers`: what clients may use beside the nodes' own addresses.
    pub fn new(
        store: S,
        calls: Arc<dyn MediaNodeCalls>,
        patience: Arc<dyn Patience>,
        now: Now,
        ice_servers: Vec<IceServer>,
    ) -> Self {
        Self { store, calls, patience, now, ice_servers: ice_servers.into(), known: Arc::default() }
    }

    /// Asks a room's node. `claim`: the one that the room has, if the caller has just read it.
    pub async fn ask(&self, room: &MeetingId, claim: Option<MediaClaim>, request: Request, reach: Reach) -> Asked {
        let mut moved = false;
        let result = self.try_until_done(room, claim, request, reach, &mut moved).await;
        if let Err(error) = &result {
            tracing::debug!(roomId = %room, code = error.code(), %error, "a media node did not do it");
        }
        Asked { result, moved }
    }

    async fn try_until_done(
        &self,
        room: &MeetingId,
        claim: Option<MediaClaim>,
        request: Request,
        reach: Reach,
        moved: &mut bool,
    ) -> Result<Answer, MediaError> {
        let deadline = Instant::now() + IN_ALL;
        let request_id = RequestId::new(nanoid::nanoid!()).map_err(|_| Problem::Unavailable)?;
        let mut call = Call { request_id, room: room.clone(), epoch: 0, request };
        let mut claim = match claim {
            Some(claim) => Some(claim),
            // One who asks for the first node of a room has just read that there is none.
            None if reach == Reach::Any => None,
            None => self.claim_of(room).await?,
        };
        let mut denied: Option<MediaClaim> = None;
        for tries in 1..=TRIES {
            let place = self.locate(room, claim.take(), reach, moved).await?;
            call.epoch = place.claim.epoch;
            match self.calls.call(&place.node, &call, (self.now)(), deadline).await {
                Ok(answer) => {
                    self.known.remember_claim(room, &place.claim, (self.now)());
                    return Ok(answer);
                }
                Err(CallError::Problem(Problem::NotHere)) => {
                    self.known.forget_claim(room);
                    let there = self.store.claim_of(room).await.map_err(unavailable)?;
                    // It knows of no claim that stands in the table, twice: it will not do it.
                    let again = there.is_some() && there == denied && reach != Reach::There;
                    denied.clone_from(&there);
                    claim = if again { Some(self.give(room, there, None, moved).await?) } else { there };
                }
                Err(CallError::Problem(Problem::Draining)) if reach == Reach::Any => {
                    let draining = place.claim.node.clone();
                    claim = Some(self.give(room, Some(place.claim), Some(&draining), moved).await?);
                    continue;
                }
                Err(CallError::Problem(problem @ (Problem::Ticket | Problem::Unavailable | Problem::Draining))) => {
                    tracing::warn!(roomId = %room, node = %place.node.id, %problem, "⚠️ Asking a media node again");
                    self.known.forget_node(&place.node.id);
                    claim = Some(place.claim);
                }
                Err(CallError::Problem(problem)) => {
                    if problem == Problem::RoomNotFound || problem == Problem::PeerNotFound {
                        self.known.forget_claim(room);
                    } else {
                        self.known.remember_claim(room, &place.claim, (self.now)());
                    }
                    return Err(problem.into());
                }
                Err(CallError::Unreachable(reason)) => {
                    tracing::warn!(roomId = %room, node = %place.node.id, reason, "⚠️ A media node does not answer");
                    // Its record says whether it is dead. Until its lease has lapsed it may be alive for others.
                    self.known.forget_node(&place.node.id);
                    claim = Some(place.claim);
                }
            }
            if Instant::now() >= deadline {
                break;
            }
            self.patience.pause(tries).await;
        }
        Err(Problem::Unavailable.into())
    }

    /// The room's claim, as this environment knows it or the table has it.
    async fn claim_of(&self, room: &MeetingId) -> Result<Option<MediaClaim>, MediaError> {
        match self.known.claim(room, (self.now)()) {
            Some(claim) => Ok(Some(claim)),
            None => Ok(self.store.claim_of(room).await.map_err(unavailable)?),
        }
    }

    /// The node that has the room and lives.
    async fn locate(
        &self,
        room: &MeetingId,
        mut claim: Option<MediaClaim>,
        reach: Reach,
        moved: &mut bool,
    ) -> Result<Place, MediaError> {
        for _ in 0..CLAIM_TRIES {
            if let Some(claim) = &claim
                && let Some(node) = self.node(&claim.node).await?
            {
                return Ok(Place { claim: claim.clone(), node });
            }
            match (&claim, reach) {
                (None, Reach::Moved | Reach::There) => return Err(Problem::PeerNotFound.into()),
                (Some(_), Reach::There) => return Err(Problem::Unavailable.into()),
                _ => {}
            }
            let dead = claim.as_ref().map(|claim| claim.node.clone());
            claim = Some(self.give(room, claim, dead.as_ref(), moved).await?);
        }
        Err(Problem::Unavailable.into())
    }

    /// Gives the room to a node that has not much to do; or finds that somebody else has done that.
    async fn give(
        &self,
        room: &MeetingId,
        replacing: Option<MediaClaim>,
        besides: Option<&NodeId>,
        moved: &mut bool,
    ) -> Result<MediaClaim, MediaError> {
        self.known.forget_claim(room);
        for _ in 0..CLAIM_TRIES {
            let node = self.choose(besides).await?;
            match self.store.claim_room(room, &node.id, replacing.as_ref(), (self.now)()).await {
                Ok(claim) => {
                    tracing::info!(roomId = %room, node = %node.id, epoch = claim.epoch, "📡 Room goes to a media node");
                    *moved |= replacing.is_some();
                    self.known.remember_node(node);
                    return Ok(claim);
                }
                Err(ClaimError::Taken(claim)) => return Ok(claim),
                Err(ClaimError::NodeGone) => {}
                Err(ClaimError::NoRoom) => return Err(Problem::RoomNotFound.into()),
                Err(ClaimError::Store(error)) => return Err(unavailable(error)),
            }
        }
        Err(MediaError::NoNode)
    }

    /// Of two nodes taken at random the one with less to do: as good as the least of all, and those who choose at the same
    /// time do not all choose the same.
    async fn choose(&self, besides: Option<&NodeId>) -> Result<MediaNodeRecord, MediaError> {
        let now = (self.now)();
        let mut nodes = self.store.nodes().await.map_err(unavailable)?;
        nodes.retain(|node| node.takes_rooms(now) && Some(&node.id) != besides);
        let mut taken = Vec::new();
        for n in 0..2 {
            if !nodes.is_empty() {
                let random = RandomState::new().hash_one(n);
                let at = usize::try_from(random % (nodes.len() as u64)).unwrap_or(0);
                taken.push(nodes.swap_remove(at));
            }
        }
        let busy = |node: &MediaNodeRecord| (node.load.packets_per_second, node.load.consumers, node.load.rooms);
        taken.into_iter().min_by_key(busy).ok_or(MediaError::NoNode)
    }

    /// A node's record while its lease holds, read once for the time of the lease.
    async fn node(&self, id: &NodeId) -> Result<Option<MediaNodeRecord>, MediaError> {
        let now = (self.now)();
        if let Some(node) = self.known.node(id, now) {
            return Ok(Some(node));
        }
        let read = self.store.node(id).await.map_err(unavailable)?.filter(|node| node.is_live(now));
        if let Some(node) = &read {
            self.known.remember_node(node.clone());
        }
        Ok(read)
    }

    /// Something that nobody waits for.
    async fn mention(&self, room: &MeetingId, claim: Option<MediaClaim>, request: Request) {
        let asked = self.ask(room, claim, request, Reach::There).await;
        if let Err(error) = asked.result
            && error != Problem::PeerNotFound.into()
        {
            tracing::warn!(roomId = %room, %error, "⚠️ A media node finds out by itself");
        }
    }
}

impl<S: Store> MediaPlane for Media<S> {
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
            let request = Request::Join { peer: peer(presence) };
            let asked = self.ask(&view.meeting.id, Some(claim), request, Reach::There).await;
            matches!(asked.result, Ok(Answer::Joined { already: true, .. }))
        })
    }
}

/// A client for the node.
pub(crate) fn peer(presence: &Presence) -> Peer {
    Peer {
        connection_id: presence.connection_id.clone(),
        socket_id: presence.socket_id.clone(),
        user_id: presence.user_id.clone(),
        name: presence.name.clone(),
    }
}

fn unavailable(error: StoreError) -> MediaError {
    tracing::error!(%error, "the table could not do it");
    Problem::Unavailable.into()
}
