//! The media of many clients in one process. A script does their signalling and tells this tool, with a line of JSON per command,
//! what transports there are and what flows; each command is answered by a line.
//!
//! | command | answer |
//! |---|---|
//! | `{"do":"transport","id","params"}` | `{"dtlsParameters"}`: tell the node |
//! | `{"do":"connect","id"}` | `{"tookUs"}`: from the first ICE check to the end of DTLS |
//! | `{"do":"send","id","audio":{"ssrc","payloadType"},"video":{…}}` | `{}`: it publishes from now on, in `flow` |
//! | `{"do":"flow","ms","each"}` | what was sent and received, loss, delays |
//! | `{"do":"forget"}` | `{}`: all transports are closed |
//! | `{"do":"floor","ms"}` | what a packet costs at least on this machine |

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

fn main() -> ExitCode {
    let mut fleet = match Fleet::new() {
        Ok(fleet) => fleet,
        Err(error) => return refuse(&error),
    };
    let stdin = std::io::stdin();
    let mut stdout = std::io::stdout();
    for line in stdin.lock().lines() {
        let Ok(line) = line else { break };
        let answer = match serde_json::from_str::<Command>(&line) {
            Ok(command) => command.run(&mut fleet),
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
