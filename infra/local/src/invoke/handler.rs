//! A function's code behind one signature: JSON in, JSON out, through the same (de)serialisation as in the cloud.

use std::sync::Arc;

use axum::body::Bytes;
use futures::future::BoxFuture;
use lambda_http::{Adapter, Service, service_fn};
use lambda_runtime::{Context, LambdaEvent};
use serde::{Serialize, de::DeserializeOwned};

use super::InvokeError;

/// Runs one invocation.
pub type Handler = Arc<dyn Fn(Bytes, Context) -> BoxFuture<'static, Result<Bytes, InvokeError>> + Send + Sync>;

/// A function that takes events of type `E` and answers with `R`, as given to `lambda_runtime::run`.
pub fn event_handler<A, E, R, F, H>(app: A, handle: H) -> Handler
where
    H: Fn(Arc<A>, LambdaEvent<E>) -> F + Clone + Send + Sync + 'static,
    A: Send + Sync + 'static,
    E: DeserializeOwned + Send + 'static,
    R: Serialize + Send,
    F: Future<Output = Result<R, lambda_runtime::Error>> + Send + 'static,
{
    let app = Arc::new(app);
    Arc::new(move |event, context| {
        let (app, handle) = (Arc::clone(&app), handle.clone());
        Box::pin(async move {
            let event = serde_json::from_slice(&event).map_err(unreadable)?;
            let answer = handle(app, LambdaEvent::new(event, context)).await.map_err(failed)?;
            serde_json::to_vec(&answer).map(Bytes::from).map_err(unwritable)
        })
    })
}

/// A function that takes HTTP requests, as given to `lambda_http::run`.
pub fn http_handler<A, F, H>(app: A, handle: H) -> Handler
where
    H: Fn(Arc<A>, lambda_http::Request) -> F + Clone + Send + Sync + 'static,
    A: Send + Sync + 'static,
    F: Future<Output = Result<lambda_http::Response<lambda_http::Body>, lambda_http::Error>> + Send + 'static,
{
    let app = Arc::new(app);
    Arc::new(move |event, context| {
        let (app, handle) = (Arc::clone(&app), handle.clone());
        Box::pin(async move {
            let event: lambda_http::request::LambdaRequest = serde_json::from_slice(&event).map_err(unreadable)?;
            // Hidden from its docs, but it is what `lambda_http::run` does; see the version in the workspace table.
            let mut service = Adapter::from(service_fn(move |request| handle(Arc::clone(&app), request)));
            let answer = service.call(LambdaEvent::new(event, context)).await.map_err(failed)?;
            serde_json::to_vec(&answer).map(Bytes::from).map_err(unwritable)
        })
    })
}

// The types of error that lambda_runtime reports.

fn unreadable(error: serde_json::Error) -> InvokeError {
    InvokeError::failed("Runtime.EventDeserialize", error.to_string())
}

fn unwritable(error: serde_json::Error) -> InvokeError {
    InvokeError::failed("Runtime.ResponseSerialize", error.to_string())
}

fn failed(error: lambda_runtime::Error) -> InvokeError {
    InvokeError::failed("Unhandled", error.to_string())
}
