//! Media: which node has a room, and what it is asked.
//!
//! The node decides what a client may; here it is found, or chosen for a room that has none, or whose node is dead.

mod events;

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Instant,
};

use dais_domain::{MediaClaim, MeetingId, NodeId};
use dais_media::{
    control::{Answer, Problem, Request},
    transport::IceServer,
};
use dais_media_nodes::{IN_ALL, Missed, Nodes, Place, TRIES, numbered, unavailable};
use dais_store::{ClaimError, MediaNodeRecord, Store};

/// Tries to give a room to a node, while others do the same or nodes go.
const CLAIM_TRIES: usize = 4;

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
    nodes: Nodes<S>,
    ice_servers: Arc<[IceServer]>,
}

impl<S: Clone> Clone for Media<S> {
    fn clone(&self) -> Self {
        Self { nodes: self.nodes.clone(), ice_servers: self.ice_servers.clone() }
    }
}

impl<S> fmt::Debug for Media<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Media")
    }
}

impl<S: Store> Media<S> {
    /// `ice_servers`: what clients may use beside the nodes' own addresses.
    pub fn new(nodes: Nodes<S>, ice_servers: Vec<IceServer>) -> Self {
        Self { nodes, ice_servers: ice_servers.into() }
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
        let mut call = numbered(room, request)?;
        let mut claim = match claim {
            Some(claim) => Some(claim),
            // One who asks for the first node of a room has just read that there is none.
            None if reach == Reach::Any => None,
            None => self.nodes.claim_of(room).await?,
        };
        let mut denied: Option<MediaClaim> = None;
        for tries in 1..=TRIES {
            let place = self.locate(room, claim.take(), reach, moved).await?;
            match self.nodes.attempt(&place, &mut call, deadline).await {
                Ok(answer) => return Ok(answer),
                Err(Missed::Refused(problem)) => return Err(problem.into()),
                Err(Missed::NotHere) => {
                    let there = self.nodes.written_claim_of(room).await?;
                    // It knows of no claim that stands in the table, twice: it will not do it.
                    let again = there.is_some() && there == denied;
                    denied.clone_from(&there);
                    claim = if again { Some(self.give(room, there, None, moved).await?) } else { there };
                }
                Err(Missed::Draining) if reach == Reach::Any => {
                    let draining = place.claim.node.clone();
                    claim = Some(self.give(room, Some(place.claim), Some(&draining), moved).await?);
                    continue;
                }
                Err(Missed::Draining | Missed::Again) => claim = Some(place.claim),
            }
            if Instant::now() >= deadline {
                break;
            }
            self.nodes.pause(tries).await;
        }
        Err(Problem::Unavailable.into())
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
                && let Some(node) = self.nodes.node(&claim.node).await?
            {
                return Ok(Place { claim: claim.clone(), node });
            }
            if claim.is_none() && reach == Reach::Moved {
                return Err(Problem::PeerNotFound.into());
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
        self.nodes.forget_claim(room);
        let store = self.nodes.store();
        for _ in 0..CLAIM_TRIES {
            let node = self.choose(besides).await?;
            match store.claim_room(room, &node.id, replacing.as_ref(), self.nodes.now()).await {
                Ok(claim) => {
                    tracing::info!(roomId = %room, node = %node.id, epoch = claim.epoch, "📡 Room goes to a media node");
                    *moved |= replacing.is_some();
                    self.nodes.remember_node(node);
                    return Ok(claim);
                }
                Err(ClaimError::Taken(claim)) => return Ok(claim),
                Err(ClaimError::NodeGone) => {}
                Err(ClaimError::NoRoom) => return Err(Problem::RoomNotFound.into()),
                Err(ClaimError::Store(error)) => return Err(unavailable(error).into()),
            }
        }
        Err(MediaError::NoNode)
    }

    /// Of two nodes taken at random the one with less to do: as good as the least of all, and those who choose at the same
    /// time do not all choose the same.
    async fn choose(&self, besides: Option<&NodeId>) -> Result<MediaNodeRecord, MediaError> {
        let (store, now) = (self.nodes.store(), self.nodes.now());
        let mut nodes = store.nodes().await.map_err(unavailable)?;
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
}
