//! Counts what an invocation has still to do after its answer.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::{Notify, Semaphore};

use crate::AfterAnswer;

/// Deferred work of this environment, and the signal that a handler has finished.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    tasks: AtomicUsize,
    idle: Notify,
    handled: Semaphore,
}

impl Pending {
    pub(crate) fn new() -> Self {
        let inner = Inner { tasks: AtomicUsize::new(0), idle: Notify::new(), handled: Semaphore::new(0) };
        Self { inner: Arc::new(inner) }
    }

    /// Defers work as tasks of this runtime.
    pub(crate) fn after_answer(&self) -> AfterAnswer {
        let inner = self.inner.clone();
        AfterAnswer::with_spawner(Arc::new(move |work| {
            inner.tasks.fetch_add(1, Ordering::SeqCst);
            let done = TaskDone(inner.clone());
            tokio::spawn(async move {
                let _done = done;
                work.await;
            });
        }))
    }

    /// Signals, when dropped, that one handler has finished, even by panic.
    pub(crate) fn handler_guard(&self) -> HandlerDone {
        HandlerDone(self.inner.clone())
    }

    /// Waits until one more handler has finished and nothing deferred is left.
    pub(crate) async fn settled(&self) {
        if let Ok(permit) = self.inner.handled.acquire().await {
            permit.forget();
        }
        loop {
            let idle = self.inner.idle.notified();
            if self.inner.tasks.load(Ordering::SeqCst) == 0 {
                return;
            }
            idle.await;
        }
    }
}

struct TaskDone(Arc<Inner>);

impl Drop for TaskDone {
    fn drop(&mut self) {
        if self.0.tasks.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.idle.notify_waiters();
        }
    }
}

pub(crate) struct HandlerDone(Arc<Inner>);

impl Drop for HandlerDone {
    fn drop(&mut self) {
        self.0.handled.add_permits(1);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::Duration;

    use tokio::{sync::oneshot, time::timeout};

    use super::*;

    #[tokio::test]
    async fn an_invocation_settles_when_its_deferred_work_is_done() {
        let pending = Pending::new();
        let (finish, finished) = oneshot::channel::<()>();
        pending.after_answer().defer(async move { finished.await.unwrap() });
        drop(pending.handler_guard());
        let settled = pending.settled();
        tokio::pin!(settled);
        assert!(timeout(Duration::ZERO, &mut settled).await.is_err(), "work is left");
        finish.send(()).unwrap();
        settled.await;
    }

    #[tokio::test]
    async fn an_invocation_does_not_settle_before_its_handler_has_finished() {
        let pending = Pending::new();
        let guard = pending.handler_guard();
        let settled = pending.settled();
        tokio::pin!(settled);
        assert!(timeout(Duration::ZERO, &mut settled).await.is_err(), "the handler runs");
        drop(guard);
        settled.await;
    }
}
