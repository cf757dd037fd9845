//! One run: everything that is due.

use std::time::{Duration, SystemTime};

use dais_domain::Timestamp;
use dais_realtime::{Announcer, EngineSettings, PostError, Sockets, Telling};
use dais_socketio::EnginePacket;
use dais_store::{DueLease, Store, StoreError};
use futures::{StreamExt, stream};

/// Leases that are read at once.
const BATCH: u32 = 400;
/// Connections that are worked on at the same time.
const CONCURRENCY: usize = 64;
/// Time that must be left before the function's deadline to begin another batch.
const RESERVE: Duration = Duration::from_secs(5);

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Connections that were pinged.
    pub pinged: usize,
    /// Connections that were found gone.
    pub ended: usize,
}

/// Looks after leases.
#[derive(Debug)]
pub struct Heartbeat<S, C> {
    store: S,
    sockets: C,
    announcer: Announcer<S, C>,
    settings: EngineSettings,
}

impl<S: Store, C: Sockets> Heartbeat<S, C> {
    /// `settings` gives the time to answer a ping.
    pub fn new(store: S, sockets: C, announcer: Announcer<S, C>, settings: EngineSettings) -> Self {
        Self { store, sockets, announcer, settings }
    }

    /// Works until nothing is due or the deadline is near; what is left is due in the next run.
    pub async fn run(&self, now: Timestamp, deadline: SystemTime) -> Result<Round, StoreError> {
        let mut round = Round::default();
        loop {
            let due = self.store.due(now, BATCH).await?;
            let done: Vec<Option<Done>> =
                stream::iter(due).map(|lease| self.look_at(lease, now)).buffer_unordered(CONCURRENCY).collect().await;
            let done: Vec<Done> = done.into_iter().flatten().collect();
            round.pinged += done.iter().filter(|done| **done == Done::Pinged).count();
            round.ended += done.iter().filter(|done| **done == Done::Ended).count();
            let time_is_up = SystemTime::now() + RESERVE > deadline;
            // A batch in which nothing could be done would come again as it is.
            if done.is_empty() || time_is_up {
                return Ok(round);
            }
        }
    }

    /// `None`: somebody else does it, or it could not be done now.
    async fn look_at(&self, lease: DueLease, now: Timestamp) -> Option<Done> {
        let id = &lease.connection_id;
        let done = self.take(&lease, now).await;
        done.unwrap_or_else(|error| {
            tracing::warn!(connection = %id, %error, "a lease is left to the next run");
            None
        })
    }

    /// Takes this round of a lease, unless somebody else has it or the peer has answered: what was due may be out of date.
    async fn take(&self, lease: &DueLease, now: Timestamp) -> Result<Option<Done>, StoreError> {
        let id = &lease.connection_id;
        if !self.store.pinged(id, now, now.plus(self.settings.ping_timeout)).await? {
            return Ok(None);
        }
        if lease.awaiting_pong {
            return self.end(lease, now).await;
        }
        match self.sockets.post(id, &EnginePacket::Ping("").encode()).await {
            Ok(()) => Ok(Some(Done::Pinged)),
            Err(PostError::Gone) => match self.store.connection(id).await? {
                // Its lease goes on for a while.
                Some(connection) if self.announcer.is_expected_back(&connection, now).await? => Ok(None),
                _ => self.end(lease, now).await,
            },
            Err(error) => {
                tracing::warn!(connection = %id, %error, "a ping was not delivered");
                Ok(None)
            }
        }
    }

    async fn end(&self, lease: &DueLease, now: Timestamp) -> Result<Option<Done>, StoreError> {
        let id = &lease.connection_id;
        self.announcer.take_out(id, now, true, Telling::Always).await?;
        // Before the lease ends: nobody would look at a socket that stays open without one.
        if let Err(error) = self.sockets.close(id).await {
            tracing::debug!(connection = %id, %error, "a connection that does not answer could not be closed");
        }
        self.store.close(id, now, true).await?;
        tracing::info!(connection = %id, "⌛ A lease has ended");
        Ok(Some(Done::Ended))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    Pinged,
    Ended,
}
