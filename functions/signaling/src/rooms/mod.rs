//! What events do to rooms. Each returns what its sender is answered, and what is done after that.

mod commands;
mod join;
mod lookup;
mod media;

use std::{fmt, sync::Arc, time::Duration};

use dais_domain::{DisplayName, MeetingId, Presence, Refusal, RoomView};
use dais_media_nodes::{MediaPlane, Patience};
use dais_realtime::{Announcer, FloodGuard, Frame, Sender, Sockets};
use dais_store::{Connection, Store, StoreError};
use futures::future::BoxFuture;
use serde_json::{Value, json};

use lookup::SocketIds;

pub use join::Entered;

/// How long a presence can matter: API Gateway ends a connection after two hours.
pub const PRESENCE_LIFE: Duration = Duration::from_secs(2 * 3600 + 300);

/// The rooms, as the events see them.
pub struct Rooms<S, C> {
    store: S,
    announcer: Announcer<S, C>,
    floods: Arc<FloodGuard>,
    patience: Arc<dyn Patience>,
    media: Arc<dyn MediaPlane>,
    socket_ids: SocketIds,
}

impl<S, C> fmt::Debug for Rooms<S, C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Rooms")
    }
}

/// What came of an event.
pub struct Outcome {
    /// The acknowledgement, if one was asked for.
    pub ack: Value,
    /// Frames to the sender.
    pub frames: Vec<Frame>,
    /// What is done besides, such as telling the others.
    pub later: Option<BoxFuture<'static, ()>>,
    /// The sender gets his frames before that.
    pub in_order: bool,
    /// He gets them before the acknowledgement, too.
    pub ack_last: bool,
}

impl Outcome {
    /// It worked, and nobody else needs to know.
    pub fn quiet() -> Self {
        Self { ack: json!({ "success": true }), frames: Vec::new(), later: None, in_order: false, ack_last: false }
    }
}

impl<S: Store, C: Sockets> Rooms<S, C> {
    /// `floods` is shared with the engine; `media` is told of every change of a meeting before the clients are.
    pub fn new(
        store: S,
        sockets: C,
        floods: Arc<FloodGuard>,
        patience: Arc<dyn Patience>,
        media: Arc<dyn MediaPlane>,
    ) -> Self {
        let announcer = Announcer::new(store.clone(), sockets, floods.clone());
        Self { store, announcer, floods, patience, media, socket_ids: SocketIds::default() }
    }

    /// The table.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// The media of the rooms.
    pub fn media_plane(&self) -> &Arc<dyn MediaPlane> {
        &self.media
    }

    /// Who tells the rooms.
    pub fn announcer(&self) -> &Announcer<S, C> {
        &self.announcer
    }

    /// What somebody is called whose name nobody knows.
    pub fn nameless(&self) -> DisplayName {
        DisplayName::lenient("Guest").unwrap_or_else(|| unreachable!("a constant that is a name"))
    }

    /// Leaves a room. Leaving one that the connection is not in succeeds: it is so already.
    ///
    /// The connection forgets its room last: until then, repeating this or closing it tells what was not told.
    pub async fn leave(&self, sender: &Sender, room: &MeetingId) -> Result<Outcome, Refusal> {
        let connection = self.connection(sender).await?;
        if connection.room.as_ref() != Some(room) {
            return Ok(Outcome::quiet());
        }
        self.store.leave(room, &connection.id).await.map_err(unavailable)?;
        let (announcer, store, room, now) = (self.announcer.clone(), self.store.clone(), room.clone(), sender.now);
        let media = Arc::clone(&self.media);
        let later = async move {
            let telling = announcer.left(std::slice::from_ref(&connection), &room, now);
            let (told, ()) = futures::join!(telling, media.left(&room, &connection.id));
            let forgotten = match told {
                Ok(()) => store.forget_room(&connection.id, &room).await,
                Err(error) => Err(error),
            };
            if let Err(error) = forgotten {
                tracing::warn!(roomId = %room, %error, "a leave was not finished");
            }
        };
        Ok(Outcome { later: Some(Box::pin(later)), ..Outcome::quiet() })
    }

    /// The sender's connection; it has one if it has authenticated.
    async fn connection(&self, sender: &Sender) -> Result<Connection, Refusal> {
        let connection = self.store.connection(&sender.connection_id).await.map_err(unavailable)?;
        connection.filter(|connection| connection.disconnected_at.is_none()).ok_or(Refusal::NotAuthenticated)
    }

    /// The room that a sender means who names none.
    pub(crate) async fn named(&self, sender: &Sender, room: Option<MeetingId>) -> Result<MeetingId, Refusal> {
        match room {
            Some(room) => Ok(room),
            None => self.connection(sender).await?.room.ok_or(Refusal::RoomNotFound),
        }
    }

    /// The room with the sender in it, in one read. A stranger is not told whether there is such a room.
    ///
    /// API Gateway hands messages of one connection to several environments at once, so an event can overtake the join
    /// that was sent before it: a sender who is not in the room is looked for a second time.
    async fn room_of(&self, sender: &Sender, room: &MeetingId) -> Result<RoomView, Refusal> {
        let is_in = |view: &RoomView| view.presence(&sender.connection_id).is_some();
        let view = self.store.room(room, sender.now).await.map_err(unavailable)?;
        let is_out = |expelled: &Presence| expelled.connection_id == sender.connection_id;
        if view.as_ref().is_some_and(|view| view.expelled.iter().any(is_out)) {
            return Err(Refusal::Removed);
        }
        if let Some(view) = view.filter(is_in) {
            return Ok(view);
        }
        self.connection(sender).await?;
        self.patience.pause(2).await;
        let view = self.store.room(room, sender.now).await.map_err(unavailable)?;
        view.filter(is_in).ok_or(Refusal::RoomNotFound)
    }
}

/// The table's trouble is logged; the sender is asked to try again.
pub(crate) fn unavailable(error: StoreError) -> Refusal {
    tracing::error!(%error, "the table could not do it");
    Refusal::Unavailable
}
