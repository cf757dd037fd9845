//! Changes of meetings, as the signaling function would have made them.

use dais_domain::{Actor, Command, DisplayName, MeetingId, Timestamp};
use dais_store::Meetings;

use super::{NOW_MS, Person, World};

/// Changes a meeting as the socket does.
pub async fn command(world: &World, by: Person, id: &str, command: Command, name: &str) {
    let meeting = world.store.meeting(&MeetingId::new(id).unwrap()).await.unwrap().unwrap();
    let actor = Actor { user_id: by.user_id(), name: by.name.map(|name| DisplayName::new(name).unwrap()) };
    let name = DisplayName::new(name).unwrap();
    let decision = meeting.decide(&actor, &command, Some(name), Timestamp::from_ms(NOW_MS)).unwrap().unwrap();
    world.store.commit(&decision).await.unwrap();
}
