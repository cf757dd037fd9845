//! A node on a table in memory, with people in rooms whose sockets remember what they are told.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use dais_domain::{
    Actor, Command, ConnectionId, Description, DisplayName, MediaState, Meeting, MeetingEdit, MeetingId, Policy,
    Presence, ProducerId, RecoveryId, RequestId, SocketId, Timestamp, TransportId, UserId, Version,
};
use dais_media::{
    Direction, MediaKind, RtpCapabilities, RtpParameters,
    capabilities::router,
    control::{Answer, Call, ConsumerInfo, Peer, Problem, ProducerInfo, Request},
};
use dais_media_node::{Clock, Node, NodeSettings, settings::Loss};
use dais_realtime::{PostError, Sockets};
use dais_store::{Connection, Connections, MediaNodes, Meetings, MemoryStore, Rooms};
use serde_json::{Value, json};
use tokio::sync::watch;

/// What sockets were told, in order.
#[derive(Debug, Clone)]
pub struct Heard {
    posts: Arc<Mutex<Vec<(ConnectionId, String, Value)>>>,
    changed: watch::Sender<usize>,
}

impl Default for Heard {
    fn default() -> Self {
        Self { posts: Arc::default(), changed: watch::Sender::new(0) }
    }
}

impl Sockets for Heard {
    async fn post(&self, connection: &ConnectionId, message: &str) -> Result<(), PostError> {
        let event: Value = serde_json::from_str(message.trim_start_matches("42")).unwrap();
        let (name, payload) = (event[0].as_str().unwrap().to_owned(), event[1].clone());
        let mut posts = self.posts.lock().unwrap();
        posts.push((connection.clone(), name, payload));
        self.changed.send_replace(posts.len());
        Ok(())
    }

    async fn close(&self, _: &ConnectionId) -> Result<(), PostError> {
        Ok(())
    }
}

impl Heard {
    /// What `connection` has heard under a name.
    pub fn by(&self, connection: &ConnectionId, name: &str) -> Vec<Value> {
        let posts = self.posts.lock().unwrap();
        let own = posts.iter().filter(|(to, heard, _)| to == connection && heard == name);
        own.map(|(_, _, payload)| payload.clone()).collect()
    }

    /// Waits until `connection` has heard a name `count` times; gives what it heard.
    pub async fn wait(&self, connection: &ConnectionId, name: &str, count: usize) -> Vec<Value> {
        let mut changes = self.changed.subscribe();
        let waiting = async {
            while self.by(connection, name).len() < count {
                changes.changed().await.unwrap();
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(10), waiting).await;
        assert!(waited.is_ok(), "{connection} has not heard {name} {count} times: {:?}", self.posts.lock().unwrap());
        self.by(connection, name)
    }
}

/// A table and the nodes on it.
pub struct World {
    pub store: MemoryStore,
    pub heard: Heard,
    pub clock: Clock,
    pub room: MeetingId,
}

/// Somebody with one connection.
#[derive(Debug, Clone)]
pub struct Person {
    pub connection: ConnectionId,
    pub socket: SocketId,
    pub user: UserId,
    pub name: DisplayName,
}

impl Person {
    pub fn new(name: &str) -> Self {
        Self {
            connection: ConnectionId::new(format!("c-{name}")).unwrap(),
            socket: SocketId::new(format!("s-{name}")).unwrap(),
            user: UserId::new(format!("user_{name}")).unwrap(),
            name: DisplayName::lenient(name).unwrap(),
        }
    }

    pub fn peer(&self) -> Peer {
        Peer {
            connection_id: self.connection.clone(),
            socket_id: self.socket.clone(),
            user_id: self.user.clone(),
            name: self.name.clone(),
        }
    }
}

pub type TestNode = Node<MemoryStore, Heard>;

impl World {
    /// A table with one meeting, `room`, that Ada has created.
    pub async fn new() -> Self {
        let world = Self {
            store: MemoryStore::default(),
            heard: Heard::default(),
            clock: Clock,
            room: MeetingId::new("room").unwrap(),
        };
        world.create(&world.room).await;
        world
    }

    pub async fn create(&self, room: &MeetingId) {
        let (ada, now) = (Person::new("ada"), self.clock.now());
        let description = Description::new("A meeting").unwrap();
        let (meeting, first) = Meeting::create(room.clone(), ada.user, Some(ada.name), description, now, now);
        self.store.create(&meeting, &first, None).await.unwrap();
    }

    pub fn settings() -> NodeSettings {
        NodeSettings {
            table: "table".to_owned(),
            management_url: String::new(),
            announced: IpAddr::V4(Ipv4Addr::LOCALHOST),
            listen: IpAddr::V4(Ipv4Addr::LOCALHOST),
            media_port: 0,
            control_port: 0,
            metrics: SocketAddr::from(([127, 0, 0, 1], 0)),
            workers: 1,
            renew_every: Duration::from_millis(50),
            lease: Duration::from_millis(1_000),
            reread_every: Duration::from_millis(50),
            drain: Duration::from_secs(1),
            gather: Duration::from_millis(1),
            loss: Loss::default(),
        }
    }

    /// A node of this world.
    pub async fn node(&self) -> TestNode {
        self.node_with(&Self::settings()).await
    }

    pub async fn node_with(&self, settings: &NodeSettings) -> TestNode {
        Node::start(settings, self.store.clone(), self.heard.clone(), self.clock).await.unwrap()
    }

    /// A node to which the room has been given.
    pub async fn node_with_room(&self) -> TestNode {
        let node = self.node().await;
        self.store.claim_room(&self.room, node.id(), None, self.clock.now()).await.unwrap();
        node
    }

    /// Comes into the room, as signaling would let him.
    pub async fn enter(&self, person: &Person) {
        let now = self.clock.now();
        let connection = Connection {
            id: person.connection.clone(),
            socket_id: person.socket.clone(),
            recovery_id: RecoveryId::new(format!("r-{}", person.connection.as_str())).unwrap(),
            user_id: person.user.clone(),
            name: Some(person.name.clone()),
            image_url: None,
            connected_at: now,
            room: None,
            disconnected_at: None,
        };
        self.store.open(&connection, now.plus(Duration::from_secs(600))).await.unwrap();
        let presence = Presence {
            connection_id: person.connection.clone(),
            socket_id: person.socket.clone(),
            user_id: person.user.clone(),
            name: person.name.clone(),
            image_url: None,
            media: MediaState::default(),
            joined_at: now,
            expires_at: now.plus(Duration::from_secs(7_200)),
        };
        self.store.enter(&connection, &self.room, &presence).await.unwrap();
    }

    /// Goes out of the room, and nobody tells the node.
    pub async fn vanish(&self, person: &Person) {
        assert!(self.store.leave(&self.room, &person.connection).await.unwrap());
    }

    /// Changes the policy as Ada; gives the new version.
    pub async fn policy(&self, policy: Policy) -> Version {
        self.change(Command::Edit(MeetingEdit { policy: Some(policy), ..MeetingEdit::default() })).await
    }

    /// Changes the meeting as Ada; gives the new version.
    pub async fn change(&self, command: Command) -> Version {
        let meeting = self.store.meeting(&self.room).await.unwrap().unwrap();
        let ada = Actor { user_id: Person::new("ada").user, name: None };
        let decision = meeting.decide(&ada, &command, None, self.clock.now()).unwrap().unwrap();
        self.store.commit(&decision).await.unwrap();
        decision.entry.version
    }

    /// One call, with a request id of its own.
    pub async fn call(&self, node: &TestNode, request: Request) -> Result<Answer, Problem> {
        self.call_under(node, 1, request).await
    }

    pub async fn call_under(&self, node: &TestNode, epoch: u64, request: Request) -> Result<Answer, Problem> {
        let request_id = RequestId::new(dais_media_node::random::id()).unwrap();
        node.rooms.handle(Call { request_id, room: self.room.clone(), epoch, request }).await
    }

    /// Enters the room and joins on the node; gives what can be consumed.
    pub async fn join(&self, node: &TestNode, person: &Person) -> Vec<ProducerInfo> {
        self.enter(person).await;
        match self.call(node, Request::Join { peer: person.peer() }).await.unwrap() {
            Answer::Joined { producers, .. } => producers,
            other => panic!("{other:?}"),
        }
    }

    pub async fn transport(&self, node: &TestNode, person: &Person, direction: Direction) -> TransportId {
        let request = Request::CreateTransport { connection_id: person.connection.clone(), direction };
        match self.call(node, request).await.unwrap() {
            Answer::Transport(params) => params.id,
            other => panic!("{other:?}"),
        }
    }

    /// Publishes on a transport made for it.
    pub async fn produce(&self, node: &TestNode, person: &Person, kind: MediaKind, screen: bool) -> ProducerId {
        match self.try_produce(node, person, kind, screen).await.unwrap() {
            Answer::Produced { id } => id,
            other => panic!("{other:?}"),
        }
    }

    pub async fn try_produce(
        &self,
        node: &TestNode,
        person: &Person,
        kind: MediaKind,
        screen: bool,
    ) -> Result<Answer, Problem> {
        let transport_id = self.transport(node, person, Direction::Send).await;
        self.produce_on(node, person, transport_id, kind, screen).await
    }

    pub async fn produce_on(
        &self,
        node: &TestNode,
        person: &Person,
        transport_id: TransportId,
        kind: MediaKind,
        screen: bool,
    ) -> Result<Answer, Problem> {
        let request = Request::Produce {
            connection_id: person.connection.clone(),
            transport_id,
            kind,
            rtp_parameters: sent(kind, screen),
            is_screen_share: screen,
            paused: false,
        };
        self.call(node, request).await
    }

    pub async fn consume(
        &self,
        node: &TestNode,
        person: &Person,
        producer: &ProducerId,
    ) -> Result<ConsumerInfo, Problem> {
        let request = Request::Consume {
            connection_id: person.connection.clone(),
            producer_id: producer.clone(),
            rtp_capabilities: device(),
        };
        match self.call(node, request).await? {
            Answer::Consumed(info) => Ok(*info),
            other => panic!("{other:?}"),
        }
    }
}

/// What a device can receive: all that the router knows.
pub fn device() -> RtpCapabilities {
    router()
}

/// What a publisher sends.
pub fn sent(kind: MediaKind, screen: bool) -> RtpParameters {
    let ssrc = match (kind, screen) {
        (MediaKind::Audio, false) => 1_001,
        (MediaKind::Video, false) => 1_002,
        (MediaKind::Audio, true) => 1_003,
        (MediaKind::Video, true) => 1_004,
    };
    let codec = match kind {
        MediaKind::Audio => json!({ "mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000, "channels": 2 }),
        MediaKind::Video => json!({ "mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000 }),
    };
    serde_json::from_value(json!({
        "mid": ssrc.to_string(), "codecs": [codec], "encodings": [{ "ssrc": ssrc }], "rtcp": { "cname": "c" },
    }))
    .unwrap()
}

/// The policy under which everything is allowed.
pub fn free() -> Policy {
    Policy::default()
}

/// Some moment that has long gone.
pub fn long_ago() -> Timestamp {
    Timestamp::from_ms(1)
}
