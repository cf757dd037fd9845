//! A local cloud of the small template beside this file, with functions that do as their events say.
#![allow(dead_code)]

use std::{
    future::pending,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::body::Bytes;
use dais_local::{
    functions::Catalogue,
    invoke::{InvokeError, handler::Handler},
    start::{Options, Run, Running, start},
};
use futures::{FutureExt, future::BoxFuture};
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};

/// A running local cloud.
pub struct Cloud {
    pub running: Running,
    /// Every event that reached a function, with the name of its binary.
    pub events: mpsc::UnboundedReceiver<(&'static str, Value)>,
}

/// Starts one on a free port that keeps nothing.
pub async fn cloud() -> Cloud {
    cloud_with(|_| {}).await
}

/// The same, with other options.
pub async fn cloud_with(change: impl FnOnce(&mut Options)) -> Cloud {
    let (sender, events) = mpsc::unbounded_channel();
    let mut options = Options::in_memory(template());
    options.run = Run::InProcess(catalogue(&sender));
    change(&mut options);
    Cloud { running: start(options).await.unwrap(), events }
}

pub fn template() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/template.yaml")
}

impl Cloud {
    /// `127.0.0.1:1234`.
    pub fn host(&self) -> &str {
        self.running.origin.trim_start_matches("http://")
    }

    /// The next event of a function, which must be of this binary.
    pub async fn event(&mut self, binary: &str) -> Value {
        let (came, event) = self.events.recv().await.unwrap();
        assert_eq!(came, binary, "{event}");
        event
    }
}

fn catalogue(events: &mpsc::UnboundedSender<(&'static str, Value)>) -> Catalogue {
    let go = Arc::new(Notify::new());
    Catalogue::default()
        .with("http", with_events("http", events, |event| http(event).boxed()))
        .with("socket", with_events("socket", events, move |event| socket(event, Arc::clone(&go)).boxed()))
        .with("tick", with_events("tick", events, |_| async { Ok(json!({})) }.boxed()))
}

fn with_events(
    binary: &'static str,
    events: &mpsc::UnboundedSender<(&'static str, Value)>,
    act: impl Fn(Value) -> BoxFuture<'static, Result<Value, InvokeError>> + Clone + Send + Sync + 'static,
) -> impl Fn(
    &dais_function::Settings,
    &aws_config::SdkConfig,
    dais_function::AfterAnswer,
) -> Result<Handler, dais_function::SettingsError>
+ Send
+ Sync
+ 'static {
    let events = events.clone();
    move |_, _, _| {
        let (events, act) = (events.clone(), act.clone());
        let handler: Handler = Arc::new(move |event: Bytes, _| {
            let event: Value = serde_json::from_slice(&event).unwrap();
            // A test that no longer looks has what it wanted.
            let _ = events.send((binary, event.clone()));
            let done = act(event);
            async move { Ok(Bytes::from(done.await?.to_string())) }.boxed()
        });
        Ok(handler)
    }
}

/// Answers with the event it got, unless the path says otherwise.
async fn http(event: Value) -> Result<Value, InvokeError> {
    match event["pathParameters"]["id"].as_str() {
        Some("fail") => Err(InvokeError::failed("Unhandled", "asked to")),
        Some("panic") => panic!("asked to"),
        Some("hang") => pending().await,
        Some("short") => Ok(json!({ "short": true })),
        Some("malformed") => Ok(json!({ "statusCode": "many" })),
        Some("cookies") => Ok(json!({ "statusCode": 204, "cookies": ["a=1", "b=2"], "headers": {
            "access-control-allow-origin": "https://evil.example.com" } })),
        _ => Ok(json!({ "statusCode": 200, "body": event.to_string() })),
    }
}

/// Does what the message or the query of the handshake says.
async fn socket(event: Value, go: Arc<Notify>) -> Result<Value, InvokeError> {
    let ok = json!({ "statusCode": 200 });
    let query = &event["queryStringParameters"];
    if let Some(status) = query["status"].as_str() {
        return Ok(json!({ "statusCode": status.parse::<u16>().unwrap(), "body": "no" }));
    }
    if query["fail"].is_string() {
        return Err(InvokeError::failed("Unhandled", "asked to"));
    }
    let Some(text) = event["body"].as_str() else { return Ok(ok) };
    match text.split_once(' ').unwrap_or((text, "")) {
        ("say", what) => Ok(json!({ "statusCode": 200, "body": what })),
        ("fail", _) => Err(InvokeError::failed("Unhandled", "asked to")),
        ("malformed", _) => Ok(json!("text")),
        ("wait", _) => {
            go.notified().await;
            Ok(json!({ "statusCode": 200, "body": "waited" }))
        }
        ("go", _) => {
            go.notify_one();
            Ok(json!({ "statusCode": 200, "body": "went" }))
        }
        _ if text.starts_with('{') => Ok(json!({ "statusCode": 200, "body": "never seen" })),
        _ => Ok(ok),
    }
}
