//! Start of a function: settings, SDK configuration, the internal extension, then events until the environment ends.

use std::{
    fmt::Debug,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use aws_config::{BehaviorVersion, SdkConfig};
use lambda_extension::{Extension, NextEvent};
use lambda_runtime::{Diagnostic, Error, LambdaEvent, Service, service_fn};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    AfterAnswer, Settings, logging,
    pending::{HandlerDone, Pending},
};

/// Everything that an `App` is built from.
#[derive(Debug)]
pub struct Boot {
    /// The function's environment.
    pub settings: Settings,
    /// Region, credentials and endpoints; loaded once, as it costs most of a cold start.
    pub aws: SdkConfig,
    pending: Pending,
}

impl Boot {
    /// Reads the environment.
    pub async fn start() -> Self {
        let settings = Settings::from_env();
        logging::init(settings.optional("LOG_FORMAT"));
        Self { settings, aws: aws_config::load_defaults(BehaviorVersion::latest()).await, pending: Pending::new() }
    }

    /// Where the function's handler defers work to.
    pub fn after_answer(&self) -> AfterAnswer {
        self.pending.after_answer()
    }

    /// Serves events until the environment ends.
    ///
    /// An internal extension asks for its next event only when the deferred work of the last invocation is done:
    /// Lambda freezes an environment when its runtime and all its extensions are waiting (Lambda Extensions API).
    pub async fn serve<A, F, R>(self, handler: F) -> Result<(), Error>
    where
        F: Service<LambdaEvent<A>, Response = R>,
        F::Future: Future<Output = Result<R, F::Error>>,
        F::Error: Into<Diagnostic> + Debug,
        A: DeserializeOwned,
        R: Serialize,
    {
        let pending = self.pending.clone();
        let extension = Extension::new()
            .with_extension_name("after-answer")
            .with_events(&["INVOKE"])
            .with_events_processor(service_fn(move |event: lambda_extension::LambdaEvent| {
                let pending = pending.clone();
                async move {
                    if let NextEvent::Invoke(_) = event.next {
                        pending.settled().await;
                    }
                    Ok::<(), Error>(())
                }
            }))
            .register()
            .await?;
        let handler = Signalled { inner: handler, pending: self.pending };
        tokio::try_join!(lambda_runtime::run(handler), extension.run()).map(drop)
    }
}

/// A handler that signals when it has finished.
struct Signalled<F> {
    inner: F,
    pending: Pending,
}

impl<A, F> Service<LambdaEvent<A>> for Signalled<F>
where
    F: Service<LambdaEvent<A>>,
{
    type Response = F::Response;
    type Error = F::Error;
    type Future = SignalledFuture<F::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), F::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, event: LambdaEvent<A>) -> Self::Future {
        SignalledFuture { inner: Box::pin(self.inner.call(event)), _done: self.pending.handler_guard() }
    }
}

struct SignalledFuture<F> {
    inner: Pin<Box<F>>,
    _done: HandlerDone,
}

impl<F: Future> Future for SignalledFuture<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.inner.as_mut().poll(context)
    }
}
