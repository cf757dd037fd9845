//! Who is in a room.

use dais_domain::{ConnectionId, MediaChange, MeetingId, Presence, RoomView, Timestamp};

use super::MemoryStore;
use crate::{Connection, Rooms, StoreError};

impl Rooms for MemoryStore {
    async fn room(&self, id: &MeetingId, now: Timestamp) -> Result<Option<RoomView>, StoreError> {
        self.run("room", |state| {
            let meeting = state.meetings.get(id)?.clone();
            let presences = state.presences.get(id).map(|room| room.values().cloned().collect()).unwrap_or_default();
            Some(RoomView::new(meeting, presences, state.media.claims.get(id).cloned(), now))
        })
        .await
    }

    async fn enter(&self, connection: &Connection, room: &MeetingId, presence: &Presence) -> Result<(), StoreError> {
        self.run("enter", |state| {
            let Some(stored) = state.connections.get_mut(&connection.id) else { return };
            let moved = stored.room != connection.room && stored.room.as_ref() != Some(room);
            if stored.disconnected_at.is_some() || moved {
                return;
            }
            stored.room = Some(room.clone());
            if let Some(other) = connection.room.as_ref().filter(|other| *other != room)
                && let Some(members) = state.presences.get_mut(other)
            {
                members.remove(&connection.id);
            }
            let members = state.presences.entry(room.clone()).or_default();
            let mut presence = presence.clone();
            if let Some(before) = members.get(&connection.id) {
                (presence.media, presence.joined_at) = (before.media, before.joined_at);
            }
            members.insert(connection.id.clone(), presence);
        })
        .await
    }

    async fn leave(&self, room: &MeetingId, connection: &ConnectionId) -> Result<bool, StoreError> {
        self.run("leave", |state| {
            state.presences.get_mut(room).is_some_and(|members| members.remove(connection).is_some())
        })
        .await
    }

    async fn set_media(
        &self,
        room: &MeetingId,
        connection: &ConnectionId,
        change: MediaChange,
    ) -> Result<bool, StoreError> {
        self.run("set_media", |state| {
            let presence = state.presences.get_mut(room).and_then(|members| members.get_mut(connection));
            presence.map(|presence| presence.media = presence.media.after(change)).is_some()
        })
        .await
    }
}
