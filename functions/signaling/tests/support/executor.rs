//! Runs futures without a clock and without threads: what runs next is the caller's choice.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
};

/// Lets everything else run once.
#[derive(Default)]
pub struct Yield(bool);

impl Future for Yield {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        // Combinators such as FuturesUnordered poll only who has called.
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// One step of a future, up to its next wait.
pub fn step<T>(future: Pin<&mut (impl Future<Output = T> + ?Sized)>) -> Option<T> {
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// Runs one future to its end, alone.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    for _ in 0..1_000_000 {
        if let Some(value) = step(future.as_mut()) {
            return value;
        }
    }
    panic!("a future does not end");
}
