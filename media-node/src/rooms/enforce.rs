//! Rights: what the table says now is what is forwarded from this moment on.

use dais_domain::{ProducerId, SocketId, Source};
use dais_media_plane::{ProducerKey, TransportKey};

use super::room::Room;

/// What the plane must stop.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Stopped {
    /// Close these transports: their peers are gone.
    pub(crate) transports: Vec<TransportKey>,
    /// Close these producers.
    pub(crate) producers: Vec<ProducerKey>,
    /// Hold these: nothing of them is forwarded.
    pub(crate) held: Vec<ProducerKey>,
}

impl Stopped {
    pub(crate) fn is_empty(&self) -> bool {
        self == &Self::default()
    }
}

/// What must stop, now that the room is as its view says. Decided without changing anything, so that packets can stop before
/// anybody is told.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) stopped: Stopped,
    gone: Vec<SocketId>,
    closed: Vec<ProducerId>,
    held: Vec<ProducerId>,
}

impl Verdict {
    /// Compares what is on the node with what the table allows.
    pub(crate) fn of(room: &Room) -> Self {
        let mut verdict = Self::default();
        for (socket, on_node) in &room.peers {
            let stays = room.presence(socket).is_some() && room.view.meeting.keeps(&on_node.peer.user_id).is_ok();
            if !stays {
                verdict.gone.push(socket.clone());
                verdict
                    .stopped
                    .transports
                    .extend([&on_node.send, &on_node.recv].into_iter().flatten().map(|own| own.key));
            }
        }
        for (id, producer) in &room.producers {
            let source = producer.info.source();
            if verdict.gone.contains(&producer.owner) || room.may_publish(&producer.info.user_id, source).is_ok() {
                continue;
            }
            // A front end closes its microphone and its screen when it is told, and makes new ones later. Its camera it
            // only pauses, without a word, and goes on with the same producer.
            if source == Source::Camera {
                if !producer.held {
                    verdict.held.push(id.clone());
                    verdict.stopped.held.push(producer.key);
                }
            } else {
                verdict.closed.push(id.clone());
                verdict.stopped.producers.push(producer.key);
            }
        }
        verdict
    }

    /// Takes out what has been stopped, and tells the room.
    pub(crate) fn apply(self, room: &mut Room) {
        for socket in &self.gone {
            room.forget_peer(socket);
        }
        for id in &self.closed {
            room.forget_producer(id, Some("not-allowed"));
        }
        for id in &self.held {
            if let Some(producer) = room.producers.get_mut(id) {
                producer.held = true;
            }
        }
    }
}
