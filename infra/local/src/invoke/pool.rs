//! The processes there are.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{sync::watch, time::timeout};

use super::process::Process;

/// How long an invocation waits for a process before it gets a new one.
const A_MOMENT: Duration = Duration::from_millis(10);

/// All processes by number, and those of each function that wait for work.
#[derive(Default)]
pub(super) struct Pool {
    lists: Mutex<Lists>,
    count: watch::Sender<usize>,
    /// Signals that a process waits for work again.
    returned: watch::Sender<()>,
    last_number: AtomicU64,
}

#[derive(Default)]
struct Lists {
    all: HashMap<u64, Arc<Process>>,
    idle: HashMap<String, Vec<Arc<Process>>>,
    started: BTreeMap<String, u64>,
}

impl Pool {
    /// A process of the function that waits for work, no longer in the pool's idle list. The one that was busy last, as in
    /// the cloud, so that the others are those that may go.
    pub(super) fn take_idle(&self, function: &str) -> Option<Arc<Process>> {
        let mut lists = self.lock();
        let idle = lists.idle.get_mut(function)?;
        std::iter::from_fn(|| idle.pop()).find(|process| !process.has_ended())
    }

    /// The same, after a moment if need be: a process that has just answered is free sooner than a new one has started.
    pub(super) async fn take_idle_soon(&self, function: &str) -> Option<Arc<Process>> {
        let mut returned = self.returned.subscribe();
        if let Some(process) = self.take_idle(function) {
            return Some(process);
        }
        if !self.lock().all.values().any(|process| process.function.id == function) {
            return None;
        }
        let waiting = async {
            loop {
                // The sender lives in self.
                let _ = returned.changed().await;
                if let Some(process) = self.take_idle(function) {
                    return process;
                }
            }
        };
        timeout(A_MOMENT, waiting).await.ok()
    }

    /// Puts a process back that waits for work again.
    pub(super) fn put_idle(&self, process: Arc<Process>) {
        self.lock().idle.entry(process.function.id.clone()).or_default().push(process);
        self.returned.send_replace(());
    }

    /// Enters a process that is being started.
    pub(super) fn enter(&self, make: impl FnOnce(u64) -> Arc<Process>) -> Arc<Process> {
        let process = make(self.last_number.fetch_add(1, Ordering::Relaxed) + 1);
        let mut lists = self.lock();
        *lists.started.entry(process.function.id.clone()).or_default() += 1;
        lists.all.insert(process.number, Arc::clone(&process));
        self.count.send_replace(lists.all.len());
        process
    }

    /// The process with this number.
    pub(super) fn get(&self, number: u64) -> Option<Arc<Process>> {
        self.lock().all.get(&number).cloned()
    }

    /// Forgets a process that is no more.
    pub(super) fn remove(&self, number: u64) {
        let mut lists = self.lock();
        lists.all.remove(&number);
        self.count.send_replace(lists.all.len());
        for idle in lists.idle.values_mut() {
            idle.retain(|process| process.number != number);
        }
    }

    /// All processes.
    pub(super) fn all(&self) -> Vec<Arc<Process>> {
        self.lock().all.values().cloned().collect()
    }

    /// Returns when there are none.
    pub(super) async fn empty(&self) {
        // The sender lives in self.
        let _ = self.count.subscribe().wait_for(|count| *count == 0).await;
    }

    /// How many processes have ever been started, by function.
    pub(super) fn started(&self) -> BTreeMap<String, u64> {
        self.lock().started.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Lists> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
