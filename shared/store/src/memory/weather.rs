//! What a real table does on a bad day, for tests that need one.

use std::{future::Future, pin::Pin};

/// How one operation fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It happens and its result arrives.
    Proceed,
    /// It does not happen, and an error says so.
    FailBefore,
    /// It happens, but an error arrives instead of the result.
    FailAfter,
}

/// A future that a `dyn` trait can return.
pub type Pause<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Decides over every operation. Both points may wait, so that others run in between, or never return: a killed invocation.
pub trait Weather: Send + Sync {
    /// Before the operation happens.
    fn before(&self, operation: &'static str) -> Pause<'_, Fate>;
    /// After it happened, before its result arrives.
    fn after(&self, operation: &'static str) -> Pause<'_, ()>;
}

/// Everything works at once.
pub struct FairWeather;

impl Weather for FairWeather {
    fn before(&self, _: &'static str) -> Pause<'_, Fate> {
        Box::pin(std::future::ready(Fate::Proceed))
    }

    fn after(&self, _: &'static str) -> Pause<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}
