//! Sockets that remember what was posted to them.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard},
};

use dais_domain::ConnectionId;
use dais_realtime::{PostError, Sockets};
use serde_json::Value;

use super::{executor::Yield, sky::Choices};

#[derive(Debug, Default)]
pub struct State {
    /// Connections that are open.
    pub open: HashSet<ConnectionId>,
    /// What arrived, in order.
    pub posted: Vec<(ConnectionId, String)>,
    /// Nothing but pings is remembered.
    pub only_pings: bool,
    /// Open connections that a ping has reached and who have not answered.
    pub pinged: Vec<ConnectionId>,
    /// How long posts are under way.
    pub delays: Choices,
    /// Posts that were answered with 410.
    pub refused: usize,
    /// Posts under way now.
    pub in_flight: usize,
    /// Most posts that were under way at once.
    pub most_in_flight: usize,
}

#[derive(Debug, Clone, Default)]
pub struct FakeSockets {
    state: Arc<Mutex<State>>,
}

impl FakeSockets {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn open(&self, connection: &ConnectionId) {
        self.state().open.insert(connection.clone());
    }

    pub fn is_open(&self, connection: &ConnectionId) -> bool {
        self.state().open.contains(connection)
    }

    /// From now on posts to it are answered with 410.
    pub fn lose(&self, connection: &ConnectionId) {
        self.state().open.remove(connection);
    }

    /// Takes what arrived since the last time.
    pub fn take(&self) -> Vec<(ConnectionId, String)> {
        std::mem::take(&mut self.state().posted)
    }
}

impl Sockets for FakeSockets {
    async fn post(&self, connection: &ConnectionId, message: &str) -> Result<(), PostError> {
        let delay = {
            let mut state = self.state();
            state.in_flight += 1;
            state.most_in_flight = state.most_in_flight.max(state.in_flight);
            state.delays.take() % 8
        };
        for _ in 0..=delay {
            Yield::default().await;
        }
        let mut state = self.state();
        state.in_flight -= 1;
        if !state.open.contains(connection) {
            state.refused += 1;
            return Err(PostError::Gone);
        }
        if message == "2" {
            state.pinged.push(connection.clone());
        } else if !state.only_pings {
            state.posted.push((connection.clone(), message.to_owned()));
        }
        Ok(())
    }

    async fn close(&self, connection: &ConnectionId) -> Result<(), PostError> {
        Yield::default().await;
        self.lose(connection);
        Ok(())
    }
}

/// An event as its receiver reads it: name, payload, further arguments.
pub type Event = (String, Value, Vec<Value>);

pub fn event(frame: &str) -> Event {
    let args = frame.strip_prefix("42").unwrap_or_else(|| panic!("no event: {frame}"));
    let mut args: Vec<Value> = serde_json::from_str(args).unwrap();
    let rest = args.split_off(2);
    (args[0].as_str().unwrap().to_owned(), args.swap_remove(1), rest)
}
