//! API Gateway: an HTTP API, a WebSocket API and the @connections API, behind the one origin that CloudFront is in the cloud.

pub mod connections;
mod cors;
mod handshake;
mod http;
mod http_answer;
mod http_event;
pub(crate) mod limits;
mod messages;
mod query;
mod registry;
mod routes;
mod stamp;
mod websocket;
mod websocket_event;

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use axum::{extract::Request, response::Response};

use crate::{
    chaos::Chaos,
    clock::Clock,
    invoke::Lambda,
    ledger::Ledger,
    template::{Template, Throttle},
};

use connections::ConnectionsApi;
use limits::{ACCOUNT, Bucket, CONNECTS};
use routes::Routes;

pub(crate) use query::pairs;
pub use registry::Connections;

/// What the edge sends to the sockets, or without its last slash to the HTTP API. The client library insists on the slash.
const SOCKET_PATH: &str = "/socket.io/";

/// Parts of the local cloud that the gateway works with.
pub struct Surroundings {
    /// What to serve.
    pub template: Arc<Template>,
    /// The functions.
    pub lambda: Lambda,
    /// The time in events and of timeouts.
    pub clock: Clock,
    /// Lost `$disconnect`s.
    pub chaos: Chaos,
    /// Where messages are counted.
    pub ledger: Ledger,
    /// The open connections, shared with the @connections API.
    pub connections: Connections,
    /// The account's rates.
    pub rates: Rates,
}

/// The rates of an account and Region, which all its APIs share. Clones share them.
#[derive(Debug, Clone)]
pub struct Rates {
    account: Arc<Bucket>,
    connects: Arc<Bucket>,
    /// Whether the template's limits per route count.
    per_route: bool,
}

impl Rates {
    /// What an account has before it asks for more.
    pub fn published() -> Self {
        Self { account: Arc::new(Bucket::new(ACCOUNT)), connects: Arc::new(Bucket::new(CONNECTS)), per_route: true }
    }

    /// More than a laptop can use up, for measurements of something else.
    pub fn unlimited() -> Self {
        let plenty = || Arc::new(Bucket::new(Throttle { rate: u32::MAX, burst: u32::MAX }));
        Self { account: plenty(), connects: plenty(), per_route: false }
    }
}

/// The gateway.
pub struct Gateway {
    template: Arc<Template>,
    routes: Routes,
    lambda: Lambda,
    clock: Clock,
    chaos: Chaos,
    ledger: Ledger,
    connections: Connections,
    account: Arc<Bucket>,
    connects: Arc<Bucket>,
    /// The template's own limits, by route key.
    per_route: HashMap<String, Bucket>,
}

impl Gateway {
    /// A gateway that serves the routes of the template.
    pub fn new(surroundings: Surroundings) -> Self {
        let Surroundings { template, lambda, clock, chaos, ledger, connections, rates } = surroundings;
        let routes = Routes::new(template.http.as_ref().map_or(&[], |api| api.routes.as_slice()));
        let mut per_route = HashMap::new();
        if let Some(throttle) = template.http.as_ref().and_then(|api| api.throttle) {
            per_route.extend(routes.keys().map(|key| (key.to_owned(), Bucket::new(throttle))));
        }
        if let Some((api, throttle)) = template.websocket.as_ref().and_then(|api| Some((api, api.throttle?))) {
            per_route.extend(api.routes.keys().map(|key| (key.clone(), Bucket::new(throttle))));
        }
        if !rates.per_route {
            per_route.clear();
        }
        Self {
            template,
            routes,
            lambda,
            clock,
            chaos,
            ledger,
            connections,
            account: rates.account,
            connects: rates.connects,
            per_route,
        }
    }

    /// Answers whatever is none of the tools.
    pub async fn answer(self: Arc<Self>, request: Request, peer: SocketAddr) -> Response {
        let path = request.uri().path().to_owned();
        if path != SOCKET_PATH {
            return http::answer(&self, request, &path, peer).await;
        }
        // The rule of the edge's function in template.yaml, and for other clients the upgrade itself.
        let query = request.uri().query().unwrap_or_default();
        let websocket = query::pairs(query).iter().any(|(name, value)| name == "transport" && value == "websocket");
        if websocket || handshake::wants_upgrade(request.headers()) {
            handshake::answer(&self, request, peer).await
        } else {
            http::answer(&self, request, SOCKET_PATH.trim_end_matches('/'), peer).await
        }
    }

    /// Ends all connections with 1001 and returns when their `$disconnect`s have been handled.
    pub async fn close(&self) {
        self.connections.close_all(websocket::GOING_AWAY, "Going away");
        self.connections.idle().await;
    }

    /// Takes a token for a request on this route.
    fn may_pass(&self, route: &str) -> bool {
        self.per_route.get(route).is_none_or(Bucket::take) && self.account.take()
    }
}

impl ConnectionsApi {
    /// The @connections API of the template's WebSocket API, if it has one.
    pub fn new(surroundings: &Surroundings, region: &str) -> Option<Self> {
        let api = surroundings.template.websocket.as_ref()?;
        Some(Self {
            connections: surroundings.connections.clone(),
            policies: surroundings.template.policies.clone(),
            ledger: surroundings.ledger.clone(),
            account: Arc::clone(&surroundings.rates.account),
            api: api.id.clone(),
            stage: api.stage.clone(),
            region: region.to_owned(),
        })
    }
}
