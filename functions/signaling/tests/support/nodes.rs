//! Media nodes that answer from memory, and may be dead.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
    time::Instant,
};

use dais_domain::{ConnectionId, NodeId, Timestamp};
use dais_media::{
    control::{Answer, Call, Problem, ProducerInfo, Request},
    transport::{DtlsParameters, DtlsRole, IceParameters, TransportParams},
};
use dais_media_nodes::{CallError, MediaNodeCalls, Now};
use dais_store::{MediaNodeRecord, MediaNodes, MemoryStore, NodeLoad};
use futures::future::BoxFuture;

use super::{START_MS, executor::run};

#[derive(Default)]
pub struct State {
    /// Nodes that do not answer.
    pub dead: BTreeSet<NodeId>,
    /// Calls that arrived, with the node.
    pub calls: Vec<(NodeId, Call)>,
    /// Who has joined.
    pub joined: BTreeSet<(NodeId, ConnectionId)>,
    /// What there is to be consumed.
    pub producers: Vec<ProducerInfo>,
    /// How the next calls end, before anything else.
    pub planned: VecDeque<Result<Answer, CallError>>,
    /// What comes of requests, by what they are.
    pub outcomes: HashMap<&'static str, Result<Answer, Problem>>,
    /// Milliseconds since everything began, by the nodes' time.
    pub now_ms: u64,
    /// How much of it passes with each call to a node that is dead.
    pub passes_ms: u64,
}

#[derive(Clone, Default)]
pub struct FakeNodes(Arc<Mutex<State>>);

impl FakeNodes {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub fn now(&self) -> Now {
        let nodes = self.clone();
        Arc::new(move || Timestamp::from_ms(START_MS + nodes.state().now_ms))
    }

    /// A node whose lease ends so many milliseconds after the beginning.
    pub fn register(&self, store: &MemoryStore, id: &str, lease_ms: u64) -> NodeId {
        self.write(store, MediaNodeRecord { lease_until: Timestamp::from_ms(START_MS + lease_ms), ..record(id) })
    }

    pub fn write(&self, store: &MemoryStore, record: MediaNodeRecord) -> NodeId {
        assert!(run(store.renew_node(&record)).unwrap());
        record.id
    }

    /// What was asked since this was asked last: the node and the kind of request.
    pub fn asked(&self) -> Vec<(String, String)> {
        let calls = std::mem::take(&mut self.state().calls);
        calls.into_iter().map(|(node, call)| (node.to_string(), kind(&call.request))).collect()
    }

    /// The same, without the nodes.
    pub fn requests(&self) -> Vec<String> {
        self.asked().into_iter().map(|(_, kind)| kind).collect()
    }
}

pub fn record(id: &str) -> MediaNodeRecord {
    MediaNodeRecord {
        id: NodeId::new(id).unwrap(),
        control_url: "https://192.0.2.1".to_owned(),
        fingerprint: String::new(),
        ticket_key: String::new(),
        load: NodeLoad::default(),
        draining: false,
        started_at: Timestamp::from_ms(START_MS),
        lease_until: Timestamp::from_ms(START_MS + 600_000),
    }
}

fn kind(request: &Request) -> String {
    serde_json::to_value(request).unwrap()["do"].as_str().unwrap().to_owned()
}

impl MediaNodeCalls for FakeNodes {
    fn call<'a>(
        &'a self,
        node: &'a MediaNodeRecord,
        call: &'a Call,
        _now: Timestamp,
        _deadline: Instant,
    ) -> BoxFuture<'a, Result<Answer, CallError>> {
        Box::pin(async move {
            let mut state = self.state();
            if state.dead.contains(&node.id) {
                state.now_ms += state.passes_ms;
                return Err(CallError::Unreachable("connection refused".to_owned()));
            }
            state.calls.push((node.id.clone(), call.clone()));
            if let Some(planned) = state.planned.pop_front() {
                return planned;
            }
            if let Some(outcome) = state.outcomes.get(kind(&call.request).as_str()) {
                return outcome.clone().map_err(CallError::from);
            }
            state.answer(&node.id, &call.request).map_err(CallError::from)
        })
    }
}

impl State {
    fn answer(&mut self, node: &NodeId, request: &Request) -> Result<Answer, Problem> {
        let connection = match request {
            Request::Join { peer } => {
                let already = !self.joined.insert((node.clone(), peer.connection_id.clone()));
                return Ok(Answer::Joined { producers: self.producers.clone(), already });
            }
            Request::RoomChanged { .. } => return Ok(Answer::Done),
            Request::Leave { connection_id } => {
                self.joined.remove(&(node.clone(), connection_id.clone()));
                return Ok(Answer::Done);
            }
            Request::CreateTransport { connection_id, .. }
            | Request::ConnectTransport { connection_id, .. }
            | Request::RestartIce { connection_id, .. }
            | Request::Produce { connection_id, .. }
            | Request::PauseProducer { connection_id, .. }
            | Request::ResumeProducer { connection_id, .. }
            | Request::CloseProducer { connection_id, .. }
            | Request::SwitchedOn { connection_id, .. }
            | Request::Consume { connection_id, .. }
            | Request::ResumeConsumer { connection_id, .. }
            | Request::PauseConsumer { connection_id, .. }
            | Request::SetPreferredLayers { connection_id, .. }
            | Request::Stats { connection_id } => connection_id.clone(),
        };
        if !self.joined.contains(&(node.clone(), connection)) {
            return Err(Problem::PeerNotFound);
        }
        Ok(match request {
            Request::CreateTransport { .. } => Answer::Transport(Box::new(transport())),
            Request::RestartIce { .. } => Answer::Ice(ice()),
            Request::Stats { .. } => Answer::Stats(serde_json::json!({ "transports": [] })),
            _ => Answer::Done,
        })
    }
}

fn ice() -> IceParameters {
    IceParameters { username_fragment: "u".to_owned(), password: "p".to_owned(), ice_lite: true }
}

fn transport() -> TransportParams {
    TransportParams {
        id: dais_domain::TransportId::new("t").unwrap(),
        ice_parameters: ice(),
        ice_candidates: Vec::new(),
        dtls_parameters: DtlsParameters { role: DtlsRole::Auto, fingerprints: Vec::new() },
        ice_servers: Vec::new(),
    }
}
