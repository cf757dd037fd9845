//! What the tool can be told.

use std::time::Duration;

use dais_media::TransportParams;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    fleet::{Fleet, Stream},
    floor, flow,
};

/// One line of input.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Command {
    /// There is a transport.
    Transport {
        /// What the script calls it.
        id: String,
        /// What signalling has answered.
        params: Box<TransportParams>,
    },
    /// ICE and DTLS, to their end.
    Connect {
        /// Which transport.
        id: String,
    },
    /// It publishes.
    Send {
        /// Which transport.
        id: String,
        /// 50 packets of 80 bytes a second.
        audio: Option<Stream>,
        /// 260 packets of 1,200 bytes a second: 2.5 Mbit/s.
        video: Option<Stream>,
    },
    /// Everybody who publishes does so, for a time.
    Flow {
        /// How long, in milliseconds.
        ms: u64,
        /// How many clients get what one publishes.
        each: u64,
        /// Microseconds between two audio packets; 20,000 if nothing is said.
        #[serde(default = "usual_audio")]
        audio_every_us: u64,
    },
    /// All transports are closed: nobody sends or receives any more.
    Forget,
    /// What a packet costs without any SFU.
    Floor {
        /// How long, in milliseconds.
        ms: u64,
    },
}

impl Command {
    /// Does it.
    pub fn run(self, fleet: &mut Fleet) -> Result<Value, String> {
        match self {
            Self::Transport { id, params } => {
                let dtls = fleet.add(&id, &params)?;
                Ok(json!({ "dtlsParameters": dtls }))
            }
            Self::Connect { id } => {
                let took = fleet.connect(&id)?;
                Ok(json!({ "tookUs": took.as_secs_f64() * 1e6 }))
            }
            Self::Send { id, audio, video } => {
                fleet.publish(&id, audio, video)?;
                Ok(json!({}))
            }
            Self::Flow { ms, each, audio_every_us } => {
                flow::run(fleet, Duration::from_millis(ms), each, Duration::from_micros(audio_every_us))
            }
            Self::Forget => {
                fleet.forget();
                Ok(json!({}))
            }
            Self::Floor { ms } => floor::run(Duration::from_millis(ms)),
        }
    }
}

fn usual_audio() -> u64 {
    20_000
}
