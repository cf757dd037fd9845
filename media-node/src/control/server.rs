//! TLS, HTTP/1.1, the ticket, the body: what stands between the network and a call.

use std::{convert::Infallible, io, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::post,
};
use dais_domain::{NodeId, Timestamp};
use dais_media::{
    control::{self, Call, Problem},
    ticket::{self, TicketKey},
};
use futures::future::BoxFuture;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

use super::{ControlCertificate, Replies, replies::Reply};

/// Connections at a time. Every environment of the signaling function keeps one.
const MAX_CONNECTIONS: usize = 4_096;
/// How long a handshake may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a connection may wait for its next request: callers keep theirs between invocations.
const IDLE: Duration = Duration::from_secs(120);

/// Does a call.
pub type Handle = Arc<dyn Fn(Call) -> BoxFuture<'static, Reply> + Send + Sync>;

/// What every request needs.
#[derive(Clone)]
struct Api {
    node: NodeId,
    key: TicketKey,
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    replies: Arc<Replies>,
    handle: Handle,
}

/// Serves the control API until `stop` says so. Requests that are under way are answered.
pub async fn serve(
    listener: TcpListener,
    certificate: &ControlCertificate,
    node: NodeId,
    key: TicketKey,
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    handle: Handle,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let api = Api { node, key, now, replies: Arc::default(), handle };
    let (replies, clock) = (Arc::clone(&api.replies), Arc::clone(&api.now));
    let router = Router::new()
        .route(control::PATH, post(call))
        .layer(DefaultBodyLimit::max(control::MAX_CALL_BYTES))
        .with_state(api);
    let acceptor = TlsAcceptor::from(certificate.config());
    let mut forget = tokio::time::interval(ticket::LIFE);
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = forget.tick() => {
                replies.forget_old(clock());
                continue;
            }
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
        };
        let Ok((stream, from)) = accepted else {
            // Out of file descriptors, most likely: others must end first.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Ok(slot) = Arc::clone(&slots).try_acquire_owned() else {
            tracing::warn!(%from, "too many control connections: one is refused");
            continue;
        };
        let connection = connection(stream, acceptor.clone(), router.clone());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%from, %error, "a control connection ended");
            }
            drop(slot);
        });
    }
}

async fn connection(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    router: Router,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    stream.set_nodelay(true)?;
    let stream = timeout(PATIENCE, acceptor.accept(stream)).await??;
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .await?;
    Ok(())
}

/// One request: the ticket first, then what it says.
async fn call(State(api): State<Api>, headers: HeaderMap, body: Bytes) -> Result<Response, Infallible> {
    let ticket = headers.get(AUTHORIZATION).and_then(|header| header.to_str().ok()).unwrap_or_default();
    if !api.key.accepts(ticket, &api.node, &body, (api.now)()) {
        return Ok(problem(&Problem::Ticket));
    }
    let call: Call = match serde_json::from_slice(&body) {
        Ok(call) => call,
        Err(error) => return Ok(problem(&Problem::Invalid { reason: error.to_string() })),
    };
    let id = call.request_id.clone();
    // Done to its end, whether or not the caller waits for it: the next try with this id gets the reply.
    let (replies, handle, now) = (Arc::clone(&api.replies), Arc::clone(&api.handle), (api.now)());
    let done = tokio::spawn(async move { replies.once(&id, now, || handle(call)).await }).await;
    Ok(match done {
        Ok(Ok(answer)) => json(StatusCode::OK, serde_json::to_vec(&answer)),
        Ok(Err(refused)) => problem(&refused),
        Err(panicked) => {
            tracing::error!(error = %panicked, "a control call failed");
            problem(&Problem::Unavailable)
        }
    })
}

fn problem(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    json(status, serde_json::to_vec(problem))
}

fn json(status: StatusCode, body: serde_json::Result<Vec<u8>>) -> Response {
    match body {
        Ok(body) => (status, [(CONTENT_TYPE, "application/json")], body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
