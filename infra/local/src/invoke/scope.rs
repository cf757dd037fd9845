//! What belongs to one in-process invocation: its id, its work after the answer, and the moment of its death.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use futures::future::BoxFuture;
use tokio::{sync::watch, task::AbortHandle};

tokio::task_local! {
    static CURRENT: Arc<Scope>;
}

/// One invocation and all that was started by it.
#[derive(Debug)]
pub(super) struct Scope {
    /// Request id.
    pub(super) id: String,
    /// Logical id of the function.
    pub(super) function: String,
    /// How often its futures may still be polled before it is killed; a poll is about a step between two awaits.
    steps: Option<AtomicUsize>,
    /// Whether a future was ended that way.
    killed: AtomicBool,
    deferred: Mutex<Vec<AbortHandle>>,
    open: watch::Sender<usize>,
}

impl Scope {
    /// A scope whose futures end after `steps` polls together, if given.
    pub(super) fn new(id: String, function: String, steps: Option<usize>) -> Arc<Self> {
        let steps = steps.map(AtomicUsize::new);
        Arc::new(Self {
            id,
            function,
            steps,
            killed: AtomicBool::new(false),
            deferred: Mutex::default(),
            open: watch::Sender::new(0),
        })
    }

    /// The scope of the task that asks.
    pub(super) fn current() -> Option<Arc<Self>> {
        CURRENT.try_with(Arc::clone).ok()
    }

    /// Runs `work` in this scope. None when it was killed.
    pub(super) async fn run<F: Future>(self: &Arc<Self>, work: F) -> Option<F::Output> {
        let killable = Killable { scope: Arc::clone(self), work: Box::pin(work) };
        CURRENT.scope(Arc::clone(self), killable).await
    }

    /// Starts work that outlives the answer.
    fn defer(self: &Arc<Self>, work: BoxFuture<'static, ()>) {
        let open = Open::enter(self);
        let scope = Arc::clone(self);
        let task = tokio::spawn(async move {
            scope.run(work).await;
            drop(open);
        });
        self.deferred.lock().unwrap_or_else(PoisonError::into_inner).push(task.abort_handle());
    }

    /// Returns when no deferred work is left.
    pub(super) async fn idle(&self) {
        let mut open = self.open.subscribe();
        // The sender lives in self.
        let _ = open.wait_for(|count| *count == 0).await;
    }

    /// Ends deferred work where it stands.
    pub(super) fn abort(&self) {
        for task in self.deferred.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            task.abort();
        }
    }

    /// Whether a future of the scope was killed.
    pub(super) fn was_killed(&self) -> bool {
        self.killed.load(Ordering::Relaxed)
    }

    /// Whether the futures of the scope have been polled as often as they may be. Each question is a poll.
    fn spent(&self) -> bool {
        let spent = self.steps.as_ref().is_some_and(|steps| {
            steps.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err()
        });
        if spent {
            self.killed.store(true, Ordering::Relaxed);
        }
        spent
    }
}

/// Starts work that outlives the answer of the invocation that asks for it; outside of one, just starts it.
pub fn defer(work: BoxFuture<'static, ()>) {
    match Scope::current() {
        Some(scope) => scope.defer(work),
        None => {
            tokio::spawn(work);
        }
    }
}

struct Killable<F> {
    scope: Arc<Scope>,
    work: Pin<Box<F>>,
}

impl<F: Future> Future for Killable<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.scope.spent() {
            return Poll::Ready(None);
        }
        self.work.as_mut().poll(context).map(Some)
    }
}

/// Counts deferred work for as long as it lives, however it ends.
struct Open(Arc<Scope>);

impl Open {
    fn enter(scope: &Arc<Scope>) -> Self {
        scope.open.send_modify(|count| *count += 1);
        Self(Arc::clone(scope))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.send_modify(|count| *count -= 1);
    }
}
