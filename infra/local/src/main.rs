//! `dais-local`: starts the local cloud, says that it is ready, and stops it on Ctrl-C or SIGTERM.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use dais_local::{
    banner,
    options::{self, Command, HELP},
    start::{self, Options},
};
use tokio::signal::unix::{Signal, SignalKind, signal};

dais_function::fast_allocator!();

fn main() -> ExitCode {
    let own = std::env::current_exe().unwrap_or_default();
    let command = options::read(std::env::args_os().skip(1), |name| std::env::var(name).ok(), own);
    let result = match command {
        Ok(Command::Help) => say(HELP).map_err(|error| error.to_string()),
        Ok(Command::Start(options)) => run(*options),
        Err(sentence) => Err(sentence),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            // Nobody is left to tell if this fails.
            let _ = writeln!(io::stderr(), "dais-local: {sentence}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(options: Options) -> Result<(), String> {
    dais_function::init_logging(Some("pretty"));
    let failed = |error: io::Error| error.to_string();
    // From here on a signal means an orderly end.
    let interrupted = signal(SignalKind::interrupt()).map_err(failed)?;
    let terminated = signal(SignalKind::terminate()).map_err(failed)?;
    let running = start::start(options).await.map_err(|error| error.to_string())?;
    say(&format!("{}ready {}\n", banner::text(&running)?, running.origin)).map_err(failed)?;
    wait(interrupted, terminated).await;
    running.stop().await;
    Ok(())
}

async fn wait(mut interrupted: Signal, mut terminated: Signal) {
    tokio::select! {
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
    }
}

fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
