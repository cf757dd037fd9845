//! `join-room`.

use std::sync::Arc;

use dais_domain::{Meeting, MeetingId, Presence, Refusal, RoomView, Timestamp, UserId, wire::JoinRoom};
use dais_realtime::{Announcer, Sender, Sockets, Subject, Telling};
use dais_store::{Attended, Connection, Store};
use futures::future::{BoxFuture, OptionFuture};
use serde_json::json;

use super::{Outcome, PRESENCE_LIFE, Rooms, unavailable};

/// How often one who comes back enters while his leaving is being finished: that changes his connection once.
const COMING_BACK_TRIES: usize = 2;

/// What came of a join, and the room as it was read after it.
pub struct Entered {
    /// What the sender is answered.
    pub outcome: Outcome,
    /// The sender is in it.
    pub view: Arc<RoomView>,
}

impl<S: Store, C: Sockets> Rooms<S, C> {
    /// Puts the sender into a room.
    pub async fn join(&self, sender: &Sender, join: JoinRoom) -> Result<Outcome, Refusal> {
        Ok(self.enter(sender, join).await?.outcome)
    }

    /// Puts the sender into a room. The presence is written first and the room read after, so that two who join at once
    /// see each other. Joining again is harmless, and tells the others again.
    pub async fn enter(&self, sender: &Sender, join: JoinRoom) -> Result<Entered, Refusal> {
        let (connection, meeting) = futures::join!(self.connection(sender), self.store.meeting(&join.room));
        let mut connection = connection?;
        let meeting = meeting.map_err(unavailable)?.ok_or(Refusal::RoomNotFound)?;
        let again = connection.room.as_ref() == Some(&join.room);
        // Whoever is in a room that was locked meanwhile is nobody new.
        let admits = |meeting: &Meeting, user: &UserId| if again { meeting.keeps(user) } else { meeting.admits(user) };
        admits(&meeting, &connection.user_id)?;
        if let Some(other) = connection.room.as_ref().filter(|other| **other != join.room) {
            self.announcer.leave(&connection, other, sender.now, Telling::Always).await.map_err(unavailable)?;
            self.media.left(other, &connection.id).await;
        }

        let presence = self.presence(sender, &connection, &join);
        tracing::info!(userName = %presence.name, userId = %presence.user_id, roomId = %join.room, "👤 User joining");
        if !again {
            self.store.enter(&connection, &join.room, &presence).await.map_err(unavailable)?;
        }
        let mut view = self.in_room(sender, &join.room).await?;
        // It has left, but that was not finished: its room is still written in the connection, perhaps only until this moment.
        for _ in 0..COMING_BACK_TRIES {
            let elsewhere = connection.room.as_ref().is_some_and(|room| *room != join.room);
            if !again || elsewhere || view.presence(&sender.connection_id).is_some() {
                break;
            }
            self.store.enter(&connection, &join.room, &presence).await.map_err(unavailable)?;
            view = self.in_room(sender, &join.room).await?;
            if view.presence(&sender.connection_id).is_none() {
                connection = self.connection(sender).await?;
            }
        }
        if let Err(refusal) = admits(&view.meeting, &connection.user_id) {
            // It was ended or locked while he came in, or he was removed: nobody has been told of him yet.
            self.store.leave(&join.room, &sender.connection_id).await.map_err(unavailable)?;
            return Err(refusal);
        }
        if view.presence(&sender.connection_id).is_none() {
            // It has left meanwhile, closed, or come into another room. Another tab may count on this one to tell of its user.
            if let Some(other) = view.presences_of(&connection.user_id).next() {
                self.announcer.joined(&view, other, sender.now).await;
            }
            self.connection(sender).await?;
            return Err(Refusal::Busy);
        }
        let role = view.meeting.role_of(&presence.user_id);
        tracing::info!(
            userId = %presence.user_id, createdBy = %view.meeting.created_by, isHost = role.is_host(), "🔍 Host check"
        );
        tracing::info!(userName = %presence.name, isHost = role.is_host(), "✅ Join complete");
        // A real client now sends about 10 + 4(N−1) messages, and one per participant for the list.
        self.floods.credit(&sender.connection_id, 10 + 5 * view.presences.len(), sender.now);

        let mut frames = Announcer::<S, C>::snapshot(&view);
        frames.extend(Announcer::<S, C>::restrictions(&view, &presence.user_id));
        let ack = json!({ "success": true, "isHost": role.is_host(), "isCoHost": role.is_cohost() });
        let (announcer, now, view) = (self.announcer.clone(), sender.now, Arc::new(view));
        let entered = Arc::clone(&view);
        // Whoever joins again is known to have been here.
        let attending = OptionFuture::from((!again).then(|| self.attending(&connection, &join.room, now)));
        let telling = async move {
            // Of two tabs that come at once the first one tells, or nobody would.
            let first = view.presences_of(&presence.user_id).next();
            if again || first.is_none_or(|first| first.connection_id == presence.connection_id) {
                announcer.joined(&view, &presence, now).await;
            } else {
                announcer.settle(&view, &[Subject::from(&presence)], Some(&presence.connection_id), now).await;
            }
        };
        let later = async move {
            futures::join!(telling, attending);
        };
        // The snapshot first: what the others are told includes a list that is newer.
        let outcome = Outcome { ack, frames, later: Some(Box::pin(later)), in_order: true, ack_last: false };
        Ok(Entered { outcome, view: entered })
    }

    /// Remembers that somebody was here, for his network and those of the others: by the name in his token, as what a payload
    /// says of a name is not believed. Two small writes after the answer; if they fail, nobody in the room is the worse for it.
    fn attending(&self, connection: &Connection, room: &MeetingId, now: Timestamp) -> BoxFuture<'static, ()> {
        let store = self.store.clone();
        let attended = Attended {
            meeting_id: room.clone(),
            user_id: connection.user_id.clone(),
            name: connection.name.clone(),
            at: now,
        };
        Box::pin(async move {
            if let Err(error) = store.attended(&attended).await {
                tracing::warn!(roomId = %attended.meeting_id, userId = %attended.user_id, %error, "an attendance was not written");
            }
        })
    }

    async fn in_room(&self, sender: &Sender, room: &MeetingId) -> Result<RoomView, Refusal> {
        self.store.room(room, sender.now).await.map_err(unavailable)?.ok_or(Refusal::RoomNotFound)
    }

    fn presence(&self, sender: &Sender, connection: &Connection, join: &JoinRoom) -> Presence {
        let name = connection.name.clone().or_else(|| join.name_hint.clone());
        Presence {
            connection_id: connection.id.clone(),
            socket_id: connection.socket_id.clone(),
            user_id: connection.user_id.clone(),
            name: name.unwrap_or_else(|| self.nameless()),
            image_url: connection.image_url.clone().or_else(|| join.image_hint.clone()),
            media: dais_domain::MediaState::default(),
            joined_at: sender.now,
            expires_at: sender.now.plus(PRESENCE_LIFE),
        }
    }
}
