//! What goes out to whom, and sending it: many connections at once, one connection in order.

use std::{collections::HashMap, sync::Arc};

use dais_domain::{ConnectionId, Participant, Version, wire::ServerEvent};
use dais_socketio::{MAIN_NAMESPACE, encode};
use futures::{StreamExt, stream};
use serde_json::{Value, json};

use crate::{PostError, Sockets};

/// The text of one WebSocket message, shared by all its receivers.
pub type Frame = Arc<str>;

/// Connections that are posted to at the same time. Lambda has 1,024 file descriptors; API Gateway allows 10,000 posts a second.
const CONCURRENCY: usize = 64;

/// Bytes of a page of participants. API Gateway refuses messages over 128 KB.
const PAGE_BYTES: usize = 100 * 1024;

/// Frames an event; with a version it carries it as the offset of Socket.IO's connection state recovery.
///
/// `None` when it is over API Gateway's bound, which no event with bounded fields is.
pub fn frame(event: &ServerEvent, version: Option<Version>) -> Option<Frame> {
    let offset = version.map(|version| version.to_string());
    match encode::event(MAIN_NAMESPACE, event.name, &[&event.payload], offset.as_deref()) {
        Ok(frame) => Some(frame),
        Err(error) => {
            tracing::error!(event = event.name, %error, "an event cannot be sent");
            None
        }
    }
}

/// Frames a list of participants in pages that API Gateway carries. One page is the rule; when there are more, a second
/// argument `{page, pages, total}` says so.
pub fn pages(name: &'static str, participants: &[Participant], version: Version) -> Vec<Frame> {
    let mut pages: Vec<Vec<Value>> = vec![Vec::new()];
    let mut bytes = 0;
    for participant in participants {
        let value = json!(participant);
        let size = value.to_string().len() + 1;
        if bytes + size > PAGE_BYTES {
            pages.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        if let Some(page) = pages.last_mut() {
            page.push(value);
        }
    }
    let count = pages.len();
    let offset = version.to_string();
    let frames = pages.into_iter().enumerate().filter_map(|(index, page)| {
        let mut args = vec![Value::Array(page)];
        if count > 1 {
            args.push(json!({ "page": index + 1, "pages": count, "total": participants.len() }));
        }
        encode::event(MAIN_NAMESPACE, name, &args, Some(&offset)).ok()
    });
    frames.collect()
}

/// Frames by receiver, in the order in which they were put in.
#[derive(Debug, Default)]
pub struct Outbox {
    order: Vec<ConnectionId>,
    frames: HashMap<ConnectionId, Vec<Frame>>,
}

impl Outbox {
    /// Nothing to send.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a frame for one receiver.
    pub fn push(&mut self, to: &ConnectionId, frame: Frame) {
        if let Some(frames) = self.frames.get_mut(to) {
            frames.push(frame);
            return;
        }
        self.order.push(to.clone());
        self.frames.insert(to.clone(), vec![frame]);
    }

    /// Adds a frame for many receivers.
    pub fn push_all<'a>(&mut self, to: impl IntoIterator<Item = &'a ConnectionId>, frame: &Frame) {
        for connection in to {
            self.push(connection, frame.clone());
        }
    }

    /// Sends everything and returns the connections that turned out to be gone.
    pub async fn send(mut self, sockets: &impl Sockets) -> Vec<ConnectionId> {
        let queues: Vec<(ConnectionId, Vec<Frame>)> = self
            .order
            .drain(..)
            .filter_map(|connection| self.frames.remove(&connection).map(|frames| (connection, frames)))
            .collect();
        stream::iter(queues)
            .map(|(connection, frames)| async move {
                for frame in frames {
                    match sockets.post(&connection, &frame).await {
                        Ok(()) => {}
                        Err(PostError::Gone) => return Some(connection),
                        Err(error) => tracing::warn!(%connection, %error, "a message was not delivered"),
                    }
                }
                None
            })
            .buffer_unordered(CONCURRENCY)
            .filter_map(|gone| async move { gone })
            .collect()
            .await
    }
}
