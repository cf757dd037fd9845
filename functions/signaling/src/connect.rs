//! CONNECT: a verified user gets a session, or takes up the one he had (Socket.IO connection state recovery).

use std::{sync::Arc, time::Duration};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use dais_domain::{
    Change, ConnectionId, DisplayName, ImageUrl, LogEntry, MeetingId, Presence, RecoveryId, Refusal, RoomView,
    SocketId, Timestamp, UserId, Version, wire::ServerEvent,
};
use dais_identity::Identity;
use dais_media::wire::names::MEDIA_NODE_CHANGED;
use dais_media_nodes::MediaPlane;
use dais_realtime::{Announcer, Answer, EngineSettings, Frame, Sender, Sockets, Subject};
use dais_socketio::{MAIN_NAMESPACE, encode};
use dais_store::{Connection, KnownUser, Store, StoreError};
use futures::future::BoxFuture;
use serde_json::json;

use crate::rooms::{PRESENCE_LIFE, Rooms};

/// How long after its end a connection can be recovered. Socket.IO's own default (`maxDisconnectionDuration`).
const RECOVERABLE: Duration = Duration::from_secs(120);

/// How long a WebSocket may take to take over from a polling session.
pub const UPGRADE_TIME: Duration = Duration::from_secs(60);

/// Log entries that are replayed at most; who has missed more joins anew.
const MAX_MISSED: u32 = 500;

/// Who connects, and what he wants to recover.
#[derive(Debug, Clone)]
pub struct Credentials {
    user_id: UserId,
    name: Option<DisplayName>,
    image_url: Option<ImageUrl>,
    email: Option<String>,
    recover: Option<(RecoveryId, Version)>,
}

impl Credentials {
    /// From a verified token and the client's `pid` and `offset`. An offset that is none means that nothing was seen.
    pub fn new(identity: Identity, pid: Option<&str>, offset: Option<&str>) -> Self {
        Self {
            user_id: identity.user_id,
            name: identity.name,
            image_url: identity.image_url,
            email: identity.email,
            recover: recovery(pid.and_then(|pid| RecoveryId::new(pid).ok()), offset),
        }
    }
}

fn recovery(pid: Option<RecoveryId>, offset: Option<&str>) -> Option<(RecoveryId, Version)> {
    Some((pid?, Version(offset.and_then(|offset| offset.parse().ok()).unwrap_or(0))))
}

/// Answers a CONNECT whose token is good.
pub async fn connect<S: Store, C: Sockets>(
    rooms: &Rooms<S, C>,
    settings: &EngineSettings,
    sender: &Sender,
    credentials: Credentials,
) -> Answer {
    let done = match recoverable(rooms, sender, &credentials).await {
        Ok(Some(before)) => recover(rooms, settings, sender, &credentials, before).await,
        Ok(None) => open(rooms, settings, sender, &credentials).await,
        Err(error) => Err(error),
    };
    done.unwrap_or_else(|error| {
        tracing::error!(connection = %sender.connection_id, %error, "a connection could not be opened");
        let refusal = Refusal::Unavailable;
        Answer::not_connected(MAIN_NAMESPACE, &refusal.to_string(), Some(refusal.code()))
    })
}

/// A WebSocket takes over from polling: the CONNECT that came by HTTP is answered here.
pub async fn upgraded<S: Store, C: Sockets>(rooms: &Rooms<S, C>, settings: &EngineSettings, sender: &Sender) -> Answer {
    match rooms.store().upgraded(&sender.connection_id).await {
        Ok(Some(session)) if session.expires_at > sender.now => {
            let credentials = Credentials {
                user_id: session.user_id,
                name: session.name,
                image_url: session.image_url,
                email: session.email,
                recover: recovery(session.recover, session.offset.as_deref()),
            };
            connect(rooms, settings, sender, credentials).await
        }
        // Its CONNECT was refused there, or has not come: it may send one here.
        Ok(_) => {
            let refusal = Refusal::NotAuthenticated;
            Answer::not_connected(MAIN_NAMESPACE, &refusal.to_string(), Some(refusal.code()))
        }
        Err(error) => {
            tracing::error!(connection = %sender.connection_id, %error, "an upgrade could not be finished");
            Answer { close: true, ..Answer::default() }
        }
    }
}

/// A new session. Its ids come from the connection's, so that a CONNECT that is handled twice gives the same ones.
async fn open<S: Store, C: Sockets>(
    rooms: &Rooms<S, C>,
    settings: &EngineSettings,
    sender: &Sender,
    credentials: &Credentials,
) -> Result<Answer, StoreError> {
    let connection = Connection {
        id: sender.connection_id.clone(),
        socket_id: derived("sid", &sender.connection_id, SocketId::new)?,
        recovery_id: derived("pid", &sender.connection_id, RecoveryId::new)?,
        user_id: credentials.user_id.clone(),
        name: credentials.name.clone(),
        image_url: credentials.image_url.clone(),
        connected_at: sender.now,
        room: None,
        disconnected_at: None,
    };
    rooms.store().open(&connection, sender.now.plus(settings.lease())).await?;
    tracing::info!(user = %connection.user_id, socket = %connection.socket_id, "🔌 Connected");
    let connected = Answer::connected(MAIN_NAMESPACE, &connection.socket_id, Some(connection.recovery_id.as_str()));
    Ok(Answer { later: Some(introduce(rooms, credentials, sender.now)), ..connected })
}

/// Learns, after the answer, whom the identity provider has not announced. Of somebody who is known it costs one read, once per
/// session: who recovers has been learned before.
fn introduce<S: Store, C: Sockets>(
    rooms: &Rooms<S, C>,
    credentials: &Credentials,
    now: Timestamp,
) -> BoxFuture<'static, ()> {
    let Credentials { user_id, name, image_url, email, .. } = credentials.clone();
    let news = KnownUser::by_token(user_id, name, image_url, email.as_deref(), now);
    let store = rooms.store().clone();
    Box::pin(async move {
        if let Err(error) = store.learn(&news).await {
            tracing::warn!(user = %news.id, %error, "a user was not learned from his token");
        }
    })
}

/// 128 bits of a hash of the connection id. API Gateway's ids are random and known only to their own client.
fn derived<T>(
    purpose: &str,
    connection: &ConnectionId,
    new: fn(String) -> Result<T, dais_domain::IdError>,
) -> Result<T, StoreError> {
    let hash = digest(&SHA256, format!("{purpose}:{connection}").as_bytes());
    let id = URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]);
    new(id).map_err(|error| StoreError::Corrupt { item: "connection", reason: error.to_string() })
}

/// What can be recovered: the connection that was, and what its room's log holds since.
struct Before {
    connection: Connection,
    missed: Vec<LogEntry>,
}

async fn recoverable<S: Store, C: Sockets>(
    rooms: &Rooms<S, C>,
    sender: &Sender,
    credentials: &Credentials,
) -> Result<Option<Before>, StoreError> {
    let Some((pid, seen)) = &credentials.recover else { return Ok(None) };
    let Some(session) = rooms.store().session(pid).await? else { return Ok(None) };
    let Some(connection) = rooms.store().connection(&session.connection_id).await? else { return Ok(None) };
    let too_late = connection.disconnected_at.is_some_and(|at| at.plus(RECOVERABLE) < sender.now);
    if connection.user_id != credentials.user_id || connection.recovery_id != *pid || too_late {
        return Ok(None);
    }
    let Some(room) = &connection.room else { return Ok(Some(Before { connection, missed: Vec::new() })) };
    let page = rooms.store().log(room, *seen, MAX_MISSED).await?;
    // Without an offset the client has seen nothing of this room: everything is too much.
    if page.more || *seen == Version(0) {
        return Ok(None);
    }
    Ok(Some(Before { connection, missed: page.entries }))
}

/// The same session on a new connection: same socket id, same room, and what was missed.
async fn recover<S: Store, C: Sockets>(
    rooms: &Rooms<S, C>,
    settings: &EngineSettings,
    sender: &Sender,
    credentials: &Credentials,
    before: Before,
) -> Result<Answer, StoreError> {
    let old = before.connection;
    let connection = Connection {
        id: sender.connection_id.clone(),
        name: credentials.name.clone().or(old.name.clone()),
        image_url: credentials.image_url.clone().or(old.image_url.clone()),
        connected_at: sender.now,
        disconnected_at: None,
        ..old.clone()
    };
    rooms.store().open(&connection, sender.now.plus(settings.lease())).await?;
    if old.id != connection.id {
        // Whatever it has still under way must not bring the old one back.
        rooms.store().closing(&old.id, sender.now, true).await?;
    }
    let entered = match &connection.room {
        Some(room) => enter_again(rooms, sender, &connection, &old, room).await?,
        None => Entry::Nowhere,
    };
    let (entered, missed): (Option<Entered>, Vec<Frame>) = match entered {
        Entry::Entered(entered) => {
            let missed = all_missed(rooms, credentials, before.missed, &entered.view).await?;
            let (user, meeting) = (&connection.user_id, &entered.view.meeting);
            // Whoever is in the room was readmitted if he was removed: a client that heard of that would go.
            let counts = |entry: &&LogEntry| !removes(entry, user);
            let frames = missed.iter().filter(counts).flat_map(|entry| Announcer::<S, C>::missed(entry, user, meeting));
            let frames = frames.collect();
            (Some(*entered), frames)
        }
        Entry::Refused(view) => (None, missed_before_removal(rooms, &connection, &before.missed, &view).await?),
        Entry::Nowhere => (None, Vec::new()),
    };
    if old.id != connection.id {
        rooms.store().close(&old.id, sender.now, true).await?;
    }
    tracing::info!(user = %connection.user_id, socket = %connection.socket_id, missed = missed.len(), "🔁 Recovered");
    let connected =
        encode::connect(MAIN_NAMESPACE, connection.socket_id.as_str(), Some(connection.recovery_id.as_str()));
    let list = entered.as_ref().map(|entered| Announcer::<S, C>::list(&entered.view)).unwrap_or_default();
    // All posted, and in order: the integration's answer could be overtaken by the posts that must follow it.
    let then = std::iter::once(Frame::from(connected)).chain(missed).chain(list).collect();
    let media = rooms.media_plane().clone();
    let later = entered.map(|entered| entered.tell(rooms.announcer().clone(), media, sender.now));
    Ok(Answer { then, later, in_order: true, ..Answer::default() })
}

/// What somebody has missed who may not come into his room again. One who was removed learns that last, and nothing of what
/// happened after it; he is in no room any more.
async fn missed_before_removal<S: Store, C: Sockets>(
    rooms: &Rooms<S, C>,
    connection: &Connection,
    missed: &[LogEntry],
    view: &RoomView,
) -> Result<Vec<Frame>, StoreError> {
    let user = &connection.user_id;
    let mut told = missed;
    if view.meeting.moderation.has_removed(user) {
        let end = missed.iter().rposition(|entry| removes(entry, user)).map_or(0, |at| at + 1);
        told = &missed[..end];
        rooms.store().forget_room(&connection.id, &view.meeting.id).await?;
    }
    Ok(told.iter().flat_map(|entry| Announcer::<S, C>::missed(entry, user, &view.meeting)).collect())
}

fn removes(entry: &LogEntry, user: &UserId) -> bool {
    matches!(&entry.change, Change::Removed { user: gone, .. } if gone == user)
}

/// What was missed up to the moment from which the room tells the connection what happens.
async fn all_missed<S: Store, C: Sockets>(
    rooms: &Rooms<S, C>,
    credentials: &Credentials,
    missed: Vec<LogEntry>,
    view: &RoomView,
) -> Result<Vec<LogEntry>, StoreError> {
    let seen = credentials.recover.as_ref().map_or(Version(0), |(_, seen)| *seen);
    let last = missed.last().map_or(seen, |entry| entry.version);
    if view.meeting.version <= last {
        return Ok(missed);
    }
    Ok(rooms.store().log(&view.meeting.id, seen, MAX_MISSED).await?.entries)
}

/// What came of a return.
enum Entry {
    /// He is in his room.
    Entered(Box<Entered>),
    /// He is not let in.
    Refused(Box<RoomView>),
    /// He was in no room, or there is none.
    Nowhere,
}

/// A room with a recovered connection in it.
struct Entered {
    view: RoomView,
    presence: Presence,
    /// The others have been told that its user left.
    is_news: bool,
}

impl Entered {
    fn tell<S: Store, C: Sockets>(
        self,
        announcer: Announcer<S, C>,
        media: Arc<dyn MediaPlane>,
        now: Timestamp,
    ) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            if !media.replaced(&self.view, &self.presence).await {
                announcer.only(&self.presence.connection_id, &media_gone(&self.view)).await;
            }
            if self.is_news {
                announcer.joined(&self.view, &self.presence, now).await;
            } else {
                let own = Some(&self.presence.connection_id);
                announcer.settle(&self.view, &[Subject::from(&self.presence)], own, now).await;
            }
        })
    }
}

/// Puts the new connection where the old one was. Nobody is told unless the old one had been reported gone.
async fn enter_again<S: Store, C: Sockets>(
    rooms: &Rooms<S, C>,
    sender: &Sender,
    connection: &Connection,
    old: &Connection,
    room: &MeetingId,
) -> Result<Entry, StoreError> {
    let Some(view) = rooms.store().room(room, sender.now).await? else { return Ok(Entry::Nowhere) };
    if view.meeting.keeps(&connection.user_id).is_err() {
        return Ok(Entry::Refused(Box::new(view)));
    }
    let was = view.presence(&old.id).cloned();
    let name = connection.name.clone().or_else(|| was.as_ref().map(|was| was.name.clone()));
    let presence = Presence {
        connection_id: connection.id.clone(),
        socket_id: connection.socket_id.clone(),
        user_id: connection.user_id.clone(),
        name: name.unwrap_or_else(|| rooms.nameless()),
        image_url: connection.image_url.clone().or_else(|| was.as_ref().and_then(|was| was.image_url.clone())),
        media: was.as_ref().map(|was| was.media).unwrap_or_default(),
        joined_at: was.as_ref().map_or(sender.now, |was| was.joined_at),
        expires_at: sender.now.plus(PRESENCE_LIFE),
    };
    rooms.store().enter(connection, room, &presence).await?;
    let replaced = old.id == connection.id || rooms.store().leave(room, &old.id).await?;
    let Some(view) = rooms.store().room(room, sender.now).await? else { return Ok(Entry::Nowhere) };
    if let Err(Refusal::Removed) = view.meeting.admits(&connection.user_id) {
        return Ok(Entry::Refused(Box::new(view)));
    }
    // Somebody else has taken the old one out, and told the others, unless another tab of its user was there.
    let is_news = !replaced && view.presences_of(&connection.user_id).count() == 1;
    Ok(Entry::Entered(Box::new(Entered { view, presence, is_news })))
}

/// To one client: the node has nothing of his any more.
fn media_gone(view: &RoomView) -> ServerEvent {
    ServerEvent { name: MEDIA_NODE_CHANGED, payload: json!({ "roomId": view.meeting.id }) }
}
