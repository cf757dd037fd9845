//! What this environment remembers of nodes and claims. All of it may be old: a node that is asked in vain, or does not have the
//! room, makes it be read again.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use dais_domain::{MediaClaim, MeetingId, NodeId, Timestamp};
use dais_store::MediaNodeRecord;

/// How long a claim is used without a look into the table.
const FRESH: Duration = Duration::from_secs(30);
/// Claims and nodes remembered; beyond it all are forgotten, which only costs reads.
const MAX: usize = 5_000;

#[derive(Debug, Default)]
pub struct Known {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    claims: HashMap<MeetingId, (MediaClaim, Timestamp)>,
    nodes: HashMap<NodeId, MediaNodeRecord>,
}

impl Known {
    pub fn claim(&self, room: &MeetingId, now: Timestamp) -> Option<MediaClaim> {
        let state = self.state();
        state.claims.get(room).filter(|(_, at)| at.plus(FRESH) > now).map(|(claim, _)| claim.clone())
    }

    /// Using a claim does not make it fresh again.
    pub fn remember_claim(&self, room: &MeetingId, claim: &MediaClaim, now: Timestamp) {
        let mut state = self.state();
        if state.claims.get(room).is_some_and(|(known, at)| known == claim && at.plus(FRESH) > now) {
            return;
        }
        if state.claims.len() >= MAX {
            state.claims.clear();
        }
        state.claims.insert(room.clone(), (claim.clone(), now));
    }

    pub fn forget_claim(&self, room: &MeetingId) {
        self.state().claims.remove(room);
    }

    /// A node whose lease holds.
    pub fn node(&self, id: &NodeId, now: Timestamp) -> Option<MediaNodeRecord> {
        self.state().nodes.get(id).filter(|node| node.is_live(now)).cloned()
    }

    pub fn remember_node(&self, node: MediaNodeRecord) {
        let mut state = self.state();
        if state.nodes.len() >= MAX {
            state.nodes.clear();
        }
        state.nodes.insert(node.id.clone(), node);
    }

    pub fn forget_node(&self, id: &NodeId) {
        self.state().nodes.remove(id);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
