//! One media node: its program, again and again.

use std::{
    env,
    io::{self, Write},
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
    time::sleep,
};

use super::{NAME, NodeSettings, Slot};
use crate::invoke::attribution::{ACCESS_KEY, SECRET_KEY};

/// ECS waits longer; nobody here wants to.
const BEFORE_A_NEW_START: Duration = Duration::from_secs(1);

/// Settings of the program with their values here. What is set in the environment of the local cloud wins.
const DEFAULTS: [(&str, &str); 6] = [
    ("ANNOUNCED_ADDRESS", "127.0.0.1"),
    ("LISTEN_ADDRESS", "127.0.0.1"),
    ("MEDIA_PORTS", "0"),
    ("WORKERS", "1"),
    ("NODE_LEASE_MS", "2000"),
    ("NODE_RENEW_MS", "500"),
];
/// What else is passed on if it is set.
const PASSED_ON: [&str; 10] = [
    "PATH",
    "HOME",
    "RUST_BACKTRACE",
    "RUST_LOG",
    "LD_LIBRARY_PATH",
    "LOSS_IN",
    "LOSS_OUT",
    "GATHER_US",
    "METRICS_ADDRESS",
    "REREAD_MS",
];

/// Runs a node's program until it is to stop.
pub(super) async fn keep(slot: Arc<Slot>, program: PathBuf, settings: NodeSettings) {
    let number = slot.state().node;
    loop {
        match command(&program, &settings).spawn() {
            Ok(child) => {
                {
                    let mut state = slot.state();
                    (state.pid, state.starts) = (child.id(), state.starts + 1);
                }
                let stopped = watch(&slot, child).await;
                let mut state = slot.state();
                (state.pid, state.id) = (None, None);
                if stopped {
                    return;
                }
            }
            Err(error) => say(number, &format!("{} cannot be started: {error}", program.display())),
        }
        tokio::select! {
            () = sleep(BEFORE_A_NEW_START) => {}
            () = slot.stop.notified() => return,
        }
    }
}

/// Waits for the end of a program, or brings it about. True if it was told to stop.
async fn watch(slot: &Arc<Slot>, mut child: Child) -> bool {
    let number = slot.state().node;
    let pipe = child.stdin.take();
    if let Some(lines) = child.stderr.take() {
        tokio::spawn(pass_on(number, lines));
    }
    if let Some(lines) = child.stdout.take() {
        tokio::spawn(listen(slot.clone(), lines));
    }
    tokio::select! {
        ended = child.wait() => {
            let how = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
            say(number, &format!("the node ended ({how}) and is started again"));
            false
        }
        () = slot.kill.notified() => {
            // It may have ended at this moment, which is as good.
            let _ = child.start_kill();
            let _ = child.wait().await;
            say(number, "the node was killed and is started again");
            false
        }
        () = slot.stop.notified() => {
            // The end of its input is the end of its parent, for whom it lives.
            drop(pipe);
            let _ = child.wait().await;
            true
        }
    }
}

/// `ready <id>` is the only thing that it says there.
async fn listen(slot: Arc<Slot>, lines: impl AsyncRead + Unpin) {
    let mut lines = BufReader::new(lines).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let number = slot.state().node;
        if let Some(id) = line.strip_prefix("ready ") {
            slot.state().id = Some(id.trim().to_owned());
        }
        say(number, &line);
    }
}

async fn pass_on(number: usize, lines: impl AsyncRead + Unpin) {
    let mut lines = BufReader::new(lines).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        say(number, &line);
    }
}

/// Logs go where ours go.
fn say(number: usize, line: &str) {
    let _ = writeln!(io::stderr().lock(), "[media node {number}] {line}");
}

fn command(program: &Path, settings: &NodeSettings) -> Command {
    let NodeSettings { origin, table, stage, region } = settings;
    let mut command = Command::new(program);
    command.env_clear();
    for (name, value) in DEFAULTS {
        command.env(name, env::var_os(name).unwrap_or_else(|| value.into()));
    }
    for name in PASSED_ON {
        if let Some(value) = env::var_os(name) {
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
            ("AWS_ENDPOINT_URL_DYNAMODB", &format!("{origin}/_aws/dynamodb/{NAME}")),
            ("TABLE_NAME", table),
            ("WS_MANAGEMENT_URL", &format!("{origin}/_media/connections/{stage}")),
            ("PARENT_PIPE", "1"),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}
