//! Media nodes, and which of them has which room.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::Bound,
};

use dais_domain::{MediaClaim, MeetingId, NodeId, Timestamp};

use super::MemoryStore;
use crate::{ClaimError, MediaNodeRecord, MediaNodes, StoreError};

#[derive(Debug, Default)]
pub(super) struct Media {
    nodes: HashMap<NodeId, MediaNodeRecord>,
    retired: HashSet<NodeId>,
    pub claims: BTreeMap<MeetingId, MediaClaim>,
}

impl MediaNodes for MemoryStore {
    async fn nodes(&self) -> Result<Vec<MediaNodeRecord>, StoreError> {
        self.run("nodes", |state| state.media.nodes.values().cloned().collect()).await
    }

    async fn node(&self, id: &NodeId) -> Result<Option<MediaNodeRecord>, StoreError> {
        self.run("node", |state| state.media.nodes.get(id).cloned()).await
    }

    async fn renew_node(&self, record: &MediaNodeRecord) -> Result<bool, StoreError> {
        self.run("renew", |state| {
            let there = state.media.nodes.get(&record.id);
            let later = there.is_some_and(|there| there.lease_until > record.lease_until);
            if later || state.media.retired.contains(&record.id) {
                return false;
            }
            state.media.nodes.insert(record.id.clone(), record.clone());
            true
        })
        .await
    }

    async fn retire_node(&self, id: &NodeId, _now: Timestamp) -> Result<(), StoreError> {
        self.run("retire", |state| {
            state.media.nodes.remove(id);
            state.media.retired.insert(id.clone());
        })
        .await
    }

    async fn claim_room(
        &self,
        room: &MeetingId,
        node: &NodeId,
        replacing: Option<&MediaClaim>,
        now: Timestamp,
    ) -> Result<MediaClaim, ClaimError> {
        self.run("claim_room", |state| {
            if let Some(there) = state.media.claims.get(room).filter(|there| replacing != Some(*there)) {
                return Err(ClaimError::Taken(there.clone()));
            }
            if state.meetings.get(room).is_none_or(|meeting| meeting.ended_at.is_some()) {
                return Err(ClaimError::NoRoom);
            }
            if !state.media.nodes.get(node).is_some_and(|node| node.takes_rooms(now)) {
                return Err(ClaimError::NodeGone);
            }
            let epoch = replacing.map_or(1, |before| before.epoch + 1);
            let claim = MediaClaim { node: node.clone(), epoch, claimed_at: now };
            state.media.claims.insert(room.clone(), claim.clone());
            Ok(claim)
        })
        .await?
    }

    async fn claim_of(&self, room: &MeetingId) -> Result<Option<MediaClaim>, StoreError> {
        self.run("claim_of", |state| state.media.claims.get(room).cloned()).await
    }

    async fn claims_of(
        &self,
        node: &NodeId,
        after: Option<&MeetingId>,
        limit: u32,
    ) -> Result<Vec<(MeetingId, MediaClaim)>, StoreError> {
        self.run("claims_of", |state| {
            let from = after.map_or(Bound::Unbounded, Bound::Excluded);
            let claims = state.media.claims.range::<MeetingId, _>((from, Bound::Unbounded));
            let of_node = claims.filter(|(_, claim)| claim.node == *node).take(limit as usize);
            of_node.map(|(room, claim)| (room.clone(), claim.clone())).collect()
        })
        .await
    }

    async fn release_room(&self, room: &MeetingId, claim: &MediaClaim) -> Result<bool, StoreError> {
        self.run("release", |state| {
            let had = state.media.claims.get(room) == Some(claim);
            if had {
                state.media.claims.remove(room);
            }
            had
        })
        .await
    }
}
