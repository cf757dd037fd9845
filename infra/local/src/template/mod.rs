//! template.yaml as the local cloud needs it: what is deployed is what runs here.
//!
//! Everything in the file is read and resolved at the start, so that what is not understood stops the start with a sentence
//! and not a request with a riddle.

mod error;
mod events;
mod functions;
mod names;
mod parameters;
mod policies;
mod read;
mod resolve;
mod websocket;
mod yaml;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use http::Method;
use serde_json::Value;

pub use error::TemplateError;
pub use names::ACCOUNT;
pub use policies::Policies;
pub use read::TemplateReader;

/// What the local cloud runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The functions, by logical id.
    pub functions: BTreeMap<String, Function>,
    /// The HTTP API, if functions have HttpApi events.
    pub http: Option<HttpApi>,
    /// The WebSocket API, if there is one.
    pub websocket: Option<WebSocketApi>,
    /// What runs by the clock.
    pub schedules: Vec<Schedule>,
    /// Which events go to which functions.
    pub rules: Vec<Rule>,
    /// The tables: `Properties` of each, resolved, with its `TableName`.
    pub tables: Vec<Value>,
    /// Names of the SES configuration sets.
    pub configuration_sets: BTreeSet<String>,
    /// What the functions may do.
    pub policies: Policies,
    /// Every parameter with its value.
    pub parameters: BTreeMap<String, String>,
}

/// A Lambda function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Logical id; it is also the function's name.
    pub id: String,
    /// `Metadata.BuildProperties.Binary`: the name of the executable, and of the crate's entry in the table of functions.
    pub binary: String,
    /// `Environment.Variables`, resolved.
    pub environment: BTreeMap<String, String>,
    /// After this the invocation is cut off.
    pub timeout: Duration,
    /// `MemorySize`, in MB.
    pub memory_mb: u32,
    /// `ReservedConcurrentExecutions`: more invocations at a time are refused.
    pub concurrency: Option<usize>,
}

/// The HTTP API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpApi {
    /// Logical id.
    pub id: String,
    /// Its routes in the order of the file.
    pub routes: Vec<HttpRoute>,
    /// `CorsConfiguration`. Without it the API adds nothing and answers no preflight.
    pub cors: Option<Cors>,
    /// `DefaultRouteSettings`, which count for each route on its own.
    pub throttle: Option<Throttle>,
}

/// A route of the HTTP API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRoute {
    /// The method; None stands for `ANY`.
    pub method: Option<Method>,
    /// The path with `{parameter}` and `{rest+}` segments; None for the route `$default`.
    pub path: Option<String>,
    /// Logical id of the function that answers.
    pub function: String,
}

/// `CorsConfiguration` of the HTTP API.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cors {
    /// Exact origins, `*`, or a beginning followed by `*`.
    pub allow_origins: Vec<String>,
    /// Methods, or `*`.
    pub allow_methods: Vec<String>,
    /// Request headers, or `*`.
    pub allow_headers: Vec<String>,
    /// Response headers that a page may read.
    pub expose_headers: Vec<String>,
    /// Whether cookies may be sent.
    pub allow_credentials: bool,
    /// How long a browser may keep the answer to a preflight, in seconds.
    pub max_age_s: Option<u64>,
}

/// The WebSocket API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebSocketApi {
    /// Logical id.
    pub id: String,
    /// `StageName`.
    pub stage: String,
    /// Path of the field of a JSON message that selects its route: `["action"]` for `$request.body.action`.
    pub selector: Vec<String>,
    /// Routes by key: `$connect`, `$disconnect`, `$default` and those that messages name.
    pub routes: BTreeMap<String, WebSocketRoute>,
    /// `DefaultRouteSettings`, which count for each route on its own.
    pub throttle: Option<Throttle>,
}

/// How many requests a route takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttle {
    /// Requests per second in the long run.
    pub rate: u32,
    /// Requests at once.
    pub burst: u32,
}

/// A route of the WebSocket API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebSocketRoute {
    /// Logical id of the function that is called.
    pub function: String,
    /// Whether the function's answer goes to the client (a route response is configured).
    pub answers: bool,
}

/// A function that runs by the clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// `<function>.<event>`.
    pub name: String,
    /// Logical id of the function.
    pub function: String,
    /// Time between two runs.
    pub rate: Duration,
    /// The event instead of the usual one.
    pub input: Option<Value>,
}

/// A function that gets events of the default bus.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Logical id of the function.
    pub function: String,
    /// What an event must have: values in lists, in maps as deep as the event's.
    pub pattern: Value,
}
