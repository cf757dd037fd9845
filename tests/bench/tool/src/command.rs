//! What the scripts may ask for.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Error,
    function::Function,
    processor_time,
    room::{MemberSpec, Room},
};

/// A command.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Command {
    /// Connects members and has them join a room, `at_once` at a time. The first is its host, the second the one whose role changes.
    Open {
        /// `ws://…/socket.io/?EIO=4&transport=websocket`
        url: String,
        /// The room.
        room_id: String,
        /// Who joins. A user may be there several times.
        members: Vec<MemberSpec>,
        /// How many connect at the same time.
        at_once: usize,
    },
    /// The host makes the second member a co-host and takes it back, in turn, each when the last member has heard of the one before.
    Roles {
        /// How many events.
        events: usize,
    },
    /// A member emits one event and waits for its acknowledgement.
    Emit {
        /// Position in the list of members.
        member: usize,
        /// Name of the event.
        event: String,
        /// Its argument.
        payload: Value,
    },
    /// Connects one more member, who does not join. Gives his position.
    Connect {
        /// Who.
        member: MemberSpec,
    },
    /// Closes the socket of the last member.
    Disconnect,
    /// Closes all sockets.
    Close,
    /// Starts a function as Lambda would, and gives it its first event.
    Start {
        /// Program and arguments.
        program: Vec<String>,
        /// Its whole environment, but for the address of the Runtime API.
        environment: BTreeMap<String, String>,
        /// The event.
        event: Value,
    },
    /// Gives the started function more events, one after the other.
    Invoke {
        /// The events.
        events: Vec<Value>,
    },
    /// Ends the started function.
    Stop,
}

/// What is under way.
#[derive(Default)]
pub struct Tool {
    room: Option<Room>,
    function: Option<Function>,
}

impl Tool {
    /// Does it and gives the answer.
    pub async fn run(&mut self, command: Command) -> Result<Value, Error> {
        match command {
            Command::Open { url, room_id, members, at_once } => {
                let (room, join_ms) = Room::open(&url, &room_id, members, at_once).await?;
                self.room = Some(room);
                Ok(json!({ "joinMs": join_ms }))
            }
            Command::Roles { events } => {
                let room = self.room()?;
                let before = processor_time::of_this_process()?;
                let started = std::time::Instant::now();
                let mut heard_ms = Vec::with_capacity(events);
                let mut answered_ms = Vec::with_capacity(events);
                for _ in 0..events {
                    let change = room.change_role().await?;
                    heard_ms.push(in_ms(change.heard));
                    answered_ms.push(in_ms(change.answered));
                }
                let wall_ms = in_ms(started.elapsed());
                let cpu_ms = in_ms(processor_time::of_this_process()?.saturating_sub(before));
                Ok(json!({ "heardMs": heard_ms, "answeredMs": answered_ms, "wallMs": wall_ms, "cpuMs": cpu_ms }))
            }
            Command::Emit { member, event, payload } => {
                let answer = self.room()?.emit(member, &event, &payload).await?;
                Ok(json!({ "ms": in_ms(answer.after), "answer": answer.value }))
            }
            Command::Connect { member } => {
                let position = self.room.as_mut().ok_or("no room is open")?.connect(&member).await?;
                Ok(json!({ "member": position }))
            }
            Command::Disconnect => {
                self.room.as_mut().ok_or("no room is open")?.disconnect();
                Ok(json!({}))
            }
            Command::Close => {
                self.room = None;
                Ok(json!({}))
            }
            Command::Start { program, environment, event } => {
                self.function = None;
                let (function, start) = Function::start(&program, &environment, &event).await?;
                self.function = Some(function);
                Ok(json!(start))
            }
            Command::Invoke { events } => {
                let function = self.function.as_mut().ok_or("no function has been started")?;
                let mut runs = Vec::with_capacity(events.len());
                for event in &events {
                    runs.push(function.invoke(event).await?);
                }
                Ok(json!({ "runs": runs }))
            }
            Command::Stop => {
                let log = self.function.take().map(Function::stop).unwrap_or_default();
                Ok(json!({ "log": log }))
            }
        }
    }

    fn room(&self) -> Result<&Room, Error> {
        self.room.as_ref().ok_or_else(|| "no room is open".into())
    }
}

/// Milliseconds with their fractions.
pub fn in_ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
