//! What ran and what it cost: every invocation, every AWS call, every API Gateway message. The bench and the tests count with it.
//!
//! Names, figures and times only. A mail address, a token or a body never gets in, as there is no field that could hold one.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{Query, State, rejection::QueryRejection},
    middleware,
    response::Response,
    routing::get,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    answer,
    clock::{Clock, rfc3339},
};

/// Entries kept of each kind. Older ones are dropped and counted.
pub const RING: usize = 100_000;

/// What API Gateway bills as one WebSocket message: up to 32 KB.
const MESSAGE_UNIT_BYTES: usize = 32 * 1024;

/// How many answers `limit` may ask for, and how many come without it.
const DEFAULT_LIMIT: usize = 1_000;

/// How an invocation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The function answered.
    Ok,
    /// The function returned an error or panicked.
    Error,
    /// A chaos switch cut it off.
    Killed,
    /// It ran longer than its timeout.
    Timeout,
}

/// One run of a function.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Invocation {
    /// Position in the ledger, for `since`.
    pub number: u64,
    /// Request id of the invocation; calls name it.
    pub id: String,
    /// Logical id of the function in template.yaml.
    pub function: String,
    /// What called it: `MESSAGE $default`, `POST /api/meetings`, `schedule`.
    pub event: String,
    /// Local time at which it began, RFC 3339.
    pub started_at: String,
    /// How long it took, in ms of the machine's time.
    pub duration_ms: f64,
    /// Whether its environment was made for it.
    pub cold: bool,
    /// How it ended.
    pub outcome: Outcome,
}

/// One AWS call of a function, retries of the SDK counted singly.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// Position in the ledger, for `since`. Calls get it when they end.
    pub number: u64,
    /// Request id of the invocation that made it, where known.
    pub invocation: Option<String>,
    /// Logical id of the function.
    pub function: String,
    /// `dynamodb`, `execute-api`, …
    pub service: &'static str,
    /// Name of the operation as IAM spells it: `GetItem`, `PostToConnection`.
    pub operation: String,
    /// Tables it touched, comma separated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// HTTP status of the answer.
    pub status: u16,
    /// Short name of the error, where it failed: `ConditionalCheckFailedException`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Read capacity units consumed.
    pub read_units: f64,
    /// Write capacity units consumed, indexes included.
    pub write_units: f64,
    /// How long it took, in ms of the machine's time.
    pub duration_ms: f64,
    /// Position among the calls of its invocation, from 1, by start.
    pub sequence: u32,
    /// Start, in µs since the local cloud started. With the end it tells sequential round trips from parallel ones.
    pub started_at_us: u64,
    /// End, in µs since the local cloud started.
    pub ended_at_us: u64,
}

/// How a call ended, for [`StartedCall::finish`].
#[derive(Debug, Clone, Default)]
pub struct CallResult {
    /// Tables it touched, comma separated.
    pub table: Option<String>,
    /// HTTP status.
    pub status: u16,
    /// Short name of the error.
    pub error: Option<String>,
    /// Read capacity units.
    pub read_units: f64,
    /// Write capacity units.
    pub write_units: f64,
}

/// An invocation under way.
#[derive(Debug)]
pub struct StartedInvocation {
    ledger: Ledger,
    id: String,
    function: String,
    event: String,
    cold: bool,
    started_at: String,
    started: Instant,
}

/// A call under way.
#[derive(Debug)]
pub struct StartedCall {
    ledger: Ledger,
    invocation: Option<String>,
    function: String,
    service: &'static str,
    operation: String,
    sequence: u32,
    started: Instant,
}

/// Units of API Gateway WebSocket messages since the last reset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Messages {
    /// From clients, in units of 32 KB.
    pub in_units: u64,
    /// To clients, in units of 32 KB.
    pub out_units: u64,
    /// From clients, each counted once.
    pub in_count: u64,
    /// To clients, each counted once.
    pub out_count: u64,
}

/// The ledger. Clones share it.
#[derive(Debug, Clone)]
pub struct Ledger {
    inner: Arc<Mutex<Inner>>,
    clock: Clock,
    born: Instant,
}

#[derive(Debug)]
struct Inner {
    capacity: usize,
    invocations: Ring<Invocation>,
    calls: Ring<Call>,
    messages: Messages,
    /// Calls begun per invocation, and the invocations in the order of their first call, so that the oldest are forgotten.
    sequences: HashMap<String, u32>,
    sequence_order: VecDeque<String>,
}

#[derive(Debug)]
struct Ring<T> {
    entries: VecDeque<T>,
    last_number: u64,
    dropped: u64,
}

impl<T> Default for Ring<T> {
    fn default() -> Self {
        Self { entries: VecDeque::new(), last_number: 0, dropped: 0 }
    }
}

impl<T> Ring<T> {
    fn push(&mut self, capacity: usize, make: impl FnOnce(u64) -> T) {
        self.last_number += 1;
        if self.entries.len() >= capacity {
            self.entries.pop_front();
            self.dropped += 1;
        }
        self.entries.push_back(make(self.last_number));
    }

    /// Numbers go on, so that a `since` from before a reset still works.
    fn clear(&mut self) {
        self.entries.clear();
        self.dropped = 0;
    }
}

impl Ledger {
    /// An empty ledger that keeps the last [`RING`] invocations and calls.
    pub fn new(clock: Clock) -> Self {
        Self::with_capacity(clock, RING)
    }

    /// An empty ledger that keeps the last `capacity` invocations and calls.
    pub fn with_capacity(clock: Clock, capacity: usize) -> Self {
        let inner = Inner {
            capacity: capacity.max(1),
            invocations: Ring::default(),
            calls: Ring::default(),
            messages: Messages::default(),
            sequences: HashMap::new(),
            sequence_order: VecDeque::new(),
        };
        Self { inner: Arc::new(Mutex::new(inner)), clock, born: Instant::now() }
    }

    /// Notes that an invocation begins. It is entered when it ends.
    pub fn start_invocation(&self, id: &str, function: &str, event: &str, cold: bool) -> StartedInvocation {
        StartedInvocation {
            ledger: self.clone(),
            id: id.to_owned(),
            function: function.to_owned(),
            event: event.to_owned(),
            cold,
            started_at: rfc3339(self.clock.now_ms()),
            started: Instant::now(),
        }
    }

    /// Notes that a call begins, and gives it its place among the calls of its invocation. It is entered when it ends.
    pub fn start_call(
        &self,
        invocation: Option<&str>,
        function: &str,
        service: &'static str,
        operation: &str,
    ) -> StartedCall {
        StartedCall {
            ledger: self.clone(),
            invocation: invocation.map(str::to_owned),
            function: function.to_owned(),
            service,
            operation: operation.to_owned(),
            sequence: invocation.map_or(0, |id| self.lock().next_sequence(id)),
            started: Instant::now(),
        }
    }

    /// Counts a WebSocket message from a client.
    pub fn message_in(&self, bytes: usize) {
        let messages = &mut self.lock().messages;
        messages.in_count += 1;
        messages.in_units += message_units(bytes);
    }

    /// Counts a WebSocket message to a client.
    pub fn message_out(&self, bytes: usize) {
        let messages = &mut self.lock().messages;
        messages.out_count += 1;
        messages.out_units += message_units(bytes);
    }

    /// The messages counted since the last reset.
    pub fn messages(&self) -> Messages {
        self.lock().messages
    }

    /// The invocations kept, oldest first.
    pub fn invocations(&self) -> Vec<Invocation> {
        self.lock().invocations.entries.iter().cloned().collect()
    }

    /// The calls kept, by their end, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.entries.iter().cloned().collect()
    }

    /// Forgets everything. Numbers go on.
    pub fn reset(&self) {
        let mut inner = self.lock();
        inner.invocations.clear();
        inner.calls.clear();
        inner.messages = Messages::default();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn since_born_us(&self, instant: Instant) -> u64 {
        u64::try_from(instant.saturating_duration_since(self.born).as_micros()).unwrap_or(u64::MAX)
    }
}

impl Inner {
    fn next_sequence(&mut self, invocation: &str) -> u32 {
        if let Some(last) = self.sequences.get_mut(invocation) {
            *last += 1;
            return *last;
        }
        if self.sequence_order.len() >= self.capacity
            && let Some(oldest) = self.sequence_order.pop_front()
        {
            self.sequences.remove(&oldest);
        }
        self.sequences.insert(invocation.to_owned(), 1);
        self.sequence_order.push_back(invocation.to_owned());
        1
    }
}

impl StartedInvocation {
    /// The request id of the invocation.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Enters the invocation in the ledger.
    pub fn finish(self, outcome: Outcome) {
        let duration_ms = in_ms(self.started.elapsed());
        let mut inner = self.ledger.lock();
        let capacity = inner.capacity;
        inner.invocations.push(capacity, |number| Invocation {
            number,
            id: self.id,
            function: self.function,
            event: self.event,
            started_at: self.started_at,
            duration_ms,
            cold: self.cold,
            outcome,
        });
    }
}

impl StartedCall {
    /// Enters the call in the ledger.
    pub fn finish(self, result: CallResult) {
        let ended = Instant::now();
        let started_at_us = self.ledger.since_born_us(self.started);
        let ended_at_us = self.ledger.since_born_us(ended);
        let mut inner = self.ledger.lock();
        let capacity = inner.capacity;
        inner.calls.push(capacity, |number| Call {
            number,
            invocation: self.invocation,
            function: self.function,
            service: self.service,
            operation: self.operation,
            table: result.table,
            status: result.status,
            error: result.error,
            read_units: result.read_units,
            write_units: result.write_units,
            duration_ms: in_ms(ended.saturating_duration_since(self.started)),
            sequence: self.sequence,
            started_at_us,
            ended_at_us,
        });
    }
}

fn message_units(bytes: usize) -> u64 {
    bytes.div_ceil(MESSAGE_UNIT_BYTES).max(1) as u64
}

fn in_ms(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1_000.0
}

/// `GET /_local/invocations`, `GET /_local/calls`, and `DELETE` of either, which resets the whole ledger.
///
/// `?since=<number>` gives what came after that entry, `function=` that function's only, `limit=` at most so many (the first
/// ones; `next` is the `since` to go on with). `totals` covers everything that `since` and `function` select, whatever the limit;
/// `messages` counts from the last reset.
pub fn routes(ledger: Ledger) -> Router {
    Router::new()
        .route("/_local/invocations", get(show_invocations).delete(reset))
        .route("/_local/calls", get(show_calls).delete(reset))
        .layer(middleware::from_fn(answer::readable_anywhere))
        .with_state(ledger)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Selection {
    #[serde(default)]
    since: u64,
    function: Option<String>,
    limit: Option<usize>,
}

impl Selection {
    fn takes(&self, number: u64, function: &str) -> bool {
        number > self.since && self.function.as_deref().is_none_or(|wanted| wanted == function)
    }

    fn limit(&self) -> usize {
        self.limit.unwrap_or(DEFAULT_LIMIT).min(RING)
    }
}

async fn show_invocations(
    State(ledger): State<Ledger>,
    selection: Result<Query<Selection>, QueryRejection>,
) -> Response {
    let selection = match selection {
        Ok(Query(selection)) => selection,
        Err(rejection) => return answer::bad_request(&rejection.body_text()),
    };
    let inner = ledger.lock();
    let chosen: Vec<&Invocation> =
        inner.invocations.entries.iter().filter(|entry| selection.takes(entry.number, &entry.function)).collect();
    let count = |outcome| chosen.iter().filter(|entry| entry.outcome == outcome).count();
    let shown = chosen.get(..selection.limit()).unwrap_or(&chosen);
    let next = if shown.len() < chosen.len() { shown.last().map(|entry| entry.number) } else { None };
    answer::json(&json!({
        "invocations": shown,
        "next": next.unwrap_or_else(|| inner.invocations.last_number.max(selection.since)),
        "dropped": inner.invocations.dropped,
        "totals": {
            "count": chosen.len(),
            "ok": count(Outcome::Ok),
            "error": count(Outcome::Error),
            "killed": count(Outcome::Killed),
            "timeout": count(Outcome::Timeout),
            "cold": chosen.iter().filter(|entry| entry.cold).count(),
            "durationMs": chosen.iter().map(|entry| entry.duration_ms).sum::<f64>(),
        },
        "messages": inner.messages,
    }))
}

async fn show_calls(State(ledger): State<Ledger>, selection: Result<Query<Selection>, QueryRejection>) -> Response {
    let selection = match selection {
        Ok(Query(selection)) => selection,
        Err(rejection) => return answer::bad_request(&rejection.body_text()),
    };
    let inner = ledger.lock();
    let chosen: Vec<&Call> =
        inner.calls.entries.iter().filter(|entry| selection.takes(entry.number, &entry.function)).collect();
    let mut operations: HashMap<String, u64> = HashMap::new();
    for entry in &chosen {
        *operations.entry(format!("{}:{}", entry.service, entry.operation)).or_default() += 1;
    }
    let shown = chosen.get(..selection.limit()).unwrap_or(&chosen);
    let next = if shown.len() < chosen.len() { shown.last().map(|entry| entry.number) } else { None };
    answer::json(&json!({
        "calls": shown,
        "next": next.unwrap_or_else(|| inner.calls.last_number.max(selection.since)),
        "dropped": inner.calls.dropped,
        "totals": {
            "count": chosen.len(),
            "errors": chosen.iter().filter(|entry| entry.status >= 400).count(),
            "readUnits": chosen.iter().map(|entry| entry.read_units).sum::<f64>(),
            "writeUnits": chosen.iter().map(|entry| entry.write_units).sum::<f64>(),
            "operations": operations,
        },
        "messages": inner.messages,
    }))
}

async fn reset(State(ledger): State<Ledger>) -> Response {
    ledger.reset();
    answer::json(&json!({ "reset": true }))
}
