//! Taking people out of rooms who are gone, and telling the others.

use std::{collections::BTreeSet, time::Duration};

use dais_domain::{ConnectionId, MeetingId, Timestamp};
use dais_store::{Connection, Store, StoreError};
use futures::{StreamExt, TryStreamExt, stream};

use super::{Announcer, Subject, push_left};
use crate::{Outbox, Sockets};

/// Connections that are gone and are taken out at the same time.
const CLEARING: usize = 16;

/// How long a client may take to come back after API Gateway has ended its connection: socket.io-client tries after about
/// 1, 2 and 5 seconds (`reconnectionDelay`, `reconnectionDelayMax`).
const COMING_BACK: Duration = Duration::from_secs(20);

/// When the others are told that somebody has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// If this very call took the connection out. A goodbye and the end of its connection come together: one is told.
    OfWhatThisCallDid,
    /// In any case: a call before this one may have died between taking out and telling.
    Always,
}

impl<S: Store, C: Sockets> Announcer<S, C> {
    /// Takes a connection that is gone out of its room and ends its lease; tells the others if it was its user's last.
    ///
    /// It is marked as gone first, so that no join that is under way brings it back, and its lease ends last, so that the
    /// heartbeat repeats what was not finished: this may run twice or die in the middle.
    ///
    /// Returns the room that it is not in any more, as far as this call saw to that.
    pub async fn depart(
        &self,
        id: &ConnectionId,
        now: Timestamp,
        recoverable: bool,
    ) -> Result<Option<MeetingId>, StoreError> {
        // A stranger leaves nothing behind, and costs no write.
        let Some(connection) = self.store.connection(id).await? else { return Ok(None) };
        if recoverable && self.is_expected_back(&connection, now).await? {
            return Ok(None);
        }
        if !self.take_out(id, now, recoverable, Telling::OfWhatThisCallDid).await? {
            return Ok(None);
        }
        self.store.close(id, now, recoverable).await?;
        Ok(connection.room)
    }

    /// Whether a connection that is gone has only come to API Gateway's limit of two hours. Its client opens another one
    /// within seconds, and takes up his session there: he is left in his room until the heartbeat finds that he has not.
    pub async fn is_expected_back(&self, connection: &Connection, now: Timestamp) -> Result<bool, StoreError> {
        let gone_at = connection.disconnected_at.unwrap_or(now);
        if connection.room.is_none() || !connection.has_reached_its_limit(gone_at) {
            return Ok(false);
        }
        if connection.disconnected_at.is_some() {
            return Ok(gone_at.plus(COMING_BACK) > now);
        }
        if self.store.expect_back(&connection.id, now, now.plus(COMING_BACK)).await? {
            tracing::info!(connection = %connection.id, "⏳ Two hours are over: expecting its client back");
        }
        // Otherwise somebody has marked it since it was read: its client, who is back and takes its place at this moment, or
        // his goodbye. Whoever did that sees to the rest, or the heartbeat will.
        Ok(true)
    }

    /// A departure up to the end of the lease, which is then the caller's to end. False when another call has taken the
    /// connection out and has not ended the lease: it is telling, or it died and the heartbeat will.
    pub async fn take_out(
        &self,
        id: &ConnectionId,
        now: Timestamp,
        recoverable: bool,
        telling: Telling,
    ) -> Result<bool, StoreError> {
        let Some(connection) = self.store.closing(id, now, recoverable).await? else { return Ok(true) };
        match &connection.room {
            Some(room) => self.leave(&connection, room, now, telling).await,
            None => Ok(true),
        }
    }

    /// Takes a connection out of a room and tells the others if it was its user's last. False when another call has taken
    /// it out, and whether that is told is left to that one.
    pub async fn leave(
        &self,
        connection: &Connection,
        room: &MeetingId,
        now: Timestamp,
        telling: Telling,
    ) -> Result<bool, StoreError> {
        let removed = self.store.leave(room, &connection.id).await?;
        let tells = removed || telling == Telling::Always;
        if tells {
            self.left(std::slice::from_ref(connection), room, now).await?;
        }
        Ok(tells)
    }

    /// Tells the others of connections that have left, each if it was its user's last.
    pub async fn left(&self, connections: &[Connection], room: &MeetingId, now: Timestamp) -> Result<(), StoreError> {
        let Some(view) = self.store.room(room, now).await? else { return Ok(()) };
        let mut gone: Vec<Subject<'_>> = Vec::new();
        for subject in connections.iter().map(Subject::from) {
            let known = gone.iter().any(|before| before.user == subject.user);
            if !known && view.presences_of(subject.user).next().is_none() {
                gone.push(subject);
            }
        }
        if gone.is_empty() {
            return Ok(());
        }
        let mut outbox = Outbox::new();
        gone.iter().for_each(|subject| push_left(&mut outbox, &view, subject));
        self.push_list(&mut outbox, &view, now);
        // A connection found gone while others are told is left to the heartbeat: this must end.
        outbox.send(&self.sockets).await;
        self.settle(&view, &gone, None, now).await;
        Ok(())
    }

    /// Takes connections out that are gone: first all of them, so that nobody who is gone is told of another one.
    pub(super) async fn clear(
        &self,
        room: &MeetingId,
        gone: BTreeSet<ConnectionId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let taken = stream::iter(gone).map(|id| self.take_from(room, id, now)).buffer_unordered(CLEARING);
        let taken: Vec<Option<Connection>> = taken.try_collect().await?;
        let taken: Vec<Connection> = taken.into_iter().flatten().collect();
        self.left(&taken, room, now).await?;
        let closed =
            stream::iter(taken).map(|connection| async move { self.store.close(&connection.id, now, true).await });
        closed.buffer_unordered(CLEARING).try_for_each(|_| std::future::ready(Ok(()))).await
    }

    /// The connection, if this call took it out of the room, even if its own item knows nothing of it.
    async fn take_from(
        &self,
        room: &MeetingId,
        id: ConnectionId,
        now: Timestamp,
    ) -> Result<Option<Connection>, StoreError> {
        if let Some(connection) = self.store.connection(&id).await?
            && self.is_expected_back(&connection, now).await?
        {
            return Ok(None);
        }
        let departing = self.store.closing(&id, now, true).await?;
        if !self.store.leave(room, &id).await? {
            // It was taken out already, or has come into another room meanwhile.
            self.depart(&id, now, true).await?;
            return Ok(None);
        }
        match departing {
            Some(connection) => Ok(Some(connection)),
            None => self.store.connection(&id).await,
        }
    }
}
