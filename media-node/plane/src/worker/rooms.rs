//! Opening and closing rooms.

use std::time::Instant;

use super::{Room, Worker};
use crate::{PlaneError, keys::RoomKey};

impl Worker {
    /// Opens a room.
    pub fn open_room(&mut self) -> Result<RoomKey, PlaneError> {
        let max = self.config.bounds.rooms;
        if self.rooms.len() >= max {
            return Err(PlaneError::TooMany { what: "rooms", max });
        }
        Ok(self.rooms.insert(Room::default()))
    }

    /// Closes a room with all its transports, as [`Worker::close_transport`] does.
    pub fn close_room(&mut self, now: Instant, room: RoomKey) {
        let transports = self.rooms.get(room).map(|room| room.transports.clone());
        for transport in transports.unwrap_or_default() {
            self.close_transport(now, transport);
        }
        self.rooms.remove(room);
    }
}
