//! Functions as the programs that are deployed, one process per environment, on a Runtime API of our own (`--spawn`).

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use tokio::{
    process::{Child, Command},
    sync::Semaphore,
    time::{sleep, timeout, timeout_at},
};

use crate::{
    ledger::{Ledger, Outcome},
    template::Function,
};

use super::{
    Invocation, InvokeError, Invoker,
    attribution::{ACCESS_KEY, SECRET_KEY},
    pool::Pool,
    process::{Process, Work},
};

/// What Lambda gives a program to start, in seconds.
const INIT: Duration = Duration::from_secs(10);

/// A kill strikes at a moment within this time.
const LATEST_KILL: Duration = Duration::from_millis(20);

/// More processes than this would be too many for a laptop; further invocations wait, which they do not in the cloud.
const MOST_PROCESSES: usize = 64;

/// Why the programs cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// A program is not there: build it, or say with `--functions` where the programs are.
    #[error("the program {0} of a function is missing: build it, or give the folder of the programs with --functions")]
    Missing(PathBuf),
}

/// How processes are started.
#[derive(Debug, Clone)]
pub struct SpawnedSettings {
    /// Folder of the programs; their names are the `Binary` of the functions.
    pub programs: PathBuf,
    /// Address of this process: `http://127.0.0.1:3000`.
    pub origin: String,
    /// `AWS_REGION`.
    pub region: String,
    /// Address of the WebSocket API in the functions' environments, which leads to the process' own path here.
    pub websocket_base: String,
}

/// Starts processes and gives them work.
#[derive(Clone)]
pub struct Spawned {
    inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) pool: Pool,
    pub(super) settings: SpawnedSettings,
    ledger: Ledger,
    places: Arc<Semaphore>,
}

impl Spawned {
    /// An invoker of the programs of `functions`.
    ///
    /// # Errors
    /// A program is not where it should be.
    pub fn new(
        functions: &BTreeMap<String, Function>,
        settings: SpawnedSettings,
        ledger: Ledger,
    ) -> Result<Self, SpawnError> {
        for function in functions.values() {
            let program = settings.programs.join(&function.binary);
            if !program.is_file() {
                return Err(SpawnError::Missing(program));
            }
        }
        let places = Arc::new(Semaphore::new(MOST_PROCESSES));
        Ok(Self { inner: Arc::new(Inner { pool: Pool::default(), settings, ledger, places }) })
    }

    /// How many processes have ever been started, by logical id of their function.
    pub fn started(&self) -> BTreeMap<String, u64> {
        self.inner.pool.started()
    }

    pub(super) fn process(&self, number: u64) -> Option<Arc<Process>> {
        self.inner.pool.get(number)
    }

    pub(super) fn region(&self) -> &str {
        &self.inner.settings.region
    }
}

impl Invoker for Spawned {
    fn invoke(&self, invocation: Invocation) -> BoxFuture<'static, ()> {
        let inner = Arc::clone(&self.inner);
        async move {
            let Ok(_place) = Arc::clone(&inner.places).acquire_owned().await else { return };
            inner.run(invocation).await;
        }
        .boxed()
    }

    fn shutdown(&self) -> BoxFuture<'_, ()> {
        async {
            for process in self.inner.pool.all() {
                process.kill.notify_one();
            }
            self.inner.pool.empty().await;
        }
        .boxed()
    }
}

impl Inner {
    async fn run(self: Arc<Self>, invocation: Invocation) {
        let (process, cold) = match self.pool.take_idle_soon(&invocation.function.id).await {
            Some(process) => (process, false),
            None => (self.start(&invocation.function), true),
        };
        let entry = self.ledger.start_invocation(&invocation.id, &invocation.function.id, &invocation.label, cold);
        if cold {
            let ready = timeout(INIT, process.idle()).await;
            let failed = InvokeError::failed("Sandbox.Timedout", "the program did not ask for work within 10 s");
            if let Err(error) = ready.unwrap_or(Err(failed)) {
                process.kill.notify_one();
                let _ = invocation.answer.send(Err(error));
                return entry.finish(Outcome::Error);
            }
        }
        let timed_out = invocation.timed_out();
        let work =
            Work { id: invocation.id.clone(), event: invocation.event.clone(), deadline_ms: invocation.deadline_ms };
        let (answer, answered) = tokio::sync::oneshot::channel();
        process.begin(&work, answer);
        // Starting the process does not count against the function's timeout, as in the cloud.
        let deadline = invocation.deadline.max(tokio::time::Instant::now() + invocation.function.timeout);
        let kill = async {
            match invocation.kill {
                Some(number) => sleep(LATEST_KILL.mul_f64((number % 1_000) as f64 / 1_000.0)).await,
                None => std::future::pending().await,
            }
        };
        let relay = async {
            // A sender that has gone without a word belongs to a process that has ended.
            let answer = answered.await.unwrap_or(Err(InvokeError::Killed));
            let outcome = if answer.is_ok() { Outcome::Ok } else { Outcome::Error };
            let _ = invocation.answer.send(answer);
            outcome
        };
        let work = async {
            let process = &process;
            let (outcome, idle) = tokio::join!(relay, process.idle());
            (outcome, idle.is_ok())
        };
        tokio::pin!(work);
        let ended = tokio::select! {
            ended = timeout_at(deadline, &mut work) => ended.map_err(|_| (timed_out, Outcome::Timeout)),
            () = kill => Err((InvokeError::Killed, Outcome::Killed)),
        };
        let outcome = match ended {
            Ok((outcome, idle)) => {
                if idle {
                    self.pool.put_idle(Arc::clone(&process));
                }
                outcome
            }
            Err((why, outcome)) => {
                process.end(why);
                process.kill.notify_one();
                // Passes the failure on, if nothing was answered yet.
                work.await;
                outcome
            }
        };
        entry.finish(outcome);
    }

    fn start(self: &Arc<Self>, function: &Arc<Function>) -> Arc<Process> {
        let process = self.pool.enter(|number| Process::new(number, Arc::clone(function)));
        match self.command(&process).spawn() {
            Ok(child) => {
                tokio::spawn(Arc::clone(self).watch(Arc::clone(&process), child));
            }
            Err(error) => {
                process.end(InvokeError::failed("Runtime.InvalidEntrypoint", error.to_string()));
                self.pool.remove(process.number);
            }
        }
        process
    }

    /// Waits for the end of a process, or brings it about.
    async fn watch(self: Arc<Self>, process: Arc<Process>, mut child: Child) {
        let ended = tokio::select! {
            ended = child.wait() => ended,
            () = process.kill.notified() => {
                // It may have ended at this moment, which is as good.
                let _ = child.start_kill();
                child.wait().await
            }
        };
        let status = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
        process.end(InvokeError::failed("Runtime.ExitError", format!("the process ended: {status}")));
        self.pool.remove(process.number);
    }

    fn command(&self, process: &Process) -> Command {
        let SpawnedSettings { programs, origin, region, websocket_base } = &self.settings;
        let function = &process.function;
        let own = format!("{origin}/_lambda/{}", process.number);
        let mut command = Command::new(programs.join(&function.binary));
        command.env_clear();
        for (name, value) in &function.environment {
            // The cloud's place for the certificates is not this machine's.
            if name == "SSL_CERT_FILE" && !Path::new(value).exists() {
                continue;
            }
            command.env(name, value.replace(websocket_base.as_str(), &format!("{own}/connections")));
        }
        for name in ["PATH", "HOME", "RUST_BACKTRACE", "RUST_LOG", "LD_LIBRARY_PATH"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .envs([
                ("LOG_FORMAT", "pretty"),
                ("TZ", "UTC"),
                ("AWS_REGION", region),
                ("AWS_DEFAULT_REGION", region),
                ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
                ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
                ("AWS_EC2_METADATA_DISABLED", "true"),
                ("AWS_LAMBDA_RUNTIME_API", &own),
                ("AWS_ENDPOINT_URL_DYNAMODB", &format!("{own}/dynamodb")),
                ("AWS_ENDPOINT_URL_SESV2", &format!("{own}/ses")),
                ("AWS_LAMBDA_FUNCTION_NAME", &function.id),
                ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &function.memory_mb.to_string()),
                ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
                ("AWS_LAMBDA_LOG_GROUP_NAME", &format!("/aws/lambda/{}", function.id)),
                ("AWS_LAMBDA_LOG_STREAM_NAME", &format!("local/{}", process.number)),
            ])
            .stdin(Stdio::null())
            // Our own output is for the ready line; logs of all kinds go where ours go.
            .stdout(Stdio::from(io::stderr()))
            .stderr(Stdio::inherit())
            .kill_on_drop(true);
        command
    }
}
