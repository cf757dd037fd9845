//! Telling a room what happened. Who is gone is taken out in [`departures`].

mod departures;
mod moderation;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use dais_domain::{
    Change, ConnectionId, LogEntry, Meeting, MeetingId, Participant, Presence, RoomView, SocketId, Timestamp, UserId,
    Version,
    wire::{ServerEvent, Told, names, told, told_as_it_is},
};
use dais_store::{Connection, Store};

use crate::{FloodGuard, Frame, Outbox, Sockets, frame, pages};

pub use departures::Telling;

/// Participants up to which everybody is sent the full list when somebody comes or goes; beyond, only what changed.
/// The real front ends answer each list with a message per participant, so lists cost N² messages.
pub const LIST_UPDATE_MAX: usize = 50;

/// How often something is told again while a meeting keeps changing under it; the last change settles it.
const SETTLING_TRIES: usize = 3;

/// Tells rooms. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Announcer<S, C> {
    store: S,
    sockets: C,
    floods: Arc<FloodGuard>,
    quickest: Quickest,
}

/// The shortest time that a change has taken in this environment.
#[derive(Debug, Clone)]
struct Quickest(Arc<AtomicU64>);

impl Quickest {
    fn new() -> Self {
        Self(Arc::new(AtomicU64::new(u64::MAX)))
    }

    /// The shortest of all before and this one; an unknown one is not remembered.
    fn or(&self, took: Duration) -> Duration {
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        if took_us == 0 {
            return Duration::ZERO;
        }
        let before_us = self.0.fetch_min(took_us, Ordering::Relaxed);
        Duration::from_micros(before_us.min(took_us))
    }
}

impl<S: Store, C: Sockets> Announcer<S, C> {
    /// `floods` is credited with what lists make clients send.
    pub fn new(store: S, sockets: C, floods: Arc<FloodGuard>) -> Self {
        Self { store, sockets, floods, quickest: Quickest::new() }
    }

    /// Tells a room of a change of its meeting: everybody, and the one whom it concerns.
    ///
    /// `took`: how long this change took from its read to its end, zero if nobody knows. The next change needs as long before
    /// it can be told, or as long as the quickest one that was ever seen here. A fan-out that lasted longer may have been
    /// overtaken by it, so it ends with a look at whether there is one.
    ///
    /// `view`: the room with the meeting as the change has made it.
    pub async fn changed(&self, view: &RoomView, entry: &LogEntry, now: Timestamp, took: Duration) {
        self.changed_before(view, entry, now, took, Duration::ZERO).await;
    }

    /// The same of a change that was written some time ago (`held`).
    pub async fn changed_before(
        &self,
        view: &RoomView,
        entry: &LogEntry,
        now: Timestamp,
        took: Duration,
        held: Duration,
    ) {
        let begun = Instant::now();
        let mut outbox = Outbox::new();
        push_told(&mut outbox, view, &told(entry), entry.version);
        if entry.change.is_room_wide() {
            self.push_list(&mut outbox, view, now);
        }
        self.send(&view.meeting.id, outbox, now).await;
        self.expel(view, now).await;
        if begun.elapsed() + held > self.quickest.or(took) {
            self.correct(view, entry, now).await;
        }
    }

    /// Tells a room of a change of its meeting that somebody made from outside.
    pub async fn changed_in(&self, room: &MeetingId, entry: &LogEntry, now: Timestamp) {
        match self.store.room(room, now).await {
            Ok(Some(view)) => self.changed(&view, entry, now, Duration::ZERO).await,
            Ok(None) => {}
            // Its people learn it from the log when they recover.
            Err(error) => tracing::warn!(roomId = %room, version = %entry.version, %error, "a room was not told"),
        }
    }

    /// Tells one connection. If it is gone, whoever tells it next finds out.
    pub async fn only(&self, connection: &ConnectionId, event: &ServerEvent) {
        let Some(frame) = frame(event, None) else { return };
        if let Err(error) = self.sockets.post(connection, &frame).await {
            tracing::debug!(%connection, %error, "a connection was not told");
        }
    }

    /// Tells everybody once more of a change that was made before `view` was read, and of what has become of it since.
    pub async fn repeated(&self, view: &RoomView, entry: &LogEntry, now: Timestamp) {
        let mut told = told(entry);
        if let Change::Role { .. } = entry.change {
            // Nobody is congratulated twice.
            told.to_user = None;
        }
        let mut outbox = Outbox::new();
        push_told(&mut outbox, view, &told, view.meeting.version);
        if entry.change.is_room_wide() {
            self.push_list(&mut outbox, view, now);
        }
        self.send(&view.meeting.id, outbox, now).await;
        self.expel(view, now).await;
        self.correct(view, entry, now).await;
    }

    /// Tells everybody what is so now, if a change was overtaken while it was told.
    async fn correct(&self, view: &RoomView, entry: &LogEntry, now: Timestamp) {
        let mut known = entry.version;
        for _ in 0..SETTLING_TRIES {
            let Some(latest) = self.changed_since(&view.meeting.id, known, now).await else { return };
            known = latest.meeting.version;
            let Some(told) = told_as_it_is(entry, &latest.meeting) else { return };
            let mut outbox = Outbox::new();
            push_told(&mut outbox, &latest, &told, known);
            if entry.change.is_room_wide() {
                self.push_list(&mut outbox, &latest, now);
            }
            outbox.send(&self.sockets).await;
        }
    }

    /// The room, if its meeting is no longer at the version that is known.
    async fn changed_since(&self, room: &MeetingId, known: Version, now: Timestamp) -> Option<RoomView> {
        match self.store.meeting(room).await {
            Ok(Some(meeting)) if meeting.version != known => self.store.room(room, now).await.ok().flatten(),
            _ => None,
        }
    }

    /// Looks whether the room is as it was told, after somebody came or went, and tells it again until it is: others tell
    /// of other changes at the same time, and what is older may arrive last. Whoever changes something looks after he has
    /// told it, so the last one to look has seen it all.
    ///
    /// Lists go to everybody in small rooms, to the one who has just come (`newcomer`) in large ones.
    pub async fn settle(&self, told: &RoomView, of: &[Subject<'_>], newcomer: Option<&ConnectionId>, now: Timestamp) {
        let (mut version, mut known) = (told.meeting.version, told.participants());
        for _ in 0..SETTLING_TRIES {
            let Ok(Some(view)) = self.store.room(&told.meeting.id, now).await else { return };
            let participants = view.participants();
            if view.meeting.version == version && participants == known {
                return;
            }
            let mut outbox = Outbox::new();
            for subject in of {
                let is_he = |participant: &&Participant| participant.id == *subject.user;
                match (known.iter().find(is_he), participants.iter().find(is_he)) {
                    (None, Some(come)) => push_joined(&mut outbox, &view, come),
                    (Some(_), None) => push_left(&mut outbox, &view, subject),
                    _ => {}
                }
            }
            if !self.push_list(&mut outbox, &view, now)
                && let Some(newcomer) = newcomer
            {
                Self::list(&view).into_iter().for_each(|frame| outbox.push(newcomer, frame));
                self.floods.credit(newcomer, participants.len(), now);
            }
            if view.meeting.version != version
                && let Some(newcomer) = newcomer.and_then(|newcomer| view.presence(newcomer))
            {
                let restrictions = Self::restrictions(&view, &newcomer.user_id);
                restrictions.into_iter().for_each(|frame| outbox.push(&newcomer.connection_id, frame));
            }
            outbox.send(&self.sockets).await;
            (version, known) = (view.meeting.version, participants);
        }
    }

    /// Tells everybody but `except` one event.
    pub async fn event(&self, view: &RoomView, event: &ServerEvent, except: Option<&ConnectionId>, now: Timestamp) {
        let mut outbox = Outbox::new();
        if let Some(frame) = frame(event, Some(view.meeting.version)) {
            outbox.push_all(everybody(view).filter(|id| Some(*id) != except), &frame);
        }
        self.send(&view.meeting.id, outbox, now).await;
    }

    /// Tells the others that `newcomer` came, and everybody the list in a small room.
    pub async fn joined(&self, view: &RoomView, newcomer: &Presence, now: Timestamp) {
        let mut outbox = Outbox::new();
        if let Some(come) = view.participant(&newcomer.user_id) {
            push_joined(&mut outbox, view, &come);
        }
        self.push_list(&mut outbox, view, now);
        self.send(&view.meeting.id, outbox, now).await;
        self.settle(view, &[Subject::from(newcomer)], Some(&newcomer.connection_id), now).await;
    }

    /// The snapshot of a room for one who has just come.
    pub fn snapshot(view: &RoomView) -> Vec<Frame> {
        pages(names::EXISTING_PARTICIPANTS, &view.participants(), view.meeting.version)
    }

    /// The list for one who must catch up.
    pub fn list(view: &RoomView) -> Vec<Frame> {
        pages(names::PARTICIPANT_LIST_UPDATE, &view.participants(), view.meeting.version)
    }

    /// What one user has missed of a change, with the offsets it had.
    ///
    /// `meeting`: as it is now, with the role that the user has.
    pub fn missed(entry: &LogEntry, user: &UserId, meeting: &Meeting) -> Vec<Frame> {
        let told = told(entry);
        let events = told.to_all.iter().chain(told.to(user, meeting));
        events.filter_map(|event| frame(event, Some(entry.version))).collect()
    }

    /// The list to everybody, if the room is small. True when it is.
    fn push_list(&self, outbox: &mut Outbox, view: &RoomView, now: Timestamp) -> bool {
        let participants = view.participants();
        if participants.len() > LIST_UPDATE_MAX {
            return false;
        }
        for frame in pages(names::PARTICIPANT_LIST_UPDATE, &participants, view.meeting.version) {
            outbox.push_all(everybody(view), &frame);
        }
        for connection in everybody(view) {
            self.floods.credit(connection, participants.len(), now);
        }
        true
    }

    /// Sends, and takes those out who turn out to be gone.
    async fn send(&self, room: &MeetingId, outbox: Outbox, now: Timestamp) {
        let gone: BTreeSet<ConnectionId> = outbox.send(&self.sockets).await.into_iter().collect();
        if gone.is_empty() {
            return;
        }
        tracing::info!(%room, connections = gone.len(), "🧹 Removing connections that are gone");
        if let Err(error) = self.clear(room, gone, now).await {
            tracing::warn!(%room, %error, "gone connections stay until the heartbeat finds them");
        }
    }
}

/// Who has come or gone.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// His user id.
    pub user: &'a UserId,
    /// The socket by which others know him.
    pub socket: &'a SocketId,
}

impl<'a> From<&'a Connection> for Subject<'a> {
    fn from(connection: &'a Connection) -> Self {
        Self { user: &connection.user_id, socket: &connection.socket_id }
    }
}

impl<'a> From<&'a Presence> for Subject<'a> {
    fn from(presence: &'a Presence) -> Self {
        Self { user: &presence.user_id, socket: &presence.socket_id }
    }
}

/// To the others: he learns of himself by his snapshot.
fn push_joined(outbox: &mut Outbox, view: &RoomView, come: &Participant) {
    if let Some(frame) = frame(&ServerEvent::joined(come), Some(view.meeting.version)) {
        let others = view.presences.iter().filter(|presence| presence.user_id != come.id);
        outbox.push_all(others.map(|presence| &presence.connection_id), &frame);
    }
}

fn push_left(outbox: &mut Outbox, view: &RoomView, of: &Subject<'_>) {
    if let Some(frame) = frame(&ServerEvent::left(of.socket, of.user), Some(view.meeting.version)) {
        outbox.push_all(everybody(view), &frame);
    }
}

fn everybody(view: &RoomView) -> impl Iterator<Item = &ConnectionId> {
    view.presences.iter().map(|presence| &presence.connection_id)
}

/// Puts in what is told, by receiver. Framed once for all.
fn push_told(outbox: &mut Outbox, view: &RoomView, told: &Told, version: Version) {
    for frame in told.to_all.iter().filter_map(|event| frame(event, Some(version))) {
        outbox.push_all(everybody(view), &frame);
    }
    if told.to_participants.is_empty() && told.to_user.is_none() {
        return;
    }
    let mut framed: HashMap<*const ServerEvent, Option<Frame>> = HashMap::new();
    for presence in view.presences.iter().chain(&view.expelled) {
        for event in told.to(&presence.user_id, &view.meeting) {
            let frame = framed.entry(std::ptr::from_ref(event)).or_insert_with(|| frame(event, Some(version)));
            if let Some(frame) = frame {
                outbox.push(&presence.connection_id, frame.clone());
            }
        }
    }
}
