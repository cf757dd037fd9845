//! The weather over the table: others run before and after every operation, and some operations fail.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard},
};

use dais_store::memory::{Fate, Pause, Weather};

use super::executor::Yield;

pub const FAIL_BEFORE: Fate = Fate::FailBefore;
pub const FAIL_AFTER: Fate = Fate::FailAfter;

/// Choices made beforehand, one byte each; zeros when there are no more.
#[derive(Debug, Default)]
pub struct Choices {
    bytes: Vec<u8>,
    next: usize,
}

impl Choices {
    pub fn new(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), next: 0 }
    }

    pub fn take(&mut self) -> usize {
        let byte = self.bytes.get(self.next).copied().unwrap_or_default();
        self.next += 1;
        usize::from(byte)
    }
}

#[derive(Debug, Default)]
pub struct State {
    /// Operations happen at once and are not counted: the test itself is looking.
    pub calm: bool,
    /// Of 256 operations, so many fail.
    pub storm: usize,
    pub fates: Choices,
    /// How the next operations of a name fare, whatever the storm.
    pub planned: HashMap<&'static str, VecDeque<Fate>>,
    /// Operations that happened.
    pub happened: Vec<&'static str>,
    /// Operations that seemed to fail.
    pub failures: usize,
    /// Operations under way now.
    pub under_way: usize,
    /// Times that an operation began while none was under way: round trips, one after the other.
    pub round_trips: usize,
}

impl State {
    fn by_chance(&mut self) -> Fate {
        let choice = if self.storm == 0 { 0 } else { self.fates.take() };
        if choice < 256 - self.storm {
            return Fate::Proceed;
        }
        if choice % 2 == 0 { Fate::FailBefore } else { Fate::FailAfter }
    }
}

#[derive(Debug, Default)]
pub struct Sky {
    state: Mutex<State>,
}

impl Sky {
    pub fn new(storm: usize, fates: &[u8]) -> Self {
        Self { state: Mutex::new(State { storm, fates: Choices::new(fates), ..State::default() }) }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The next operations of this name fail so.
    pub fn fail(&self, operation: &'static str, fates: &[Fate]) {
        self.state().planned.insert(operation, fates.iter().copied().collect());
    }

    /// What happened, and in how many round trips, since this was asked last.
    pub fn take(&self) -> (Vec<&'static str>, usize) {
        let mut state = self.state();
        (std::mem::take(&mut state.happened), std::mem::take(&mut state.round_trips))
    }

    /// Whether such an operation has happened.
    pub fn happened(&self, operation: &str) -> bool {
        self.state().happened.contains(&operation)
    }

    fn fate(&self, operation: &'static str) -> Fate {
        let mut state = self.state();
        let planned = state.planned.get_mut(operation).and_then(VecDeque::pop_front);
        let fate = planned.unwrap_or_else(|| state.by_chance());
        if fate != Fate::Proceed {
            state.failures += 1;
        }
        if fate != Fate::FailBefore {
            state.happened.push(operation);
        }
        if fate != Fate::Proceed {
            state.under_way -= 1;
        }
        fate
    }
}

impl Weather for Sky {
    fn before(&self, operation: &'static str) -> Pause<'_, Fate> {
        if self.state().calm {
            return Box::pin(std::future::ready(Fate::Proceed));
        }
        {
            let mut state = self.state();
            state.round_trips += usize::from(state.under_way == 0);
            state.under_way += 1;
        }
        Box::pin(async move {
            Yield::default().await;
            self.fate(operation)
        })
    }

    fn after(&self, _operation: &'static str) -> Pause<'_, ()> {
        if self.state().calm {
            return Box::pin(std::future::ready(()));
        }
        Box::pin(async move {
            Yield::default().await;
            self.state().under_way -= 1;
        })
    }
}
