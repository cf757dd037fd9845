//! The rooms of a node: what calls do to them ([`calls`]), what the table says of them ([`enforce`], [`upkeep`]), what their
//! planes report ([`reports`]), and what clients are told of it all ([`push`]).
//!
//! A room does one thing at a time: calls, rereads and reports of one room wait for each other, different rooms do not.

mod bounds;
mod calls;
mod enforce;
mod push;
mod reports;
mod room;
mod upkeep;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use dais_domain::{MeetingId, NodeId, SocketId, TransportId, Version};
use dais_media::control::{Answer, Call, Problem, Request};
use dais_media_plane::{RoomKey, TransportKey};
use dais_realtime::Sockets;
use dais_store::{NodeLoad, Store};

use crate::{clock::Clock, control::Reply, io::WorkerHandle};
use push::Pusher;
use room::Room;

pub use push::names;

/// What every room needs.
#[derive(Debug)]
pub struct Rooms<S, C> {
    pub(crate) node: NodeId,
    pub(crate) store: S,
    pub(crate) sockets: C,
    pub(crate) workers: Vec<WorkerHandle>,
    pub(crate) clock: Clock,
    rooms: Mutex<HashMap<MeetingId, Arc<Slot>>>,
    /// Whose a transport is, for what its plane reports.
    transports: Mutex<HashMap<(usize, TransportKey), Owner>>,
    /// Which room a plane's room is.
    planes: Mutex<HashMap<(usize, RoomKey), MeetingId>>,
    draining: AtomicBool,
}

/// A room, or that it is being opened or has been closed.
type Slot = tokio::sync::Mutex<Option<Room>>;

/// Whose a transport is.
#[derive(Debug, Clone)]
pub(crate) struct Owner {
    room: MeetingId,
    socket: SocketId,
    transport: TransportId,
}

impl<S: Store, C: Sockets> Rooms<S, C> {
    /// No rooms yet.
    pub fn new(node: NodeId, store: S, sockets: C, workers: Vec<WorkerHandle>, clock: Clock) -> Self {
        Self {
            node,
            store,
            sockets,
            workers,
            clock,
            rooms: Mutex::default(),
            transports: Mutex::default(),
            planes: Mutex::default(),
            draining: AtomicBool::new(false),
        }
    }

    /// Does a call.
    pub async fn handle(&self, call: Call) -> Reply {
        let slot = self.slot(&call.room);
        let mut slot = slot.lock().await;
        let reply = self.handle_in(&mut slot, call).await;
        if let Err(problem) = &reply {
            tracing::debug!(%problem, "a call was refused");
        }
        reply
    }

    async fn handle_in(&self, slot: &mut Option<Room>, call: Call) -> Reply {
        let known = slot.as_ref().is_some_and(|room| room.epoch == call.epoch);
        if !known {
            match &call.request {
                // What is not here need not be told or taken away.
                Request::Leave { .. } | Request::RoomChanged { .. } if slot.is_none() => return Ok(Answer::Done),
                _ => self.open(slot, &call).await?,
            }
        }
        let room = slot.as_mut().ok_or(Problem::NotHere)?;
        self.call(room, call.request).await
    }

    /// Opens a room that this node has claimed, or refuses it.
    async fn open(&self, slot: &mut Option<Room>, call: &Call) -> Result<(), Problem> {
        let view = self.store.room(&call.room, self.clock.now()).await.map_err(unavailable)?;
        let view = view.ok_or(Problem::RoomNotFound)?;
        let claim = view.media.as_ref().filter(|claim| claim.node == self.node && claim.epoch == call.epoch);
        let Some(claim) = claim else {
            // What is here under an old claim is over.
            if view.media.as_ref().is_none_or(|claim| claim.node != self.node)
                && let Some(room) = slot.take()
            {
                self.close(room).await;
            }
            return Err(Problem::NotHere);
        };
        if view.meeting.ended_at.is_some() {
            return Err(Problem::RoomNotFound);
        }
        if let Some(room) = slot.as_mut() {
            // It went to another node and came back: those who were here must begin again, as they did there.
            room.epoch = claim.epoch;
            return Ok(());
        }
        if self.is_draining() {
            return Err(Problem::Draining);
        }
        bounds::check("rooms", self.count(), bounds::ROOMS)?;
        let worker = self.least_loaded().ok_or(Problem::Unavailable)?;
        let key = worker.run(|plane, _| plane.open_room()).await.map_err(|_| Problem::Unavailable)?;
        let key = key.map_err(|_| Problem::Unavailable)?;
        tracing::info!(roomId = %call.room, worker = worker.number(), epoch = claim.epoch, "🎬 Room opened");
        self.planes_lock().insert((worker.number(), key), call.room.clone());
        *slot = Some(Room {
            id: call.room.clone(),
            epoch: claim.epoch,
            worker,
            key,
            pusher: Pusher::start(&call.room, self.sockets.clone()),
            view,
            peers: Default::default(),
            producers: Default::default(),
        });
        Ok(())
    }

    /// Ends a room on this node. Its clients are told by whoever decided it.
    pub(crate) async fn close(&self, room: Room) {
        tracing::info!(roomId = %room.id, "🏁 Room closed");
        self.transports_lock().retain(|_, owner| owner.room != room.id);
        let key = room.key;
        self.planes_lock().remove(&(room.worker.number(), key));
        if room.worker.run(move |plane, now| plane.close_room(now, key)).await.is_err() {
            tracing::error!(roomId = %room.id, "its worker is gone");
        }
    }

    fn slot(&self, id: &MeetingId) -> Arc<Slot> {
        let mut rooms = self.rooms_lock();
        // Slots of rooms that never opened, or have closed, stay until upkeep takes them out.
        Arc::clone(rooms.entry(id.clone()).or_default())
    }

    /// Every room, whoever works on it now.
    pub(crate) fn slots(&self) -> Vec<(MeetingId, Arc<Slot>)> {
        self.rooms_lock().iter().map(|(id, slot)| (id.clone(), Arc::clone(slot))).collect()
    }

    /// Forgets a slot that is empty and that nobody waits for.
    pub(crate) fn forget_empty(&self, id: &MeetingId) {
        let mut rooms = self.rooms_lock();
        let unused =
            |slot: &Arc<Slot>| Arc::strong_count(slot) == 1 && slot.try_lock().is_ok_and(|room| room.is_none());
        if rooms.get(id).is_some_and(unused) {
            rooms.remove(id);
        }
    }

    fn count(&self) -> usize {
        self.rooms_lock().len()
    }

    /// The worker with the fewest rooms; packets per room differ, but nobody knows them before they come.
    fn least_loaded(&self) -> Option<WorkerHandle> {
        let mut rooms = vec![0usize; self.workers.len()];
        for (_, slot) in self.slots() {
            if let Ok(slot) = slot.try_lock()
                && let Some(room) = slot.as_ref()
                && let Some(count) = rooms.get_mut(room.worker.number())
            {
                *count += 1 + room.producers.len() * room.peers.len();
            }
        }
        let least = rooms.iter().enumerate().min_by_key(|(_, load)| **load).map(|(number, _)| number)?;
        self.workers.get(least).cloned()
    }

    /// The threads that forward.
    pub fn workers(&self) -> &[WorkerHandle] {
        &self.workers
    }

    /// From now on no new rooms.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether new rooms are refused.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// What is on this node, for its record and for people. `packets_per_second` is added by whoever measures it.
    pub async fn load(&self) -> NodeLoad {
        let mut load = NodeLoad::default();
        for (_, slot) in self.slots() {
            let slot = slot.lock().await;
            let Some(room) = slot.as_ref() else { continue };
            load.rooms += 1;
            load.producers += room.producers.len() as u64;
            for on_node in room.peers.values() {
                load.transports += u64::from(on_node.send.is_some()) + u64::from(on_node.recv.is_some());
                load.consumers += on_node.consumers.len() as u64;
            }
        }
        load
    }

    pub(crate) fn transports_lock(&self) -> std::sync::MutexGuard<'_, HashMap<(usize, TransportKey), Owner>> {
        self.transports.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn planes_lock(&self) -> std::sync::MutexGuard<'_, HashMap<(usize, RoomKey), MeetingId>> {
        self.planes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rooms_lock(&self) -> std::sync::MutexGuard<'_, HashMap<MeetingId, Arc<Slot>>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a view is as new as it must be.
pub(crate) fn reaches(view: &dais_domain::RoomView, version: Version) -> bool {
    view.meeting.version >= version
}

/// The table's trouble is logged; the caller tries again.
pub(crate) fn unavailable(error: dais_store::StoreError) -> Problem {
    tracing::error!(%error, "the table could not do it");
    Problem::Unavailable
}
