//! What the node tells clients by itself, in order per room: over @connections, with the delivery code that the functions use.

use dais_domain::{ConnectionId, MeetingId, wire::ServerEvent};
use dais_realtime::{Outbox, Sockets, frame};
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// Names of the node's events. `new-producer` and `producer-closed` are the contract's, the others ours.
pub mod names {
    /// Somebody publishes something; to the others. Told again to those who have not consumed it.
    pub const NEW_PRODUCER: &str = "new-producer";
    /// It has ended; to everybody.
    pub const PRODUCER_CLOSED: &str = "producer-closed";
    /// Who speaks; to everybody.
    pub const ACTIVE_SPEAKER: &str = "active-speaker";
    /// The room is on another media node now: join it again and make new transports.
    pub const MEDIA_NODE_CHANGED: &str = "media-node-changed";
}

/// The events of one room, on their way out. Dropped with the room, after what is in it has gone.
#[derive(Debug, Clone)]
pub struct Pusher {
    queue: UnboundedSender<Outbox>,
}

impl Pusher {
    /// Begins to send.
    pub fn start<C: Sockets>(room: &MeetingId, sockets: C) -> Self {
        let (queue, mut outboxes) = unbounded_channel::<Outbox>();
        let room = room.clone();
        tokio::spawn(async move {
            while let Some(outbox) = outboxes.recv().await {
                let gone = outbox.send(&sockets).await;
                if !gone.is_empty() {
                    // Presences are the functions' business; the next look at the room shows what became of them.
                    tracing::debug!(roomId = %room, connections = gone.len(), "told some who are gone");
                }
            }
        });
        Self { queue }
    }

    /// Tells `to` one event. It carries no version: nothing of it is in the meeting's log.
    pub fn tell<'a>(&self, to: impl IntoIterator<Item = &'a ConnectionId>, name: &'static str, payload: Value) {
        let mut outbox = Outbox::new();
        if let Some(frame) = frame(&ServerEvent { name, payload }, None) {
            outbox.push_all(to, &frame);
        }
        // The task ends only with this sender.
        let _ = self.queue.send(outbox);
    }
}
