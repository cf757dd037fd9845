//! Functions as parts of this process: the default, and what almost all tests use.

use std::{
    any::Any,
    collections::BTreeMap,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::body::Bytes;
use futures::{FutureExt, future::BoxFuture};
use lambda_runtime::Context;
use tokio::time::timeout_at;

use crate::{
    ledger::{Ledger, Outcome},
    template::ACCOUNT,
};

use super::{Invocation, InvokeError, Invoker, LARGEST_PAYLOAD, handler::Handler, scope::Scope};

/// A handler takes a few dozen steps with all its calls; a death beyond the last one is none.
const MOST_STEPS: usize = 64;

/// Calls handlers in tasks of this process.
pub struct InProcess {
    functions: BTreeMap<String, Environment>,
    ledger: Ledger,
    region: String,
}

struct Environment {
    handler: Handler,
    /// Whether it has run before.
    warm: AtomicBool,
}

impl InProcess {
    /// An invoker of these handlers, by logical id.
    pub fn new(handlers: BTreeMap<String, Handler>, ledger: Ledger, region: String) -> Self {
        let functions = handlers
            .into_iter()
            .map(|(id, handler)| (id, Environment { handler, warm: AtomicBool::new(false) }))
            .collect();
        Self { functions, ledger, region }
    }
}

impl Invoker for InProcess {
    fn invoke(&self, invocation: Invocation) -> BoxFuture<'static, ()> {
        let Some(environment) = self.functions.get(&invocation.function.id) else {
            let message = format!("there is no code for {}", invocation.function.id);
            // Nobody may wait for the answer; that is their business.
            let _ = invocation.answer.send(Err(InvokeError::failed("Runtime.InvalidEntrypoint", message)));
            return futures::future::ready(()).boxed();
        };
        let cold = !environment.warm.swap(true, Ordering::Relaxed);
        let entry = self.ledger.start_invocation(&invocation.id, &invocation.function.id, &invocation.label, cold);
        let mut context = Context::default();
        context.request_id.clone_from(&invocation.id);
        context.deadline = invocation.deadline_ms;
        context.invoked_function_arn =
            format!("arn:aws:lambda:{}:{ACCOUNT}:function:{}", self.region, invocation.function.id);
        let handler = Arc::clone(&environment.handler);
        async move {
            let steps = invocation.kill.map(|number| number % MOST_STEPS);
            // Some die when all is done but nobody has been told.
            let answer_lost = invocation.kill.is_some_and(|number| (number / MOST_STEPS).is_multiple_of(4));
            let scope = Scope::new(invocation.id.clone(), invocation.function.id.clone(), steps);
            // The call itself is inside, so that a panic before the first await is caught too.
            let run = scope.run(async { handler(invocation.event.clone(), context).await });
            let answer = match timeout_at(invocation.deadline, AssertUnwindSafe(run).catch_unwind()).await {
                Err(_) => Err(invocation.timed_out()),
                Ok(Err(panic)) => Err(InvokeError::failed("Runtime.Panic", panic_text(panic.as_ref()))),
                Ok(Ok(None)) => Err(InvokeError::Killed),
                Ok(Ok(Some(Ok(_)))) if answer_lost => Err(InvokeError::Killed),
                Ok(Ok(Some(answer))) => answer.and_then(fitting),
            };
            let mut outcome = match &answer {
                Ok(_) => Outcome::Ok,
                Err(InvokeError::Killed) => Outcome::Killed,
                Err(InvokeError::TimedOut { .. }) => Outcome::Timeout,
                Err(_) => Outcome::Error,
            };
            if matches!(outcome, Outcome::Killed | Outcome::Timeout) {
                // The environment is gone, and with it what it still wanted to do.
                scope.abort();
            }
            let _ = invocation.answer.send(answer);
            if timeout_at(invocation.deadline, scope.idle()).await.is_err() {
                scope.abort();
                outcome = Outcome::Timeout;
                tracing::warn!(function = %invocation.function.id, "work after the answer ran into the function's timeout");
            }
            if scope.was_killed() {
                outcome = Outcome::Killed;
            }
            entry.finish(outcome);
        }
        .boxed()
    }

    fn shutdown(&self) -> BoxFuture<'_, ()> {
        futures::future::ready(()).boxed()
    }
}

/// An answer that Lambda would carry.
pub(super) fn fitting(answer: Bytes) -> Result<Bytes, InvokeError> {
    if answer.len() > LARGEST_PAYLOAD {
        let message = format!("the answer has {} bytes, Lambda takes {LARGEST_PAYLOAD}", answer.len());
        return Err(InvokeError::failed("Function.ResponseSizeTooLarge", message));
    }
    Ok(answer)
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".to_owned())
}
