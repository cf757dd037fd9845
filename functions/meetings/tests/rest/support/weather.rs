//! Days at the table.

use std::{
    collections::VecDeque,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use dais_store::memory::{Fate, Pause, Weather};

/// Counts operations; all succeed.
#[derive(Debug, Default)]
pub struct Counting(AtomicUsize);

impl Counting {
    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Weather for Counting {
    fn before(&self, _: &'static str) -> Pause<'_, Fate> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(std::future::ready(Fate::Proceed))
    }

    fn after(&self, _: &'static str) -> Pause<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// One operation fares as scripted, one fate after the other; all others succeed.
#[derive(Debug)]
pub struct Script {
    operation: &'static str,
    fates: Mutex<VecDeque<Fate>>,
    last: Fate,
}

impl Script {
    /// Afterwards all succeed.
    pub fn then_fair(operation: &'static str, fates: impl IntoIterator<Item = Fate>) -> Self {
        Self { operation, fates: Mutex::new(fates.into_iter().collect()), last: Fate::Proceed }
    }

    /// For ever.
    pub fn always(operation: &'static str, fate: Fate) -> Self {
        Self { operation, fates: Mutex::default(), last: fate }
    }
}

impl Weather for Script {
    fn before(&self, operation: &'static str) -> Pause<'_, Fate> {
        let next = || self.fates.lock().unwrap().pop_front().unwrap_or(self.last);
        Box::pin(std::future::ready(if operation == self.operation { next() } else { Fate::Proceed }))
    }

    fn after(&self, _: &'static str) -> Pause<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// Once it has begun, lets others run between any two points, and fails now and then, as the numbers given say.
#[derive(Debug)]
pub struct Rough {
    numbers: Vec<u8>,
    at: AtomicUsize,
    begun: AtomicBool,
}

impl Rough {
    pub fn new(numbers: Vec<u8>) -> Self {
        Self { numbers, at: AtomicUsize::new(0), begun: AtomicBool::new(false) }
    }

    pub fn begin(&self) {
        self.begun.store(true, Ordering::SeqCst);
    }

    /// 252 is fair weather: it neither fails nor waits.
    fn next(&self) -> u8 {
        if !self.begun.load(Ordering::SeqCst) {
            return 252;
        }
        let at = self.at.fetch_add(1, Ordering::SeqCst);
        self.numbers.get(at % self.numbers.len().max(1)).copied().unwrap_or_default()
    }
}

impl Weather for Rough {
    fn before(&self, operation: &'static str) -> Pause<'_, Fate> {
        let number = self.next();
        Box::pin(async move {
            for _ in 0..number % 7 {
                tokio::task::yield_now().await;
            }
            match (operation, number) {
                ("commit" | "create", 0..=20) => Fate::FailBefore,
                ("commit" | "create", 21..=40) => Fate::FailAfter,
                _ => Fate::Proceed,
            }
        })
    }

    fn after(&self, _: &'static str) -> Pause<'_, ()> {
        let number = self.next();
        Box::pin(async move {
            for _ in 0..number % 7 {
                tokio::task::yield_now().await;
            }
        })
    }
}
