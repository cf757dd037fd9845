//! The hands of the benchmarks, which the scripts beside it direct: one command per line on standard input, one answer per
//! line on standard output, both JSON.
//!
//! It is no Node program because it must never be what is slow. Here a message that arrives costs a few microseconds; in Node
//! about ten, so with a thousand sockets a measurement of the Node server would half be one of its client. One thread, so that
//! it takes one processor at most and its own share can be told (`cpuMs`).

mod command;
mod function;
mod member;
mod processor_time;
mod room;
mod runtime_api;

use std::{
    io::{BufRead, Write},
    thread,
};

use serde_json::{Value, json};
use tokio::{sync::mpsc, task::LocalSet};

use command::Tool;

/// Anything that ends a measurement; the text says what to mend.
type Error = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    LocalSet::new().run_until(serve()).await
}

async fn serve() -> Result<(), Error> {
    let mut lines = lines();
    let mut tool = Tool::default();
    while let Some(line) = lines.recv().await {
        let answer = match serde_json::from_str(&line) {
            Ok(command) => tool.run(command).await,
            Err(error) => Err(error.into()),
        };
        let answer: Value = answer.unwrap_or_else(|error| json!({ "error": error.to_string() }));
        let mut output = std::io::stdout().lock();
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    Ok(())
}

/// Standard input, line by line. A thread of its own, as it blocks.
fn lines() -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}
