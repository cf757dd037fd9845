//! What planes report: transports that came up or ended, and who speaks.

use dais_media_plane::{DownReason, Event};
use dais_realtime::Sockets;
use dais_store::Store;
use serde_json::{Value, json};

use super::{Owner, Rooms, push::names};
use crate::io::PlaneEvent;

impl<S: Store, C: Sockets> Rooms<S, C> {
    /// Takes in one report.
    pub async fn reported(&self, report: PlaneEvent) {
        match report.event {
            Event::TransportUp { transport, took } => {
                if let Some(owner) = self.transports_lock().get(&(report.worker, transport)) {
                    tracing::info!(roomId = %owner.room, transport = %owner.transport, ?took, "✅ Transport connected");
                }
            }
            Event::TransportDown { transport, reason, .. } => {
                let owner = self.transports_lock().remove(&(report.worker, transport));
                if let Some(owner) = owner {
                    match reason {
                        DownReason::Evicted => tracing::error!(
                            roomId = %owner.room, peerId = %owner.socket, transport = %owner.transport,
                            "💥 A peer was thrown off: what it sent made the worker panic"
                        ),
                        _ => tracing::info!(
                            roomId = %owner.room, transport = %owner.transport, ?reason, "🔌 Transport ended"
                        ),
                    }
                    self.transport_ended(owner).await;
                }
            }
            Event::DominantSpeaker { room, producer } => self.speaker(report.worker, room, producer).await,
            Event::LayersChanged { .. } => {}
        }
    }

    /// The plane has closed it, with its producers and consumers: the room is told.
    async fn transport_ended(&self, owner: Owner) {
        let slot = self.slot(&owner.room);
        let mut slot = slot.lock().await;
        let Some(room) = slot.as_mut() else { return };
        let Some(on_node) = room.peers.get_mut(&owner.socket) else { return };
        if on_node.recv.as_ref().is_some_and(|recv| recv.id == owner.transport) {
            on_node.recv = None;
            on_node.consumers.clear();
        }
        if on_node.send.as_ref().is_some_and(|send| send.id == owner.transport) {
            on_node.send = None;
            let own = room.producers.values().filter(|producer| producer.owner == owner.socket);
            let own: Vec<_> = own.map(|producer| producer.info.producer_id.clone()).collect();
            for id in own {
                room.forget_producer(&id, Some("transport-closed"));
            }
        }
    }

    async fn speaker(
        &self,
        worker: usize,
        key: dais_media_plane::RoomKey,
        producer: Option<dais_media_plane::ProducerKey>,
    ) {
        let Some(id) = self.planes_lock().get(&(worker, key)).cloned() else { return };
        let slot = self.slot(&id);
        let slot = slot.lock().await;
        let Some(room) = slot.as_ref() else { return };
        let speaking = producer.and_then(|key| room.producers.values().find(|producer| producer.key == key));
        let payload = speaking.map_or(json!({ "userId": Value::Null }), |producer| {
            let info = &producer.info;
            json!({ "userId": info.user_id, "peerId": info.peer_id, "producerId": info.producer_id })
        });
        room.tell(names::ACTIVE_SPEAKER, payload, None);
    }
}
