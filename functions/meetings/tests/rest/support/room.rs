//! Connections in rooms, as the signaling function would have put them there.

use std::time::Duration;

use dais_domain::{ConnectionId, DisplayName, MediaState, MeetingId, Presence, RecoveryId, SocketId, Timestamp};
use dais_store::{Connection, Connections, MemoryStore, Rooms};

use super::{NOW_MS, Person, World};

fn connection(person: Person, id: &str) -> Connection {
    Connection {
        id: ConnectionId::new(id).unwrap(),
        socket_id: SocketId::new(format!("s-{id}")).unwrap(),
        recovery_id: RecoveryId::new(format!("p-{id}")).unwrap(),
        user_id: person.user_id(),
        name: person.name.map(|name| DisplayName::new(name).unwrap()),
        image_url: None,
        connected_at: Timestamp::from_ms(NOW_MS),
        room: None,
        disconnected_at: None,
    }
}

/// Puts a connection of a person into a room.
pub async fn enter(world: &World, person: Person, id: &str, room: &str) {
    let store: &MemoryStore = &world.store;
    let now = Timestamp::from_ms(NOW_MS);
    let connection = connection(person, id);
    let presence = Presence {
        connection_id: connection.id.clone(),
        socket_id: connection.socket_id.clone(),
        user_id: connection.user_id.clone(),
        name: DisplayName::new(person.name.unwrap_or("Guest")).unwrap(),
        image_url: None,
        media: MediaState::default(),
        joined_at: now,
        expires_at: now.plus(Duration::from_secs(7200)),
    };
    store.open(&connection, now.plus(Duration::from_secs(60))).await.unwrap();
    store.enter(&connection, &MeetingId::new(room).unwrap(), &presence).await.unwrap();
}
