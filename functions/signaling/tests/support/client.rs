//! Clients of the whole application: they connect with tokens, send events and read frames.

use std::sync::Arc;

use dais_domain::{ConnectionId, Timestamp};
use dais_media::transport::IceServer;
use dais_media_nodes::Nodes;
use dais_realtime::{Answer, Application, Packet, Sender, Sockets};
use dais_signaling::{Media, Signaling};
use dais_store::MemoryStore;
use serde_json::{Value, json};

use super::{
    at, executor::run, house::House, identity, nodes::FakeNodes, patience::yielding, room, settings,
    sockets::FakeSockets,
};

/// The application over a house's table and sockets.
pub struct Hall {
    pub house: House,
    /// Asked by the application; none of them is in the table.
    pub nodes: FakeNodes,
    pub app: Signaling<MemoryStore, FakeSockets>,
}

/// What a client knows of its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub sid: String,
    pub pid: String,
}

impl Hall {
    pub fn new(creator: &str) -> Self {
        let (house, nodes) = (House::empty(creator), FakeNodes::default());
        let ice_servers = vec![IceServer { urls: vec!["turn:192.0.2.9".to_owned()], username: None, credential: None }];
        let told = Nodes::new(house.store.clone(), Arc::new(nodes.clone()), yielding(), nodes.now());
        let media = Media::new(told.clone(), ice_servers);
        let rooms = house.rooms_with(Arc::new(told));
        let app = Signaling::new(rooms, media, identity::verifier(), settings());
        Self { house, nodes, app }
    }

    pub fn sender(&self, id: &str, now: Timestamp) -> Sender {
        Sender { connection_id: ConnectionId::new(id).unwrap(), now }
    }

    /// Does with an answer what the engine does, in its order.
    pub async fn deliver(&self, to: &ConnectionId, answer: Answer) {
        for frame in answer.frame.iter().chain(&answer.then) {
            let _ = self.house.sockets.post(to, frame).await;
        }
        if let Some(later) = answer.later {
            later.await;
        }
    }

    /// A new WebSocket of somebody, with what he wants to recover.
    pub async fn connect(&self, id: &str, name: &str, now_ms: u64, recover: Option<(&str, &str)>) {
        let sender = self.sender(id, at(now_ms));
        self.house.sockets.open(&sender.connection_id);
        let mut auth = json!({ "token": identity::token(name, sender.now) });
        if let Some((pid, offset)) = recover {
            auth["pid"] = pid.into();
            auth["offset"] = offset.into();
        }
        let answer = self.app.connect(&sender, "/", Some(auth)).await;
        self.deliver(&sender.connection_id, answer).await;
    }

    /// An event with an acknowledgement, and what follows from it.
    pub fn emit(&self, id: &str, now_ms: u64, name: &str, payload: Value) {
        let sender = self.sender(id, at(now_ms));
        let packet = Packet { namespace: "/".to_owned(), id: Some(1), name: name.to_owned(), args: vec![payload] };
        run(async {
            let answer = self.app.event(&sender, packet).await;
            self.deliver(&sender.connection_id, answer).await;
        });
    }

    /// Connects and joins; nothing of it is left to be heard.
    pub fn joined(&self, id: &str, name: &str) -> Session {
        run(self.connect(id, name, 0, None));
        let session = self.session(id);
        self.emit(id, 0, "join-room", json!({ "roomId": room() }));
        self.house.sockets.take();
        session
    }

    /// The WebSocket is closed, and API Gateway says so.
    pub fn lost(&self, id: &str, now_ms: u64) {
        let sender = self.sender(id, at(now_ms));
        self.house.sockets.lose(&sender.connection_id);
        run(self.app.gone(&sender, false));
    }

    /// The frames that a connection got since they were last taken.
    pub fn frames(&self, id: &str) -> Vec<String> {
        let state = self.house.sockets.state();
        state.posted.iter().filter(|(to, _)| to.as_str() == id).map(|(_, frame)| frame.clone()).collect()
    }

    /// The session of the CONNECT packet, which is the first thing that a connection is sent.
    pub fn session(&self, id: &str) -> Session {
        let frames = self.frames(id);
        let connected =
            frames.first().and_then(|frame| frame.strip_prefix("40")).unwrap_or_else(|| panic!("{frames:?}"));
        let connected: Value = serde_json::from_str(connected).unwrap();
        let text = |name: &str| connected[name].as_str().unwrap().to_owned();
        Session { sid: text("sid"), pid: text("pid") }
    }
}
