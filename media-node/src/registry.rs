//! The node in the table: its record with a lease, and what it does about nodes whose lease has lapsed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use dais_domain::{MediaClaim, MeetingId, NodeId};
use dais_realtime::Sockets;
use dais_store::{ClaimError, MediaNodeRecord, Store};
use tokio::{sync::watch, time::MissedTickBehavior};

use crate::{rooms::Rooms, settings::NodeSettings};

/// Claims that are read at once.
const CLAIMS_PER_PAGE: u32 = 100;

/// Keeps this node in the table, and the rooms of dead ones alive.
#[derive(Debug)]
pub struct Registry<S, C> {
    rooms: Arc<Rooms<S, C>>,
    record: MediaNodeRecord,
    renew_every: Duration,
    lease: Duration,
    sent_before: AtomicU64,
}

/// Why the node is no longer in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was told to stop.
    Stopped,
    /// Others have taken it out: it was silent for too long. Its process must end, and another begin.
    Retired,
}

impl<S: Store, C: Sockets> Registry<S, C> {
    /// `record`: what does not change of it; lease, load and draining are set at every renewal.
    pub fn new(rooms: Arc<Rooms<S, C>>, record: MediaNodeRecord, settings: &NodeSettings) -> Self {
        let (renew_every, lease) = (settings.renew_every, settings.lease);
        Self { rooms, record, renew_every, lease, sent_before: AtomicU64::new(0) }
    }

    /// Writes the record. False: it has been taken out.
    pub async fn renew(&self, since_last: Duration) -> bool {
        let mut record = self.record.clone();
        record.lease_until = self.rooms.clock.now().plus(self.lease);
        record.draining = self.rooms.is_draining();
        record.load = self.rooms.load().await;
        record.load.packets_per_second = self.packets_per_second(since_last);
        match self.rooms.store.renew_node(&record).await {
            Ok(renewed) => renewed || !self.is_retired().await,
            Err(error) => {
                tracing::warn!(%error, "the node's lease was not renewed");
                true
            }
        }
    }

    async fn is_retired(&self) -> bool {
        matches!(self.rooms.store.node(&self.record.id).await, Ok(None))
    }

    fn packets_per_second(&self, since_last: Duration) -> u64 {
        let sent: u64 = self.rooms.workers.iter().map(|worker| worker.traffic().sent.load(Ordering::Relaxed)).sum();
        let before = self.sent_before.swap(sent, Ordering::Relaxed);
        let ms = u64::try_from(since_last.as_millis()).unwrap_or(u64::MAX).max(1);
        sent.saturating_sub(before).saturating_mul(1_000) / ms
    }

    /// Renews the lease and looks after dead nodes until told to stop.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) -> Ended {
        let mut ticks = tokio::time::interval(self.renew_every);
        // What looks after the rooms is half a step apart, see `node::upkeep`.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut last = Instant::now();
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                _ = stop.wait_for(|stop| *stop) => return Ended::Stopped,
            }
            if !self.renew(last.elapsed()).await {
                return Ended::Retired;
            }
            last = Instant::now();
            if !self.rooms.is_draining() {
                self.take_over_the_dead().await;
            }
        }
    }

    /// Takes the rooms of nodes that are silent. Two nodes may try at once: each room goes to one of them, by the condition
    /// in its claim, and only that one tells its clients.
    async fn take_over_the_dead(&self) {
        let nodes = match self.rooms.store.nodes().await {
            Ok(nodes) => nodes,
            Err(error) => return tracing::warn!(%error, "the other nodes are unknown for now"),
        };
        let now = self.rooms.clock.now();
        for dead in nodes.iter().filter(|node| node.id != self.record.id && !node.is_live(now)) {
            self.inherit(&dead.id).await;
        }
    }

    async fn inherit(&self, dead: &NodeId) {
        let mut after: Option<MeetingId> = None;
        loop {
            let page = match self.rooms.store.claims_of(dead, after.as_ref(), CLAIMS_PER_PAGE).await {
                Ok(page) => page,
                Err(error) => {
                    return tracing::warn!(node = %dead, %error, "the rooms of a dead node are unknown for now");
                }
            };
            for (room, claim) in &page {
                self.inherit_room(room, claim).await;
            }
            after = page.last().map(|(room, _)| room.clone());
            if page.len() < CLAIMS_PER_PAGE as usize {
                break;
            }
        }
        match self.rooms.store.claims_of(dead, None, 1).await {
            Ok(left) if left.is_empty() => {
                tracing::info!(node = %dead, "🪦 A silent node has been taken out");
                if let Err(error) = self.rooms.store.retire_node(dead, self.rooms.clock.now()).await {
                    tracing::warn!(node = %dead, %error, "a dead node stays in the table for now");
                }
            }
            _ => {}
        }
    }

    async fn inherit_room(&self, room: &MeetingId, claim: &MediaClaim) {
        let now = self.rooms.clock.now();
        match self.rooms.store.claim_room(room, &self.record.id, Some(claim), now).await {
            Ok(_) => {
                tracing::info!(roomId = %room, from = %claim.node, "🚑 Took over a room");
                self.rooms.tell_moved(room, "failed").await;
            }
            Err(ClaimError::NoRoom) => {
                if let Err(error) = self.rooms.store.release_room(room, claim).await {
                    tracing::warn!(roomId = %room, %error, "the claim of a room that is over stays for now");
                }
            }
            // Somebody else has it, or this node may not: both are well.
            Err(ClaimError::Taken(_) | ClaimError::NodeGone) => {}
            Err(ClaimError::Store(error)) => tracing::warn!(roomId = %room, %error, "a room could not be taken over"),
        }
    }

    /// Gives every room to another node, if there is one, and tells its clients.
    pub async fn hand_over(&self) {
        let now = self.rooms.clock.now();
        let nodes = self.rooms.store.nodes().await.unwrap_or_default();
        let mut others: Vec<_> =
            nodes.into_iter().filter(|node| node.id != self.record.id && node.takes_rooms(now)).collect();
        let claims = self.rooms.store.claims_of(&self.record.id, None, CLAIMS_PER_PAGE).await.unwrap_or_default();
        for (room, claim) in claims {
            others.sort_by_key(|node| (node.load.packets_per_second, node.load.rooms));
            let Some(other) = others.first_mut() else {
                return tracing::warn!("there is no other node: rooms stay until this one ends");
            };
            match self.rooms.store.claim_room(&room, &other.id, Some(&claim), self.rooms.clock.now()).await {
                Ok(_) => {
                    other.load.rooms += 1;
                    tracing::info!(roomId = %room, to = %other.id, "🚚 Handed over a room");
                    self.rooms.tell_moved(&room, "draining").await;
                }
                Err(error) => tracing::warn!(roomId = %room, %error, "a room could not be handed over"),
            }
        }
    }

    /// The record is gone: nobody sends this node anything any more.
    pub async fn retire(&self) {
        if let Err(error) = self.rooms.store.retire_node(&self.record.id, self.rooms.clock.now()).await {
            tracing::warn!(%error, "the node's record stays until its lease lapses");
        }
    }
}
