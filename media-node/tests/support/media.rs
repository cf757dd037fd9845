//! People's media over real sockets: peer connections of the `webrtc` crate, and what signalling would do for them.

use std::time::Duration;

use dais_domain::{ProducerId, TransportId};
use dais_media::{
    Direction, DtlsParameters, MediaKind, RtpParameters, TransportParams,
    control::{Answer, ConsumerInfo, Request},
};
use dais_media_client::{
    NewTrack, Publisher, Shared, Subscriber,
    description::Section,
    rtp::{Header, Packet},
};
use tokio::{sync::watch, time::timeout};

use super::world::{Person, TestNode, World};

/// How long a step may take, on a machine that is busy.
pub const PATIENCE: Duration = Duration::from_secs(20);

async fn transport(world: &World, node: &TestNode, person: &Person, direction: Direction) -> TransportParams {
    let request = Request::CreateTransport { connection_id: person.connection.clone(), direction };
    let answer = world.call(node, request).await.unwrap();
    let Answer::Transport(params) = answer else { panic!("{answer:?}") };
    *params
}

async fn tell(world: &World, node: &TestNode, person: &Person, id: &TransportId, dtls_parameters: DtlsParameters) {
    let connection_id = person.connection.clone();
    world
        .call(node, Request::ConnectTransport { connection_id, transport_id: id.clone(), dtls_parameters })
        .await
        .unwrap();
}

/// Somebody who publishes, and whatever the node tells him goes on sending.
pub struct Sending {
    publisher: Publisher,
    transport: TransportId,
    kinds: Vec<MediaKind>,
}

impl Sending {
    /// Offers a track of each kind, and connects.
    pub async fn connect(world: &World, node: &TestNode, person: &Person, kinds: &[MediaKind]) -> Self {
        let params = transport(world, node, person, Direction::Send).await;
        let transport = params.id.clone();
        let tracks = (1..).zip(kinds).map(|(ssrc, kind)| NewTrack { kind: *kind, ssrc });
        let tracks: Vec<_> = tracks.collect();
        let publisher = Publisher::new(&Shared::new().unwrap(), params, &tracks).await.unwrap();
        tell(world, node, person, &transport, publisher.dtls_parameters()).await;
        timeout(PATIENCE, publisher.connect()).await.expect("in time").expect("a connection");
        Self { publisher, transport, kinds: kinds.to_vec() }
    }

    /// What it sends of a track.
    pub fn sent(&self, track: usize) -> &RtpParameters {
        self.publisher.rtp_parameters(track).unwrap()
    }

    /// Publishes a track.
    pub async fn produce(&self, world: &World, node: &TestNode, person: &Person, track: usize) -> ProducerId {
        let request = Request::Produce {
            connection_id: person.connection.clone(),
            transport_id: self.transport.clone(),
            kind: self.kinds[track],
            rtp_parameters: self.sent(track).clone(),
            is_screen_share: false,
            paused: false,
        };
        let answer = world.call(node, request).await.unwrap();
        let Answer::Produced { id } = answer else { panic!("{answer:?}") };
        id
    }

    /// Sends a packet of a track, with numbers of its own.
    pub async fn send(&self, track: usize, packet: Packet) {
        self.publisher.send(track, packet).await.unwrap();
    }

    /// Sends a payload: of video, a key frame.
    pub async fn send_payload(&self, track: usize, sequence: u16, payload: Vec<u8>) {
        let sent = self.sent(track);
        let header = Header {
            version: 2,
            marker: true,
            payload_type: sent.codecs[0].payload_type,
            sequence_number: sequence,
            timestamp: u32::from(sequence) * 3_000,
            ssrc: sent.encodings[0].ssrc.unwrap(),
            ..Header::default()
        };
        self.send(track, Packet { header, payload: payload.into() }).await;
    }
}

/// Somebody who subscribes.
pub struct Receiving {
    /// What he has subscribed to.
    pub consumers: Vec<ConsumerInfo>,
    /// He listens as long as it is here.
    _subscriber: Subscriber,
}

impl Receiving {
    /// Subscribes, connects, and lets it flow. `on_packet` is called with each packet.
    pub async fn connect(
        world: &World,
        node: &TestNode,
        person: &Person,
        producers: &[ProducerId],
        on_packet: impl Fn(Packet) + Send + Sync + 'static,
    ) -> Self {
        Self::connect_as(&Shared::new().unwrap(), world, node, person, producers, on_packet).await
    }

    /// The same for who takes another side of the handshake.
    pub async fn connect_as(
        shared: &Shared,
        world: &World,
        node: &TestNode,
        person: &Person,
        producers: &[ProducerId],
        on_packet: impl Fn(Packet) + Send + Sync + 'static,
    ) -> Self {
        let params = transport(world, node, person, Direction::Recv).await;
        let transport = params.id.clone();
        let mut subscriber = Subscriber::new(shared, params, on_packet).await.unwrap();
        let mut consumers = Vec::new();
        for producer in producers {
            let consumer = world.consume(node, person, producer).await.unwrap();
            let section = Section { kind: consumer.producer.kind, rtp_parameters: consumer.rtp_parameters.clone() };
            subscriber.receive(section).await.unwrap();
            consumers.push(consumer);
        }
        tell(world, node, person, &transport, subscriber.dtls_parameters()).await;
        timeout(PATIENCE, subscriber.connect()).await.expect("in time").expect("a connection");
        for consumer in &consumers {
            let connection_id = person.connection.clone();
            world
                .call(node, Request::ResumeConsumer { connection_id, consumer_id: consumer.id.clone() })
                .await
                .unwrap();
        }
        Self { consumers, _subscriber: subscriber }
    }

    /// The same, counting packets.
    pub async fn counting(
        world: &World,
        node: &TestNode,
        person: &Person,
        producers: &[ProducerId],
    ) -> (Self, watch::Receiver<u64>) {
        let (counted, count) = watch::channel(0);
        let on_packet = move |_| counted.send_modify(|count| *count += 1);
        (Self::connect(world, node, person, producers, on_packet).await, count)
    }
}
