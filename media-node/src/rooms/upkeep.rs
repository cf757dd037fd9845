//! Keeping rooms as the table says: after every change that is told, and every few seconds in case one was not.

use std::{sync::Arc, time::Duration};

use dais_domain::{MeetingId, RoomView, Version};
use dais_media::control::Problem;
use dais_realtime::Sockets;
use dais_store::Store;
use futures::{StreamExt, stream};
use serde_json::json;

use super::{Rooms, Slot, enforce::Verdict, push::names, reaches, room::Room, unavailable};

/// How often somebody is told of a producer that he does not consume. The real front ends begin to listen only after they
/// have consumed all that was there when they came, so what was made meanwhile is told again.
const REMINDERS: u8 = 3;
/// Rooms that are read at once.
const AT_ONCE: usize = 16;
/// Tries to read a version that somebody says he has written, and the pause between them. A consistent read has it at once.
const VERSION_TRIES: usize = 5;
const VERSION_PAUSE: Duration = Duration::from_millis(20);

impl<S: Store, C: Sockets> Rooms<S, C> {
    /// Reads the room and enforces it. Whoever asks knows then what the table says now.
    pub(crate) async fn refresh(&self, room: &mut Room) -> Result<(), Problem> {
        let view = self.store.room(&room.id, self.clock.now()).await.map_err(unavailable)?;
        self.obey(room, view.ok_or(Problem::RoomNotFound)?).await
    }

    /// The same, for a change that has been written: not before it is seen.
    pub(crate) async fn refresh_to(&self, room: &mut Room, version: Version) -> Result<(), Problem> {
        if reaches(&room.view, version) {
            return Ok(());
        }
        for _ in 0..VERSION_TRIES {
            self.refresh(room).await?;
            if reaches(&room.view, version) {
                return Ok(());
            }
            tokio::time::sleep(VERSION_PAUSE).await;
        }
        Err(Problem::Unavailable)
    }

    /// Stops what is no longer allowed, then tells.
    async fn obey(&self, room: &mut Room, view: RoomView) -> Result<(), Problem> {
        if view.meeting.version < room.view.meeting.version {
            return Ok(());
        }
        room.adopt(view);
        let verdict = Verdict::of(room);
        if !verdict.stopped.is_empty() {
            let (transports, producers, held) =
                (verdict.stopped.transports.clone(), verdict.stopped.producers.clone(), verdict.stopped.held.clone());
            tracing::info!(
                roomId = %room.id, transports = transports.len(), producers = producers.len(), held = held.len(),
                version = %room.view.meeting.version, "🔇 Stopped what is not allowed"
            );
            self.transports_lock()
                .retain(|(worker, key), _| *worker != room.worker.number() || !transports.contains(key));
            let stop = move |plane: &mut dais_media_plane::Worker, now| {
                for key in producers {
                    plane.close_producer(now, key);
                }
                for key in held {
                    // One that is gone needs no holding.
                    let _ = plane.pause_producer(key);
                }
                for key in transports {
                    plane.close_transport(now, key);
                }
            };
            room.worker.run(stop).await.map_err(|_| Problem::Unavailable)?;
        }
        verdict.apply(room);
        Ok(())
    }

    /// Looks after every room once, a few at a time.
    pub async fn look_after_all(&self) {
        let rooms = stream::iter(self.slots());
        rooms.for_each_concurrent(AT_ONCE, |(id, slot)| self.look_after_slot(id, slot)).await;
    }

    async fn look_after_slot(&self, id: MeetingId, slot: Arc<Slot>) {
        let mut room = slot.lock().await;
        let stays = match room.as_mut() {
            Some(room) => self.look_after(room).await,
            None => Ok(false),
        };
        match stays {
            Ok(true) => {}
            Ok(false) => {
                if let Some(room) = room.take() {
                    self.close(room).await;
                }
            }
            // Nothing is stopped because the table cannot be read, and nothing new is allowed.
            Err(problem) => tracing::warn!(roomId = %id, %problem, "a room could not be looked after"),
        }
        drop(room);
        drop(slot);
        self.forget_empty(&id);
    }

    /// False: the room is not this node's any more, or nobody is on it.
    async fn look_after(&self, room: &mut Room) -> Result<bool, Problem> {
        let view = self.store.room(&room.id, self.clock.now()).await.map_err(unavailable)?;
        let Some(view) = view else { return Ok(false) };
        let mine = view.media.as_ref().is_some_and(|claim| claim.node == self.node && claim.epoch == room.epoch);
        // A node that drains has given its rooms away, and forwards until their clients have moved.
        if view.meeting.ended_at.is_some() || !(mine || self.is_draining()) {
            return Ok(false);
        }
        self.obey(room, view).await?;
        if room.peers.is_empty() {
            if let Some(claim) = room.view.media.clone().filter(|_| mine) {
                self.store.release_room(&room.id, &claim).await.map_err(unavailable)?;
            }
            return Ok(false);
        }
        remind(room);
        Ok(true)
    }

    /// Tells the clients of a room that it is on another node now.
    pub async fn tell_moved(&self, room: &MeetingId, reason: &'static str) {
        let view = match self.store.room(room, self.clock.now()).await {
            Ok(Some(view)) => view,
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(roomId = %room, %error, "a room was not told of its new media node");
                return;
            }
        };
        let pusher = super::Pusher::start(room, self.sockets.clone());
        let to = view.presences.iter().map(|presence| &presence.connection_id);
        pusher.tell(to, names::MEDIA_NODE_CHANGED, json!({ "roomId": room, "reason": reason }));
    }
}

/// Tells those who do not consume a producer of it again, a few times.
fn remind(room: &mut Room) {
    let producers: Vec<_> = room.producers.values().map(|producer| producer.info.clone()).collect();
    for on_node in room.peers.values_mut().filter(|on_node| on_node.recv.is_some()) {
        for info in producers.iter().filter(|info| info.peer_id != on_node.peer.socket_id) {
            if on_node.consumer_of(&info.producer_id).is_some() {
                continue;
            }
            let told = on_node.reminded.entry(info.producer_id.clone()).or_default();
            if *told < REMINDERS {
                *told += 1;
                room.pusher.tell([&on_node.peer.connection_id], names::NEW_PRODUCER, json!(info));
            }
        }
    }
}
