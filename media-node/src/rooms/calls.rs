//! What calls do. Each asks the table first where rights count, then the plane, then tells the others.

use dais_domain::{ConnectionId, ConsumerId, ProducerId, Source, TransportId};
use dais_media::{
    Direction, DtlsParameters, MediaKind, RtpCapabilities, RtpParameters, TransportParams,
    control::{Answer, ConsumerInfo, Peer, Problem, ProducerInfo, Request},
    ortc,
};
use dais_media_plane::{PlaneError, PreferredLayers, Worker};
use dais_realtime::Sockets;
use dais_store::Store;
use serde_json::json;

use super::{
    Owner, Rooms, bounds,
    push::names,
    room::{Consumer, OnNode, Producer, Room, Transport},
};
use crate::{control::Reply, random};

/// Runs a job on a room's worker.
macro_rules! plane {
    ($room:expr, $job:expr) => {
        $room.worker.run($job).await.map_err(|_| Problem::Unavailable)?
    };
}

impl<S: Store, C: Sockets> Rooms<S, C> {
    pub(super) async fn call(&self, room: &mut Room, request: Request) -> Reply {
        match request {
            Request::Join { peer } => self.join(room, peer).await,
            Request::Leave { connection_id } => self.leave(room, &connection_id).await,
            Request::CreateTransport { connection_id, direction } => {
                self.create_transport(room, &connection_id, direction).await
            }
            Request::ConnectTransport { connection_id, transport_id, dtls_parameters } => {
                connect_transport(room, &connection_id, &transport_id, dtls_parameters).await
            }
            Request::RestartIce { connection_id, transport_id } => {
                restart_ice(room, &connection_id, &transport_id).await
            }
            Request::Produce { connection_id, transport_id, kind, rtp_parameters, is_screen_share, paused } => {
                let wanted = Wanted { kind, rtp_parameters, is_screen_share, paused };
                self.produce(room, &connection_id, &transport_id, wanted).await
            }
            Request::PauseProducer { connection_id, producer_id } => {
                pause_producer(room, &connection_id, &producer_id).await
            }
            Request::ResumeProducer { connection_id, producer_id } => {
                self.resume_producer(room, &connection_id, &producer_id).await
            }
            Request::SwitchedOn { connection_id, source } => self.switched_on(room, &connection_id, source).await,
            Request::CloseProducer { connection_id, producer_id } => {
                close_producer(room, &connection_id, &producer_id).await
            }
            Request::Consume { connection_id, producer_id, rtp_capabilities } => {
                consume(room, &connection_id, &producer_id, rtp_capabilities).await
            }
            Request::ResumeConsumer { connection_id, consumer_id } => {
                on_consumer(room, &connection_id, &consumer_id, |plane, now, key| plane.resume_consumer(now, key)).await
            }
            Request::PauseConsumer { connection_id, consumer_id } => {
                on_consumer(room, &connection_id, &consumer_id, |plane, _, key| plane.pause_consumer(key)).await
            }
            Request::SetPreferredLayers { connection_id, consumer_id, spatial_layer, temporal_layer } => {
                let layers = PreferredLayers { spatial: spatial_layer, temporal: temporal_layer };
                let set = move |plane: &mut Worker, now, key| plane.set_preferred_layers(now, key, layers);
                on_consumer(room, &connection_id, &consumer_id, set).await
            }
            Request::RoomChanged { version } => {
                self.refresh_to(room, version).await?;
                Ok(Answer::Done)
            }
            Request::Stats { connection_id } => stats(room, &connection_id).await,
        }
    }

    async fn join(&self, room: &mut Room, peer: Peer) -> Reply {
        self.refresh(room).await?;
        let present = room.presence(&peer.socket_id).filter(|presence| presence.user_id == peer.user_id);
        let present = present.ok_or(Problem::RoomNotFound)?;
        room.view.meeting.keeps(&peer.user_id).map_err(|_| Problem::RoomNotFound)?;
        let peer = Peer { connection_id: present.connection_id.clone(), ..peer };
        let producers = room.consumable_by(&peer.socket_id);
        let already = room.peers.contains_key(&peer.socket_id);
        if !already {
            bounds::check("peers", room.peers.len(), bounds::PEERS_PER_ROOM)?;
            tracing::info!(roomId = %room.id, userId = %peer.user_id, peerId = %peer.socket_id, "👤 Peer joined the node");
            room.peers.insert(peer.socket_id.clone(), OnNode::new(peer));
        }
        Ok(Answer::Joined { producers, already })
    }

    async fn leave(&self, room: &mut Room, connection: &ConnectionId) -> Reply {
        // Only by its own connection: a late goodbye of a connection that has been recovered is not his.
        let leaving = room.peers.values().find(|on_node| on_node.peer.connection_id == *connection);
        let Some(socket) = leaving.map(|on_node| on_node.peer.socket_id.clone()) else { return Ok(Answer::Done) };
        let own: Vec<_> = room
            .peers
            .get(&socket)
            .map(|own| [&own.send, &own.recv].into_iter().flatten().map(|own| own.key).collect())
            .unwrap_or_default();
        self.close_transports(room, own).await?;
        room.forget_peer(&socket);
        Ok(Answer::Done)
    }

    async fn create_transport(&self, room: &mut Room, connection: &ConnectionId, direction: Direction) -> Reply {
        room.peer(connection)?;
        self.refresh(room).await?;
        let key = room.key;
        let on_node = room.peer(connection)?;
        let socket = on_node.peer.socket_id.clone();
        if let Some(old) = on_node.of(direction).take() {
            self.close_transports(room, vec![old.key]).await?;
            self.forget_on(room, &socket, direction);
        }
        let made = plane!(room, move |plane, now| plane.create_transport(now, key, direction)).map_err(problem)?;
        let id = TransportId::new(random::id()).map_err(|_| Problem::Unavailable)?;
        let owner = Owner { room: room.id.clone(), socket, transport: id.clone() };
        self.transports_lock().insert((room.worker.number(), made.key), owner);
        *room.peer(connection)?.of(direction) = Some(Transport { id: id.clone(), key: made.key });
        Ok(Answer::Transport(Box::new(TransportParams {
            id,
            ice_parameters: made.ice_parameters,
            ice_candidates: made.ice_candidates,
            dtls_parameters: made.dtls_parameters,
            ice_servers: Vec::new(),
        })))
    }

    async fn produce(
        &self,
        room: &mut Room,
        connection: &ConnectionId,
        transport: &TransportId,
        wanted: Wanted,
    ) -> Reply {
        room.peer(connection)?;
        self.refresh(room).await?;
        let on_node = room.peer(connection)?;
        let peer = on_node.peer.clone();
        let key = on_node.send.as_ref().filter(|send| send.id == *transport).ok_or(Problem::TransportNotFound)?.key;
        let info = ProducerInfo {
            producer_id: ProducerId::new(random::id()).map_err(|_| Problem::Unavailable)?,
            peer_id: peer.socket_id.clone(),
            user_id: peer.user_id,
            user_name: peer.name,
            kind: wanted.kind,
            is_screen_share: wanted.is_screen_share,
        };
        room.may_publish(&info.user_id, info.source())?;
        let own = room.producers.values().filter(|producer| producer.owner == peer.socket_id).count();
        bounds::check("producers", own, bounds::PRODUCERS_PER_PEER)?;
        let published = ortc::publish(wanted.kind, &wanted.rtp_parameters)
            .map_err(|error| Problem::Invalid { reason: error.to_string() })?;
        let paused = wanted.paused;
        let publish = move |plane: &mut Worker, now| {
            let key = plane.produce(now, key, published)?;
            if paused {
                plane.pause_producer(key)?;
            }
            Ok(key)
        };
        let made = plane!(room, publish).map_err(problem)?;
        tracing::info!(
            roomId = %room.id, userId = %info.user_id, producerId = %info.producer_id, source = ?info.source(), "📡 Produces"
        );
        let id = info.producer_id.clone();
        room.tell(names::NEW_PRODUCER, json!(info), Some(&peer.socket_id));
        let producer = Producer { info, key: made, owner: peer.socket_id, paused, held: false };
        room.producers.insert(id.clone(), producer);
        Ok(Answer::Produced { id })
    }

    async fn resume_producer(&self, room: &mut Room, connection: &ConnectionId, id: &ProducerId) -> Reply {
        self.refresh(room).await?;
        let info = room.own_producer(connection, id)?.info.clone();
        room.may_publish(&info.user_id, info.source())?;
        let producer = room.own_producer(connection, id)?;
        (producer.paused, producer.held) = (false, false);
        let key = producer.key;
        plane!(room, move |plane, now| plane.resume_producer(now, key)).map_err(problem)?;
        Ok(Answer::Done)
    }

    async fn switched_on(&self, room: &mut Room, connection: &ConnectionId, source: Source) -> Reply {
        let Ok(on_node) = room.peer(connection) else { return Ok(Answer::Done) };
        let socket = on_node.peer.socket_id.clone();
        let is_it = |producer: &&Producer| producer.owner == socket && producer.info.source() == source;
        let own: Vec<_> = room.producers.values().filter(is_it).collect();
        if own.is_empty() {
            return Err(Problem::ProducerNotFound);
        }
        let held = own.into_iter().filter(|producer| producer.held);
        let held: Vec<_> = held.map(|producer| producer.info.producer_id.clone()).collect();
        for id in held {
            self.resume_producer(room, connection, &id).await?;
        }
        Ok(Answer::Done)
    }

    /// Closes transports on the plane; what hung on them is closed with them.
    async fn close_transports(&self, room: &Room, keys: Vec<dais_media_plane::TransportKey>) -> Result<(), Problem> {
        self.transports_lock().retain(|(worker, key), _| *worker != room.worker.number() || !keys.contains(key));
        plane!(room, move |plane, now| keys.into_iter().for_each(|key| plane.close_transport(now, key)));
        Ok(())
    }

    /// Forgets what hung on a peer's transport.
    fn forget_on(&self, room: &mut Room, socket: &dais_domain::SocketId, direction: Direction) {
        match direction {
            Direction::Recv => {
                if let Some(on_node) = room.peers.get_mut(socket) {
                    on_node.consumers.clear();
                }
            }
            Direction::Send => {
                let own = room.producers.values().filter(|producer| producer.owner == *socket);
                for id in own.map(|producer| producer.info.producer_id.clone()).collect::<Vec<_>>() {
                    room.forget_producer(&id, Some("transport-closed"));
                }
            }
        }
    }
}

/// What somebody wants to publish.
struct Wanted {
    kind: MediaKind,
    rtp_parameters: RtpParameters,
    is_screen_share: bool,
    paused: bool,
}

async fn connect_transport(
    room: &mut Room,
    connection: &ConnectionId,
    transport: &TransportId,
    dtls: DtlsParameters,
) -> Reply {
    let key = room.peer(connection)?.transport(transport).ok_or(Problem::TransportNotFound)?.key;
    plane!(room, move |plane, now| plane.connect_transport(now, key, &dtls)).map_err(problem)?;
    Ok(Answer::Done)
}

async fn restart_ice(room: &mut Room, connection: &ConnectionId, transport: &TransportId) -> Reply {
    let key = room.peer(connection)?.transport(transport).ok_or(Problem::TransportNotFound)?.key;
    let ice = plane!(room, move |plane, _| plane.restart_ice(key)).map_err(problem)?;
    Ok(Answer::Ice(ice))
}

async fn pause_producer(room: &mut Room, connection: &ConnectionId, id: &ProducerId) -> Reply {
    let producer = room.own_producer(connection, id)?;
    producer.paused = true;
    let key = producer.key;
    plane!(room, move |plane, _| plane.pause_producer(key)).map_err(problem)?;
    Ok(Answer::Done)
}

async fn close_producer(room: &mut Room, connection: &ConnectionId, id: &ProducerId) -> Reply {
    room.peer(connection)?;
    let Ok(producer) = room.own_producer(connection, id) else { return Ok(Answer::Done) };
    let key = producer.key;
    plane!(room, move |plane, now| plane.close_producer(now, key));
    room.forget_producer(id, None);
    Ok(Answer::Done)
}

async fn consume(room: &mut Room, connection: &ConnectionId, id: &ProducerId, capabilities: RtpCapabilities) -> Reply {
    capabilities.check().map_err(|error| Problem::Invalid { reason: error.to_string() })?;
    let on_node = room.peer(connection)?;
    if let Some(consumer) = on_node.consumer_of(id) {
        return Ok(Answer::Consumed(Box::new(consumer.info.clone())));
    }
    let (socket, count) = (on_node.peer.socket_id.clone(), on_node.consumers.len());
    let recv = on_node.recv.as_ref().ok_or(Problem::NoReceiveTransport)?.key;
    bounds::check("consumers", count, bounds::CONSUMERS_PER_PEER)?;
    let producer = room.producers.get(id).ok_or(Problem::ProducerNotFound)?;
    if producer.owner == socket {
        return Err(Problem::ProducerNotFound);
    }
    let (key, info, producer_paused) = (producer.key, producer.info.clone(), producer.paused || producer.held);
    // One name for all of a user's streams: his voice and his picture are kept in step.
    let cname = info.peer_id.to_string();
    let made = plane!(room, move |plane, now| plane.consume(now, recv, key, &capabilities, &cname)).map_err(problem)?;
    let consumer = ConsumerId::new(random::id()).map_err(|_| Problem::Unavailable)?;
    let info = ConsumerInfo {
        id: consumer.clone(),
        producer: info,
        rtp_parameters: made.rtp_parameters,
        kind_of_stream: made.kind_of_stream,
        producer_paused,
    };
    let answer = Answer::Consumed(Box::new(info.clone()));
    room.peer(connection)?.consumers.insert(consumer, Consumer { info, key: made.key });
    Ok(answer)
}

async fn on_consumer(
    room: &mut Room,
    connection: &ConnectionId,
    id: &ConsumerId,
    work: impl FnOnce(&mut Worker, std::time::Instant, dais_media_plane::ConsumerKey) -> Result<(), PlaneError>
    + Send
    + 'static,
) -> Reply {
    let key = room.peer(connection)?.consumers.get(id).ok_or(Problem::ConsumerNotFound)?.key;
    plane!(room, move |plane, now| work(plane, now, key)).map_err(problem)?;
    Ok(Answer::Done)
}

async fn stats(room: &mut Room, connection: &ConnectionId) -> Reply {
    let on_node = room.peer(connection)?;
    let transports: Vec<_> =
        [&on_node.send, &on_node.recv].into_iter().flatten().map(|own| (own.id.clone(), own.key)).collect();
    let consumers: Vec<_> = on_node.consumers.iter().map(|(id, consumer)| (id.clone(), consumer.key)).collect();
    let socket = on_node.peer.socket_id.clone();
    let own = room.producers.iter().filter(|(_, producer)| producer.owner == socket);
    let producers: Vec<_> = own.map(|(id, producer)| (id.clone(), producer.key)).collect();
    let stats = plane!(room, move |plane, _| {
        json!({
            "transports": transports.iter().map(|(id, key)| json!({ "id": id, "stats": plane.transport_stats(*key) })).collect::<Vec<_>>(),
            "producers": producers.iter().map(|(id, key)| json!({ "id": id, "stats": plane.producer_stats(*key) })).collect::<Vec<_>>(),
            "consumers": consumers.iter().map(|(id, key)| json!({ "id": id, "stats": plane.consumer_stats(*key) })).collect::<Vec<_>>(),
        })
    });
    Ok(Answer::Stats(stats))
}

fn problem(error: PlaneError) -> Problem {
    match error {
        PlaneError::CannotConsume => Problem::Incompatible,
        PlaneError::NotFound { what: "producer" } => Problem::ProducerNotFound,
        PlaneError::NotFound { what: "consumer" } => Problem::ConsumerNotFound,
        PlaneError::NotFound { .. } => Problem::TransportNotFound,
        PlaneError::TooMany { what, max } => Problem::TooMany { what: what.to_owned(), max },
        PlaneError::Crypto(_) => Problem::Unavailable,
        other => Problem::Invalid { reason: other.to_string() },
    }
}
