//! Lambda: takes events, runs functions, gives back answers.

pub mod attribution;
pub mod handler;
mod in_process;
mod pool;
mod process;
pub mod runtime_api;
mod scope;
mod spawned;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::body::Bytes;
use futures::future::BoxFuture;
use tokio::{
    sync::{Semaphore, oneshot, watch},
    time::Instant,
};

use crate::{chaos::Chaos, template::Function};

pub use in_process::InProcess;
pub use scope::defer;
pub use spawned::{SpawnError, Spawned, SpawnedSettings};

/// Largest event and largest answer of a synchronous invocation, in bytes.
pub const LARGEST_PAYLOAD: usize = 6 * 1024 * 1024;

/// Invocations at a time that an account has before it asks for more.
const ACCOUNT_CONCURRENCY: usize = 1_000;

/// How an invocation failed. The caller (API Gateway, a schedule) decides what its client sees of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// The function returned an error, panicked, or its process ended.
    #[error("{kind}: {message}")]
    Failed {
        /// Type of the error, as the runtime reports it.
        kind: String,
        /// Its text.
        message: String,
    },
    /// It ran longer than its `Timeout`.
    #[error("Task timed out after {seconds}.00 seconds")]
    TimedOut {
        /// The function's `Timeout`.
        seconds: u64,
    },
    /// A chaos switch ended its environment.
    #[error("Runtime.ExitError: killed on purpose")]
    Killed,
    /// Too many invocations at a time: try again later.
    #[error("TooManyRequestsException: Rate Exceeded.")]
    Throttled,
    /// The event is larger than Lambda takes.
    #[error("RequestTooLargeException: the event has {bytes} bytes, Lambda takes {LARGEST_PAYLOAD}")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
}

impl InvokeError {
    /// [`InvokeError::Failed`] from its parts.
    pub fn failed(kind: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Failed { kind: kind.into(), message: message.into() }
    }
}

/// An event for a function.
#[derive(Debug, Clone)]
pub struct Order {
    /// Logical id of the function.
    pub function: String,
    /// What the ledger calls the event: `MESSAGE $default`, `POST /api/meetings`, `schedule`.
    pub label: String,
    /// The event, JSON.
    pub event: Bytes,
    /// Whether the duplicates of the chaos switches may strike. Not for requests by HTTP, which have one answer, and not
    /// for `$connect`, which makes one connection.
    pub at_least_once: bool,
}

/// One run of a function, as an invoker gets it.
pub struct Invocation {
    /// Request id.
    pub id: String,
    /// What is run.
    pub function: Arc<Function>,
    /// See [`Order::label`].
    pub label: String,
    /// The event, JSON.
    pub event: Bytes,
    /// When it is cut off.
    pub deadline: Instant,
    /// The same in ms since the epoch, for the function to see.
    pub deadline_ms: u64,
    /// Any number, if it is to be killed at a moment that the number decides.
    pub kill: Option<usize>,
    /// Takes the answer, as soon as there is one.
    pub answer: oneshot::Sender<Result<Bytes, InvokeError>>,
}

impl Invocation {
    fn timed_out(&self) -> InvokeError {
        InvokeError::TimedOut { seconds: self.function.timeout.as_secs() }
    }
}

/// Runs functions, in whatever way.
pub trait Invoker: Send + Sync {
    /// Runs an invocation: sends its answer, then completes when its environment has nothing more to do.
    fn invoke(&self, invocation: Invocation) -> BoxFuture<'static, ()>;

    /// Ends environments that outlive an invocation.
    fn shutdown(&self) -> BoxFuture<'_, ()>;
}

/// The Lambda service. Clones share it.
#[derive(Clone)]
pub struct Lambda {
    inner: Arc<Inner>,
}

struct Inner {
    functions: BTreeMap<String, (Arc<Function>, Arc<Semaphore>)>,
    account: Arc<Semaphore>,
    invoker: Arc<dyn Invoker>,
    chaos: Chaos,
    running: watch::Sender<usize>,
}

impl Lambda {
    /// A service that runs `functions` through `invoker`.
    pub fn new(functions: &BTreeMap<String, Function>, invoker: Arc<dyn Invoker>, chaos: Chaos) -> Self {
        let functions = functions
            .iter()
            .map(|(id, function)| {
                let places = function.concurrency.unwrap_or(ACCOUNT_CONCURRENCY);
                (id.clone(), (Arc::new(function.clone()), Arc::new(Semaphore::new(places))))
            })
            .collect();
        let inner = Inner {
            functions,
            account: Arc::new(Semaphore::new(ACCOUNT_CONCURRENCY)),
            invoker,
            chaos,
            running: watch::Sender::new(0),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Runs the function and gives its answer, JSON. The run goes on if nobody waits for the answer any more.
    ///
    /// # Errors
    /// See [`InvokeError`].
    pub async fn invoke(&self, order: Order) -> Result<Bytes, InvokeError> {
        if order.event.len() > LARGEST_PAYLOAD {
            return Err(InvokeError::TooLarge { bytes: order.event.len() });
        }
        let delay = self.inner.chaos.invocation_delay();
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let id = crate::ids::uuid();
        let twice = order.at_least_once && self.inner.chaos.roll(self.inner.chaos.current().duplicate_invocations);
        let first = self.start(&order, id.clone());
        if !twice {
            return first.await;
        }
        if self.inner.chaos.roll(0.5) {
            let second = self.start(&order, id);
            let (answer, _) = tokio::join!(first, second);
            answer
        } else {
            let answer = first.await;
            let _ = self.start(&order, id).await;
            answer
        }
    }

    /// Starts a run; the future gives its answer.
    fn start(&self, order: &Order, id: String) -> impl Future<Output = Result<Bytes, InvokeError>> + use<> {
        let started = self.spawn(order, id);
        let label = format!("{} {}", order.function, order.label);
        async move {
            let answer = match started {
                // The sender goes without a word only if the invoker itself has failed.
                Ok(answer) => answer.await.unwrap_or_else(|_| Err(InvokeError::failed("Runtime.Unknown", "no answer"))),
                Err(error) => Err(error),
            };
            match &answer {
                Ok(_) => {}
                Err(error @ InvokeError::Throttled) => {
                    tracing::debug!(invocation = %label, %error, "invocation refused")
                }
                Err(error) => tracing::warn!(invocation = %label, %error, "invocation failed"),
            }
            answer
        }
    }

    fn spawn(&self, order: &Order, id: String) -> Result<oneshot::Receiver<Result<Bytes, InvokeError>>, InvokeError> {
        let (function, places) = self.inner.functions.get(&order.function).ok_or_else(|| {
            InvokeError::failed("ResourceNotFoundException", format!("there is no function {}", order.function))
        })?;
        let own = Arc::clone(places).try_acquire_owned().map_err(|_| InvokeError::Throttled)?;
        let account = Arc::clone(&self.inner.account).try_acquire_owned().map_err(|_| InvokeError::Throttled)?;
        let (sender, receiver) = oneshot::channel();
        let chaos = &self.inner.chaos;
        let invocation = Invocation {
            id,
            function: Arc::clone(function),
            label: order.label.clone(),
            event: order.event.clone(),
            deadline: Instant::now() + function.timeout,
            deadline_ms: machine_ms().saturating_add(in_ms(function.timeout)),
            kill: chaos.roll(chaos.current().kill_invocations).then(|| chaos.pick(usize::MAX)),
            answer: sender,
        };
        let run = self.inner.invoker.invoke(invocation);
        let running = Running::enter(&self.inner);
        tokio::spawn(async move {
            run.await;
            drop((own, account, running));
        });
        Ok(receiver)
    }

    /// Returns when nothing runs.
    pub async fn idle(&self) {
        let mut running = self.inner.running.subscribe();
        // The sender lives in self.
        let _ = running.wait_for(|count| *count == 0).await;
    }

    /// Ends environments that outlive an invocation.
    pub async fn shutdown(&self) {
        self.inner.invoker.shutdown().await;
    }
}

/// Counts a run for as long as it lives.
struct Running(Arc<Inner>);

impl Running {
    fn enter(inner: &Arc<Inner>) -> Self {
        inner.running.send_modify(|count| *count += 1);
        Self(Arc::clone(inner))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.send_modify(|count| *count -= 1);
    }
}

/// The machine's time: a deadline is a matter of computing, not of the local clock.
fn machine_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, in_ms)
}

fn in_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
