//! One room on this node: who is on it, what they send and get. Everything here happens in order, one thing at a time.

use std::collections::BTreeMap;

use dais_domain::{
    ConnectionId, ConsumerId, MeetingId, Presence, ProducerId, RoomView, SocketId, Source, TransportId, UserId,
};
use dais_media::{
    Direction,
    control::{ConsumerInfo, Peer, Problem, ProducerInfo},
};
use dais_media_plane::{ConsumerKey, ProducerKey, RoomKey, TransportKey};
use serde_json::json;

use super::push::{Pusher, names};
use crate::io::WorkerHandle;

/// A WebRTC transport of a peer.
#[derive(Debug, Clone)]
pub(crate) struct Transport {
    pub(crate) id: TransportId,
    pub(crate) key: TransportKey,
}

/// Something that a peer gets.
#[derive(Debug, Clone)]
pub(crate) struct Consumer {
    pub(crate) info: ConsumerInfo,
    pub(crate) key: ConsumerKey,
}

/// A client on the node. Known by its socket id, which a recovered connection keeps.
#[derive(Debug)]
pub(crate) struct OnNode {
    pub(crate) peer: Peer,
    pub(crate) send: Option<Transport>,
    pub(crate) recv: Option<Transport>,
    pub(crate) consumers: BTreeMap<ConsumerId, Consumer>,
    /// How often he has been told of producers that he does not consume.
    pub(crate) reminded: BTreeMap<ProducerId, u8>,
}

impl OnNode {
    pub(crate) fn new(peer: Peer) -> Self {
        Self { peer, send: None, recv: None, consumers: BTreeMap::new(), reminded: BTreeMap::new() }
    }

    pub(crate) fn transport(&self, id: &TransportId) -> Option<&Transport> {
        [&self.send, &self.recv].into_iter().flatten().find(|transport| transport.id == *id)
    }

    pub(crate) fn of(&mut self, direction: Direction) -> &mut Option<Transport> {
        match direction {
            Direction::Send => &mut self.send,
            Direction::Recv => &mut self.recv,
        }
    }

    /// The consumer of a producer, if he has one.
    pub(crate) fn consumer_of(&self, producer: &ProducerId) -> Option<&Consumer> {
        self.consumers.values().find(|consumer| consumer.info.producer.producer_id == *producer)
    }
}

/// Something that a peer publishes.
#[derive(Debug, Clone)]
pub(crate) struct Producer {
    pub(crate) info: ProducerInfo,
    pub(crate) key: ProducerKey,
    pub(crate) owner: SocketId,
    /// Its publisher holds it.
    pub(crate) paused: bool,
    /// Its publisher may not send it now. Stays until he switches it on again after he may: giving a right back
    /// switches nothing on.
    pub(crate) held: bool,
}

/// A room.
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) id: MeetingId,
    /// Of the claim under which this node has it.
    pub(crate) epoch: u64,
    pub(crate) worker: WorkerHandle,
    pub(crate) key: RoomKey,
    /// What the table said last.
    pub(crate) view: RoomView,
    pub(crate) peers: BTreeMap<SocketId, OnNode>,
    pub(crate) producers: BTreeMap<ProducerId, Producer>,
    pub(crate) pusher: Pusher,
}

impl Room {
    /// The peer behind a connection. A recovered one has a new connection under its old socket id.
    pub(crate) fn socket_of(&self, connection: &ConnectionId) -> Option<SocketId> {
        let known = self.peers.values().find(|on_node| on_node.peer.connection_id == *connection);
        let known = known.map(|on_node| on_node.peer.socket_id.clone());
        known.or_else(|| self.view.presence(connection).map(|presence| presence.socket_id.clone()))
    }

    /// The peer behind a connection, if he has joined on this node.
    pub(crate) fn peer(&mut self, connection: &ConnectionId) -> Result<&mut OnNode, Problem> {
        let socket = self.socket_of(connection).ok_or(Problem::PeerNotFound)?;
        self.peers.get_mut(&socket).ok_or(Problem::PeerNotFound)
    }

    /// A producer of the peer behind a connection.
    pub(crate) fn own_producer(
        &mut self,
        connection: &ConnectionId,
        id: &ProducerId,
    ) -> Result<&mut Producer, Problem> {
        let socket = self.peer(connection)?.peer.socket_id.clone();
        let own = self.producers.get_mut(id).filter(|producer| producer.owner == socket);
        own.ok_or(Problem::ProducerNotFound)
    }

    /// Whether somebody may publish now; the problem says why not.
    pub(crate) fn may_publish(&self, user: &UserId, source: Source) -> Result<(), Problem> {
        if self.view.meeting.keeps(user).is_err() {
            return Err(Problem::RoomNotFound);
        }
        self.view.meeting.may_publish(user, source).map_err(|restriction| Problem::NotAllowed {
            source_of_media: restriction.source,
            room_wide: restriction.room_wide,
        })
    }

    /// What `socket` can consume: all that the others publish.
    pub(crate) fn consumable_by(&self, socket: &SocketId) -> Vec<ProducerInfo> {
        let others = self.producers.values().filter(|producer| producer.owner != *socket);
        others.map(|producer| producer.info.clone()).collect()
    }

    /// Tells everybody but `except`.
    pub(crate) fn tell(&self, name: &'static str, payload: serde_json::Value, except: Option<&SocketId>) {
        let to = self.peers.values().filter(|on_node| Some(&on_node.peer.socket_id) != except);
        self.pusher.tell(to.map(|on_node| &on_node.peer.connection_id), name, payload);
    }

    /// Takes a producer out, its consumers with it, and tells everybody. The plane must have closed it, or be about to.
    pub(crate) fn forget_producer(&mut self, id: &ProducerId, reason: Option<&str>) -> Option<Producer> {
        let producer = self.producers.remove(id)?;
        for on_node in self.peers.values_mut() {
            on_node.consumers.retain(|_, consumer| consumer.info.producer.producer_id != *id);
            on_node.reminded.remove(id);
        }
        let info = &producer.info;
        let mut payload = json!({
            "producerId": info.producer_id, "peerId": info.peer_id, "userId": info.user_id, "kind": info.kind,
            "isScreenShare": info.is_screen_share,
        });
        if let Some(reason) = reason {
            payload["reason"] = reason.into();
        }
        self.tell(names::PRODUCER_CLOSED, payload, None);
        Some(producer)
    }

    /// Takes a peer out with all he has and returns his transports, which the plane must close.
    pub(crate) fn forget_peer(&mut self, socket: &SocketId) -> Vec<TransportKey> {
        let Some(on_node) = self.peers.remove(socket) else { return Vec::new() };
        let own: Vec<ProducerId> = self
            .producers
            .values()
            .filter(|own| own.owner == *socket)
            .map(|own| own.info.producer_id.clone())
            .collect();
        for id in own {
            self.forget_producer(&id, Some("peer-left"));
        }
        [on_node.send, on_node.recv].into_iter().flatten().map(|transport| transport.key).collect()
    }

    /// Takes over what the table says: where peers are reached now.
    pub(crate) fn adopt(&mut self, view: RoomView) {
        for presence in &view.presences {
            if let Some(on_node) = self.peers.get_mut(&presence.socket_id) {
                on_node.peer.connection_id = presence.connection_id.clone();
                on_node.peer.name = presence.name.clone();
            }
        }
        self.view = view;
    }

    /// The presence of a peer, by what stays when his connection is replaced.
    pub(crate) fn presence(&self, socket: &SocketId) -> Option<&Presence> {
        self.view.presences.iter().find(|presence| presence.socket_id == *socket)
    }
}
