//! The media of many clients in one process: peer connections of the `webrtc` crate. A script does their signalling and tells this
//! tool, with a line of JSON per command, what transports there are and what flows; each command is answered by a line.
//!
//! | command | answer |
//! |---|---|
//! | `{"do":"publish","id","params","tracks":[{"kind","ssrc"}]}` | `{"dtlsParameters","rtpParameters":[…]}`: tell the node |
//! | `{"do":"subscribe","id","params"}` | `{"dtlsParameters"}`: tell the node |
//! | `{"do":"receive","id","kind","rtpParameters"}` | `{}`: it knows what it has subscribed to |
//! | `{"do":"connect","id"}` | `{"tookUs"}`: from its description to the end of DTLS |
//! | `{"do":"send","id","tracks":[0,1]}` | `{}`: these tracks go out from now on, in `flow` |
//! | `{"do":"flow","ms"}` | what this process has sent and received, and the delays |
//! | `{"do":"forget"}` | `{}`: all transports are closed |
//! | `{"do":"floor","ms"}` | what a packet costs at least on this machine |

mod arrivals;
mod commands;
mod delays;
mod fleet;
mod floor;
mod flow;

use std::{
    io::{BufRead, Write},
    process::ExitCode,
};

use commands::Command;
use fleet::Fleet;
use tokio::sync::mpsc;

// Peer connections allocate for each packet.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut fleet = match Fleet::new() {
        Ok(fleet) => fleet,
        Err(error) => return refuse(&error),
    };
    let (said, mut lines) = mpsc::unbounded_channel();
    // Reading on a thread of its own: the clients live on while nothing is said to them.
    std::thread::spawn(move || {
        std::io::stdin().lock().lines().map_while(Result::ok).try_for_each(|line| said.send(line))
    });
    let mut stdout = std::io::stdout();
    while let Some(line) = lines.recv().await {
        let answer = match serde_json::from_str::<Command>(&line) {
            Ok(command) => command.run(&mut fleet).await,
            Err(error) => Err(error.to_string()),
        };
        let answer = answer.unwrap_or_else(|error| serde_json::json!({ "error": error }));
        if writeln!(stdout, "{answer}").and_then(|()| stdout.flush()).is_err() {
            break;
        }
    }
    ExitCode::SUCCESS
}

fn refuse(error: &str) -> ExitCode {
    // There is nobody else to tell.
    let _ = writeln!(std::io::stderr(), "the load tool cannot start: {error}");
    ExitCode::FAILURE
}
