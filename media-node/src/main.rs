//! Wires the media node: settings, table, sockets, and what ends it.

use std::{
    error::Error,
    io::{Read, Write},
    process::ExitCode,
};

use dais_function::Settings;
use dais_media_node::{Clock, Node, NodeSettings, pages};
use dais_realtime::ApiGateway;
use dais_store::DynamoStore;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

/// A node lives for weeks, and what a full house needed must not stay when everybody has gone. `.cargo/config.toml` has its settings.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let environment = Settings::from_env();
    dais_function::init_logging(environment.optional("LOG_FORMAT"));
    if let Err(error) = pages::stay_small() {
        tracing::warn!(%error, "huge pages stay allowed: this process will hold more memory than it needs");
    }
    match run(&environment).await {
        Ok(code) => code,
        Err(error) => {
            tracing::error!(%error, "the media node cannot start");
            ExitCode::FAILURE
        }
    }
}

async fn run(environment: &Settings) -> Result<ExitCode, Box<dyn Error>> {
    let settings = NodeSettings::read(environment)?;
    let aws = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    let store = DynamoStore::new(&aws, &settings.table);
    let sockets = ApiGateway::new(&aws, &settings.management_url);
    let mut node = Node::start(&settings, store, sockets, Clock).await?;
    tracing::info!(media = ?node.media(), "📻 Listening");
    tracing::info!(node = %node.id(), control = %node.control(), metrics = %node.metrics(), "🎙️ Media node is ready");
    let mut stdout = std::io::stdout();
    writeln!(stdout, "ready {}", node.id())?;
    stdout.flush()?;

    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => node.drain().await,
        _ = tokio::signal::ctrl_c() => node.end().await,
        () = parent_ended(environment.optional("PARENT_PIPE").is_some()) => node.end().await,
        ended = node.retired() => {
            tracing::error!(?ended, "others have taken this node out of the table: it was silent for too long");
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Whoever started this process holds its standard input open as long as it lives.
async fn parent_ended(has_parent: bool) {
    let (ended, end) = oneshot::channel();
    if has_parent {
        // A thread of its own, which nobody waits for when the process ends.
        std::thread::spawn(move || {
            let mut stdin = std::io::stdin();
            while stdin.read(&mut [0; 64]).is_ok_and(|read| read > 0) {}
            let _ = ended.send(());
        });
        let _ = end.await;
        return;
    }
    std::future::pending().await
}
