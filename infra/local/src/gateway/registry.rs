//! The open connections of the WebSocket API.

use std::{
    collections::HashMap,
    sync::{
        Arc, OnceLock, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::{Notify, Semaphore, mpsc, watch};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::limits::{WEBSOCKET_BACKLOG, WEBSOCKET_IN_FLIGHT};

/// What is written to a client.
#[derive(Debug)]
pub(super) enum Outgoing {
    Text(Utf8Bytes),
    /// The end of the connection, with a code of RFC 6455, section 7.4, and a reason.
    Close(u16, &'static str),
}

/// One connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) id: String,
    /// Local time, ms since the epoch.
    pub(super) connected_at_ms: u64,
    pub(super) source_ip: String,
    pub(super) user_agent: Option<String>,
    pub(super) domain_name: String,
    last_active_ms: AtomicU64,
    outbox: mpsc::Sender<Outgoing>,
    /// Code and reason, once this side has decided to end it.
    closing: OnceLock<(u16, &'static str)>,
    /// Tells the connection's task that the end was decided.
    pub(super) ending: Notify,
    /// A place for each message that is being handled.
    pub(super) places: Arc<Semaphore>,
}

/// Why nothing can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotSent {
    /// It is closed or closing.
    Gone,
    /// The client does not read what is already there.
    Full,
}

/// Who connects.
pub(super) struct Peer {
    pub(super) source_ip: String,
    pub(super) user_agent: Option<String>,
    pub(super) domain_name: String,
}

impl Connection {
    /// A connection made at `now_ms`, and what is to be written to it.
    pub(super) fn new(id: String, now_ms: u64, peer: Peer) -> (Arc<Self>, mpsc::Receiver<Outgoing>) {
        let (outbox, outgoing) = mpsc::channel(WEBSOCKET_BACKLOG);
        let connection = Self {
            id,
            connected_at_ms: now_ms,
            source_ip: peer.source_ip,
            user_agent: peer.user_agent,
            domain_name: peer.domain_name,
            last_active_ms: AtomicU64::new(now_ms),
            outbox,
            closing: OnceLock::new(),
            ending: Notify::new(),
            places: Arc::new(Semaphore::new(WEBSOCKET_IN_FLIGHT)),
        };
        (Arc::new(connection), outgoing)
    }

    /// Notes traffic, in whichever direction.
    pub(super) fn touch(&self, now_ms: u64) {
        self.last_active_ms.fetch_max(now_ms, Ordering::Relaxed);
    }

    /// Local time of the last traffic, ms since the epoch.
    pub(super) fn last_active_ms(&self) -> u64 {
        self.last_active_ms.load(Ordering::Relaxed)
    }

    /// Puts a message behind those that already wait.
    pub(super) fn send(&self, text: Utf8Bytes) -> Result<(), NotSent> {
        if self.closing.get().is_some() {
            return Err(NotSent::Gone);
        }
        self.outbox.try_send(Outgoing::Text(text)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotSent::Full,
            mpsc::error::TrySendError::Closed(_) => NotSent::Gone,
        })
    }

    /// Ends the connection after what already waits. The first reason counts.
    pub(super) fn close(&self, code: u16, reason: &'static str) {
        if self.closing.set((code, reason)).is_ok() {
            // No room means a client that does not read; the task ends it without a word.
            let _ = self.outbox.try_send(Outgoing::Close(code, reason));
            self.ending.notify_one();
        }
    }

    /// Code and reason, once this side has decided to end it.
    pub(super) fn closing(&self) -> Option<(u16, &'static str)> {
        self.closing.get().copied()
    }
}

/// All connections. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Connections {
    open: Arc<RwLock<HashMap<String, Arc<Connection>>>>,
    sessions: watch::Sender<usize>,
}

impl Connections {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.open.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn get(&self, id: &str) -> Option<Arc<Connection>> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    pub(super) fn insert(&self, connection: &Arc<Connection>) {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        open.insert(connection.id.clone(), Arc::clone(connection));
    }

    pub(super) fn remove(&self, id: &str) {
        self.open.write().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    /// Ends all connections.
    pub(super) fn close_all(&self, code: u16, reason: &'static str) {
        let open: Vec<_> = self.open.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        for connection in open {
            connection.close(code, reason);
        }
    }

    /// Counts a connection's task, from the upgrade until its `$disconnect` has been handled.
    pub(super) fn session(&self) -> Session {
        self.sessions.send_modify(|count| *count += 1);
        Session(self.sessions.clone())
    }

    /// Returns when no connection's task is left.
    pub(super) async fn idle(&self) {
        // The sender lives in self.
        let _ = self.sessions.subscribe().wait_for(|count| *count == 0).await;
    }
}

/// A connection's task.
pub(super) struct Session(watch::Sender<usize>);

impl Drop for Session {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}
