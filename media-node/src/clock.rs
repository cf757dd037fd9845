//! The time of the control plane. In the cloud it is the machine's; the local cloud has a clock that can be moved forward,
//! and leases and tickets must agree with it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::body::{Body, to_bytes};
use dais_domain::Timestamp;
use hyper::{Request, Uri, client::conn::http1, header::HOST};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Tells the time. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    ahead_ms: Arc<AtomicU64>,
}

impl Clock {
    /// Now.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_ms(machine_ms().saturating_add(self.ahead_ms.load(Ordering::Relaxed)))
    }

    /// Takes over the time of another clock. Never goes back.
    pub fn follow(&self, now_ms: u64) {
        self.ahead_ms.fetch_max(now_ms.saturating_sub(machine_ms()), Ordering::Relaxed);
    }
}

fn machine_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Between two looks at the local cloud's clock. A jump forward is seen before a lease of 2 s would lapse.
const FOLLOW_EVERY: Duration = Duration::from_millis(250);

/// Follows the local cloud's clock: `GET {url}` answers `{"nowMs": …}` (`/_local/clock`).
pub async fn follow(clock: Clock, url: String) {
    loop {
        match now_at(&url).await {
            Some(now_ms) => clock.follow(now_ms),
            None => tracing::debug!(url, "the local clock does not answer"),
        }
        tokio::time::sleep(FOLLOW_EVERY).await;
    }
}

async fn now_at(url: &str) -> Option<u64> {
    let uri: Uri = url.parse().ok()?;
    let authority = uri.authority()?.as_str().to_owned();
    let stream = TcpStream::connect(&authority).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    let connection = tokio::spawn(connection);
    let request = Request::get(uri.path()).header(HOST, authority).body(Body::empty()).ok()?;
    let answer = sender.send_request(request).await.ok()?;
    let body = to_bytes(Body::new(answer.into_body()), 4_096).await.ok();
    connection.abort();
    let body: serde_json::Value = serde_json::from_slice(&body?).ok()?;
    body.get("nowMs")?.as_u64()
}
