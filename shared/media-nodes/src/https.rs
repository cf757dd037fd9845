//! Calls to media nodes: HTTPS to the address in a node's record, with the certificate that the record names, a ticket per
//! call, and connections that are kept.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use dais_domain::{NodeId, Timestamp};
use dais_media::{
    control::{Answer, Call, PATH, Problem},
    ticket::TicketKey,
};
use dais_store::MediaNodeRecord;
use futures::future::BoxFuture;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use rustls::{ClientConfig, crypto::aws_lc_rs, version::TLS13};

use crate::pin::Pin;

/// Most bytes of an answer. Statistics of a full room are the largest.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;
/// How long one try may take.
const TRY: Duration = Duration::from_secs(2);
/// How long a connection without calls is kept.
const IDLE: Duration = Duration::from_secs(60);
/// Nodes whose connections are kept; beyond it all are closed, which only costs handshakes.
const MAX_NODES: usize = 64;

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The node says why.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// Nothing came that is an answer: the node is dead, or something between is. Nobody knows whether it was done.
    #[error("no answer from the media node: {0}")]
    Unreachable(String),
}

/// How media nodes are called; a parameter, so that tests need none.
pub trait MediaNodeCalls: Send + Sync + 'static {
    /// Calls a node, once. `now` is for the ticket; it is given up at `deadline`.
    fn call<'a>(
        &'a self,
        node: &'a MediaNodeRecord,
        call: &'a Call,
        now: Timestamp,
        deadline: Instant,
    ) -> BoxFuture<'a, Result<Answer, CallError>>;
}

type HttpsClient = Client<HttpsConnector<HttpConnector>, Full<bytes::Bytes>>;

/// Over the network.
#[derive(Default)]
pub struct HttpsNodes {
    clients: Mutex<HashMap<NodeId, HttpsClient>>,
}

impl fmt::Debug for HttpsNodes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HttpsNodes")
    }
}

impl HttpsNodes {
    /// The connections to a node. They belong to it alone: another one has another certificate.
    fn client(&self, node: &MediaNodeRecord) -> Result<HttpsClient, CallError> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&node.id) {
            return Ok(client.clone());
        }
        if clients.len() >= MAX_NODES {
            clients.clear();
        }
        let client = client(&node.fingerprint)?;
        clients.insert(node.id.clone(), client.clone());
        Ok(client)
    }
}

fn client(fingerprint: &str) -> Result<HttpsClient, CallError> {
    let pin = Pin::new(fingerprint).ok_or_else(|| unreachable("its record has no fingerprint of a certificate"))?;
    let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .map_err(unreachable)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(pin))
        .with_no_client_auth();
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(TRY));
    let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_only().enable_http1().wrap_connector(tcp);
    Ok(Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).build(connector))
}

impl MediaNodeCalls for HttpsNodes {
    fn call<'a>(
        &'a self,
        node: &'a MediaNodeRecord,
        call: &'a Call,
        now: Timestamp,
        deadline: Instant,
    ) -> BoxFuture<'a, Result<Answer, CallError>> {
        Box::pin(async move {
            let until = deadline.min(Instant::now() + TRY);
            let answered = tokio::time::timeout_at(until.into(), self.send(node, call, now)).await;
            answered.unwrap_or_else(|_| Err(unreachable("it took too long")))
        })
    }
}

impl HttpsNodes {
    async fn send(&self, node: &MediaNodeRecord, call: &Call, now: Timestamp) -> Result<Answer, CallError> {
        let key = TicketKey::parse(&node.ticket_key).ok_or_else(|| unreachable("its record has no key"))?;
        let body = serde_json::to_vec(call).map_err(unreachable)?;
        let request = Request::post(format!("{}{PATH}", node.control_url))
            .header(header::AUTHORIZATION, key.sign(&node.id, &body, now))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(body))
            .map_err(unreachable)?;
        let response = self.client(node)?.request(request).await.map_err(unreachable)?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES).collect().await.map_err(unreachable)?;
        let body = body.to_bytes();
        if status == StatusCode::OK {
            return serde_json::from_slice(&body).map_err(|_| unreachable("it answered something else"));
        }
        match serde_json::from_slice::<Problem>(&body) {
            Ok(problem) => Err(problem.into()),
            Err(_) => Err(unreachable(status)),
        }
    }
}

fn unreachable(reason: impl fmt::Display) -> CallError {
    CallError::Unreachable(reason.to_string())
}
