//! A function as a process of its own, started and fed as Lambda would, and timed.

use std::{
    collections::BTreeMap,
    io::Read,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde::Serialize;
use serde_json::Value;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use crate::{
    Error,
    command::in_ms,
    processor_time,
    runtime_api::{self, Call},
};

const DEADLINE: Duration = Duration::from_secs(20);

/// A running function. Dropped, it is killed.
pub struct Function {
    child: Child,
    /// Reads what it logs, so that it never waits for a full pipe.
    log: Option<thread::JoinHandle<String>>,
    api: JoinHandle<()>,
    calls: mpsc::UnboundedReceiver<Call>,
    /// The runtime's wait for its next event.
    next: Option<oneshot::Sender<(String, Value)>>,
    has_extension: bool,
    /// The extension's wait for its next event.
    extension_next: Option<oneshot::Sender<Value>>,
    invocations: u64,
}

/// How a start went. Times from just before the process was made.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Start {
    /// Until the runtime asked for its first event.
    next_ms: f64,
    /// Until the extension had done so too: the end of Lambda's init phase.
    ready_ms: f64,
    /// Until the first event was answered.
    answer_ms: f64,
    /// Processor time until ready.
    ready_cpu_ms: f64,
    /// Processor time until the first event and what follows its answer was done.
    settled_cpu_ms: f64,
    /// Most memory it had.
    peak_kb: Option<u64>,
    /// The answer.
    answer: String,
}

/// How one more event went. Times from its delivery.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Until it was answered.
    answer_ms: f64,
    /// Until the function waited for another: the time that Lambda bills.
    settled_ms: f64,
    /// Processor time of all of it.
    cpu_ms: f64,
    /// The answer.
    answer: String,
}

impl Function {
    /// Starts `program` and gives it its first event.
    pub async fn start(
        program: &[String],
        environment: &BTreeMap<String, String>,
        event: &Value,
    ) -> Result<(Self, Start), Error> {
        let (address, calls, api) = runtime_api::start().await?;
        let (name, arguments) = program.split_first().ok_or("no program")?;
        let mut command = Command::new(name);
        command
            .args(arguments)
            .env_clear()
            .envs(environment)
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let began = Instant::now();
        let mut child = command.spawn().map_err(|error| format!("{name} cannot be started: {error}"))?;
        let log = child.stderr.take().map(|mut pipe| {
            thread::spawn(move || {
                let mut text = String::new();
                let _ = pipe.read_to_string(&mut text);
                text
            })
        });
        let mut function =
            Self { child, log, api, calls, next: None, has_extension: false, extension_next: None, invocations: 0 };
        let mut next_at = None;
        let mut ready_at = began;
        while !function.is_waiting() {
            match function.call().await? {
                Call::Next(at, reply) => {
                    (function.next, ready_at) = (Some(reply), at);
                    next_at = Some(at);
                }
                Call::ExtensionNext(at, reply) => (function.extension_next, ready_at) = (Some(reply), at),
                Call::Registered => function.has_extension = true,
                Call::Answer(..) => return Err("an answer before any event".into()),
                Call::Failure(text) => return Err(function.failed(&text)),
            }
        }
        let ready_cpu = processor_time::of(function.child.id())?;
        let run = function.deliver(event).await?;
        let since_start = |at: Instant| in_ms(at.saturating_duration_since(began));
        let start = Start {
            next_ms: since_start(next_at.unwrap_or(ready_at)),
            ready_ms: since_start(ready_at),
            answer_ms: since_start(run.answered),
            ready_cpu_ms: in_ms(ready_cpu),
            settled_cpu_ms: in_ms(processor_time::of(function.child.id())?),
            peak_kb: processor_time::memory_kb(function.child.id(), "VmHWM"),
            answer: run.answer,
        };
        Ok((function, start))
    }

    /// One more event.
    pub async fn invoke(&mut self, event: &Value) -> Result<Run, Error> {
        let before = processor_time::of(self.child.id())?;
        let began = Instant::now();
        let delivered = self.deliver(event).await?;
        Ok(Run {
            answer_ms: in_ms(delivered.answered.saturating_duration_since(began)),
            settled_ms: in_ms(delivered.settled.saturating_duration_since(began)),
            cpu_ms: in_ms(processor_time::of(self.child.id())?.saturating_sub(before)),
            answer: delivered.answer,
        })
    }

    /// Ends it and gives what it logged.
    pub fn stop(mut self) -> String {
        self.end()
    }

    /// Lambda freezes an environment, and gives it its next event, when its runtime and all its extensions wait.
    fn is_waiting(&self) -> bool {
        self.next.is_some() && (!self.has_extension || self.extension_next.is_some())
    }

    async fn deliver(&mut self, event: &Value) -> Result<Delivered, Error> {
        self.invocations += 1;
        let id = format!("00000000-0000-4000-8000-{:012}", self.invocations);
        let next = self.next.take().ok_or("the function does not wait for an event")?;
        if let Some(extension) = self.extension_next.take() {
            let _ = extension.send(runtime_api::invoke_event(&id));
        }
        let _ = next.send((id, event.clone()));
        let mut answered = None;
        let mut settled = Instant::now();
        while answered.is_none() || !self.is_waiting() {
            match self.call().await? {
                Call::Answer(at, text) => answered = Some((at, text)),
                Call::Next(at, reply) => (self.next, settled) = (Some(reply), at),
                Call::ExtensionNext(at, reply) => (self.extension_next, settled) = (Some(reply), at),
                Call::Registered => return Err("an extension registered after the start".into()),
                Call::Failure(text) => return Err(self.failed(&text)),
            }
        }
        let (answered, answer) = answered.ok_or("no answer")?;
        Ok(Delivered { answered, settled, answer })
    }

    async fn call(&mut self) -> Result<Call, Error> {
        match tokio::time::timeout(DEADLINE, self.calls.recv()).await {
            Ok(Some(call)) => Ok(call),
            Ok(None) => Err("the Runtime API has ended".into()),
            Err(_) => Err(self.failed("it does not ask, nor answer")),
        }
    }

    fn failed(&mut self, reason: &str) -> Error {
        format!("the function failed: {reason}\n{}", self.end()).into()
    }

    fn end(&mut self) -> String {
        self.api.abort();
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.log.take().and_then(|log| log.join().ok()).unwrap_or_default()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.end();
    }
}

struct Delivered {
    answered: Instant,
    settled: Instant,
    answer: String,
}
