//! What people and machines look at: `/livez`, `/readyz`, and `/metrics` in Prometheus' text format (version 0.0.4).

use std::{fmt::Write, io, sync::Arc, sync::atomic::Ordering};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};
use dais_realtime::Sockets;
use dais_store::Store;
use tokio::{net::TcpListener, sync::watch};

use crate::rooms::Rooms;

/// Serves until `stop` says so.
pub async fn serve<S: Store, C: Sockets>(
    listener: TcpListener,
    rooms: Arc<Rooms<S, C>>,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let router = Router::new()
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(ready::<S, C>))
        .route("/metrics", get(metrics::<S, C>))
        .with_state(rooms);
    axum::serve(listener, router)
        .with_graceful_shutdown(async move {
            let _ = stop.wait_for(|stop| *stop).await;
        })
        .await
}

async fn ready<S: Store, C: Sockets>(State(rooms): State<Arc<Rooms<S, C>>>) -> impl IntoResponse {
    if rooms.is_draining() { (StatusCode::SERVICE_UNAVAILABLE, "draining\n") } else { (StatusCode::OK, "ready\n") }
}

async fn metrics<S: Store, C: Sockets>(State(rooms): State<Arc<Rooms<S, C>>>) -> impl IntoResponse {
    let load = rooms.load().await;
    let mut text = String::new();
    for (name, what, value) in [
        ("rooms", "Rooms on this node", load.rooms),
        ("transports", "WebRTC transports", load.transports),
        ("producers", "Sources of media", load.producers),
        ("consumers", "Subscriptions", load.consumers),
        ("draining", "1 when the node takes no new rooms", u64::from(rooms.is_draining())),
    ] {
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "# HELP dais_media_{name} {what}\n# TYPE dais_media_{name} gauge\ndais_media_{name} {value}"
        );
    }
    for worker in &rooms.workers {
        let (number, traffic) = (worker.number(), worker.traffic());
        for (name, value) in [
            ("datagrams_received", &traffic.received),
            ("datagrams_sent", &traffic.sent),
            ("datagrams_dropped", &traffic.dropped),
            ("panics", &traffic.panics),
        ] {
            let value = value.load(Ordering::Relaxed);
            let _ = writeln!(
                text,
                "# TYPE dais_media_{name}_total counter\ndais_media_{name}_total{{worker=\"{number}\"}} {value}"
            );
        }
        let Ok(counters) = worker.run(|plane, _| plane.counters().clone()).await else { continue };
        let counters = serde_json::to_value(counters).unwrap_or_default();
        each(&counters, "", &mut |name, value| {
            let _ = writeln!(
                text,
                "# TYPE dais_media_{name}_total counter\ndais_media_{name}_total{{worker=\"{number}\"}} {value}"
            );
        });
    }
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], text)
}

/// Every number in `value`, by its name in snake case, with the names of what it is in before it.
fn each(value: &serde_json::Value, name: &str, tell: &mut impl FnMut(&str, u64)) {
    match value {
        serde_json::Value::Object(members) => {
            for (member, value) in members {
                let member: String = member
                    .chars()
                    .flat_map(|c| c.is_ascii_uppercase().then_some('_').into_iter().chain([c.to_ascii_lowercase()]))
                    .collect();
                let name = if name.is_empty() { member } else { format!("{name}_{member}") };
                each(value, &name, tell);
            }
        }
        value => {
            if let Some(value) = value.as_u64() {
                tell(name, value);
            }
        }
    }
}
