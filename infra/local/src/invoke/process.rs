//! One execution environment: a process, what it waits for, and the invocation it works on.
//!
//! An environment takes an invocation when its runtime **and** all its extensions ask for the next event, and is busy until
//! they ask again: that is what lets a function work after its answer has gone out.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::body::Bytes;
use tokio::sync::{Notify, oneshot, watch};

use crate::template::Function;

use super::{InvokeError, in_process::fitting};

/// What the runtime and the extensions of an environment are told.
#[derive(Debug, Clone)]
pub(super) struct Work {
    pub(super) id: String,
    pub(super) event: Bytes,
    pub(super) deadline_ms: u64,
}

/// One process.
pub(super) struct Process {
    /// Unique among all processes of this run.
    pub(super) number: u64,
    pub(super) function: Arc<Function>,
    state: Mutex<State>,
    changed: watch::Sender<()>,
    /// Tells the watcher of the child to end it.
    pub(super) kill: Notify,
}

#[derive(Default)]
struct State {
    runtime: Option<oneshot::Sender<Work>>,
    /// By identifier; None while an extension is at work.
    extensions: BTreeMap<String, Option<oneshot::Sender<Work>>>,
    current: Option<Current>,
    /// Why it is no more.
    ended: Option<InvokeError>,
}

struct Current {
    id: String,
    answer: Option<oneshot::Sender<Result<Bytes, InvokeError>>>,
}

impl Process {
    /// A process that has not asked for anything yet.
    pub(super) fn new(number: u64, function: Arc<Function>) -> Arc<Self> {
        Arc::new(Self {
            number,
            function,
            state: Mutex::default(),
            changed: watch::Sender::new(()),
            kill: Notify::new(),
        })
    }

    /// The runtime asks for its next event.
    pub(super) fn runtime_next(&self) -> oneshot::Receiver<Work> {
        let (sender, receiver) = oneshot::channel();
        self.change(|state| state.runtime = Some(sender));
        receiver
    }

    /// An extension introduces itself; gives its identifier.
    pub(super) fn register_extension(&self) -> String {
        let id = crate::ids::uuid();
        self.change(|state| state.extensions.insert(id.clone(), None));
        id
    }

    /// An extension asks for its next event; None if it has not introduced itself.
    pub(super) fn extension_next(&self, id: &str) -> Option<oneshot::Receiver<Work>> {
        let (sender, receiver) = oneshot::channel();
        self.change(|state| {
            let waiting = state.extensions.get_mut(id)?;
            *waiting = Some(sender);
            Some(receiver)
        })
    }

    /// The runtime answers; false if `id` is not what it works on.
    pub(super) fn answer(&self, id: &str, answer: Result<Bytes, InvokeError>) -> bool {
        self.change(|state| match state.current.as_mut().filter(|current| current.id == id) {
            Some(current) => {
                if let Some(sender) = current.answer.take() {
                    // Nobody may wait any more; that is their business.
                    let _ = sender.send(answer.and_then(fitting));
                }
                true
            }
            None => false,
        })
    }

    /// Request id of what it works on.
    pub(super) fn current(&self) -> Option<String> {
        self.lock().current.as_ref().map(|current| current.id.clone())
    }

    /// Hands an invocation to a process that is idle.
    pub(super) fn begin(&self, work: &Work, answer: oneshot::Sender<Result<Bytes, InvokeError>>) {
        self.change(|state| {
            state.current = Some(Current { id: work.id.clone(), answer: Some(answer) });
            // A receiver that has gone is a process that ends; its watcher fails the invocation.
            if let Some(runtime) = state.runtime.take() {
                let _ = runtime.send(work.clone());
            }
            for waiting in state.extensions.values_mut() {
                if let Some(extension) = waiting.take() {
                    let _ = extension.send(work.clone());
                }
            }
        });
    }

    /// The process is no more: whatever it was doing has failed.
    pub(super) fn end(&self, why: InvokeError) {
        self.change(|state| {
            if state.ended.is_none() {
                state.ended = Some(why.clone());
            }
            if let Some(answer) = state.current.take().and_then(|current| current.answer) {
                let _ = answer.send(Err(state.ended.clone().unwrap_or(why)));
            }
        });
    }

    /// Whether it has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.lock().ended.is_some()
    }

    /// Returns when the runtime and all extensions ask for the next event, or with the reason why they never will.
    pub(super) async fn idle(&self) -> Result<(), InvokeError> {
        let mut changed = self.changed.subscribe();
        loop {
            {
                let mut state = self.lock();
                if let Some(why) = &state.ended {
                    return Err(why.clone());
                }
                if state.runtime.is_some() && state.extensions.values().all(Option::is_some) {
                    if let Some(answer) = state.current.take().and_then(|current| current.answer) {
                        let error = InvokeError::failed(
                            "Runtime.Unknown",
                            "the runtime asked for the next event instead of answering",
                        );
                        let _ = answer.send(Err(error));
                    }
                    return Ok(());
                }
            }
            // The sender lives in self.
            let _ = changed.changed().await;
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.changed.send_replace(());
        result
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
