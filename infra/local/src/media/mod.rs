//! Media nodes, as ECS runs them in the cloud: programs of their own that are started again when they end.

mod grants;
mod node;
mod routes;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::Serialize;
use tokio::{sync::Notify, task::JoinHandle, time::timeout};

pub use grants::{ACTIONS, NAME, grant};
pub use routes::routes;

/// How long nodes have to end when they are told to.
const PATIENCE: Duration = Duration::from_millis(500);

/// Which nodes are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// How many.
    pub count: usize,
    /// The program.
    pub program: PathBuf,
}

/// What nodes are told.
#[derive(Debug, Clone)]
pub struct NodeSettings {
    /// Address of this process: `http://127.0.0.1:3000`.
    pub origin: String,
    /// The table.
    pub table: String,
    /// The stage of the WebSocket API.
    pub stage: String,
    /// `AWS_REGION`.
    pub region: String,
}

/// A node, for people and tests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct NodeState {
    /// 1, 2, 3 …; stays the same when its program is started again.
    pub node: usize,
    /// What the program calls itself in the table, once it is ready.
    pub id: Option<String>,
    /// Its process, while it runs.
    pub pid: Option<u32>,
    /// How often it has been started.
    pub starts: u32,
}

struct Slot {
    state: Mutex<NodeState>,
    kill: Notify,
    stop: Notify,
}

impl Slot {
    fn state(&self) -> MutexGuard<'_, NodeState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The nodes. Clones share them.
#[derive(Clone, Default)]
pub struct MediaNodes {
    slots: Arc<[Arc<Slot>]>,
    keepers: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl MediaNodes {
    /// Starts the nodes and does not wait for them.
    pub fn start(wanted: &Wanted, settings: &NodeSettings) -> Self {
        let slot = |node| {
            let state = Mutex::new(NodeState { node, ..NodeState::default() });
            Arc::new(Slot { state, kill: Notify::new(), stop: Notify::new() })
        };
        let slots: Arc<[Arc<Slot>]> = (1..=wanted.count).map(slot).collect();
        let keep = |slot: &Arc<Slot>| tokio::spawn(node::keep(slot.clone(), wanted.program.clone(), settings.clone()));
        let keepers = Arc::new(Mutex::new(slots.iter().map(keep).collect()));
        Self { slots, keepers }
    }

    /// How they are.
    pub fn states(&self) -> Vec<NodeState> {
        self.slots.iter().map(|slot| slot.state().clone()).collect()
    }

    /// Ends a node's program at once, as a machine does that fails. Gives what it was; `None`: there is none that runs.
    pub fn kill(&self, node: usize) -> Option<NodeState> {
        let slot = self.slots.iter().find(|slot| slot.state().node == node)?;
        let state = slot.state().clone();
        state.pid?;
        slot.kill.notify_one();
        Some(state)
    }

    /// Ends all of them.
    pub async fn stop(&self) {
        for slot in self.slots.iter() {
            slot.stop.notify_one();
        }
        let keepers = std::mem::take(&mut *self.keepers.lock().unwrap_or_else(PoisonError::into_inner));
        for mut keeper in keepers {
            if timeout(PATIENCE, &mut keeper).await.is_err() {
                // Its child is killed with it.
                keeper.abort();
            }
        }
    }
}
