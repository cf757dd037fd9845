//! What the tool can be told.

use std::time::Duration;

use dais_media::{MediaKind, RtpParameters, TransportParams};
use dais_media_client::{NewTrack, description::Section};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{fleet::Fleet, floor, flow};

/// One line of input.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Command {
    /// There is a transport to publish on.
    Publish {
        /// What the script calls it.
        id: String,
        /// What signalling has answered.
        params: Box<TransportParams>,
        /// What it will publish: of audio 50 packets of 80 bytes a second, of video 260 of 1,200 bytes, 2.5 Mbit/s.
        tracks: Vec<NewTrack>,
    },
    /// There is a transport to subscribe on.
    Subscribe {
        /// What the script calls it.
        id: String,
        /// What signalling has answered.
        params: Box<TransportParams>,
    },
    /// It has subscribed to something.
    Receive {
        /// Which transport.
        id: String,
        /// Audio or video.
        kind: MediaKind,
        /// What signalling has answered.
        rtp_parameters: Box<RtpParameters>,
    },
    /// ICE and DTLS, to their end.
    Connect {
        /// Which transport.
        id: String,
    },
    /// What of it flows from now on.
    Send {
        /// Which transport.
        id: String,
        /// Which of its tracks, from 0.
        tracks: Vec<usize>,
    },
    /// Everybody who publishes does so, for a time.
    Flow {
        /// How long, in milliseconds.
        ms: u64,
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
    pub async fn run(self, fleet: &mut Fleet) -> Result<Value, String> {
        match self {
            Self::Publish { id, params, tracks } => {
                let tracks: Vec<_> =
                    tracks.iter().map(|track| NewTrack { kind: track.kind, ssrc: track.ssrc }).collect();
                let (dtls, sent) = fleet.publish(id, *params, &tracks).await?;
                Ok(json!({ "dtlsParameters": dtls, "rtpParameters": sent }))
            }
            Self::Subscribe { id, params } => {
                let dtls = fleet.subscribe(id, *params).await?;
                Ok(json!({ "dtlsParameters": dtls }))
            }
            Self::Receive { id, kind, rtp_parameters } => {
                fleet.receive(&id, Section { kind, rtp_parameters: *rtp_parameters }).await?;
                Ok(json!({}))
            }
            Self::Connect { id } => {
                let took = fleet.connect(&id).await?;
                Ok(json!({ "tookUs": took.as_secs_f64() * 1e6 }))
            }
            Self::Send { id, tracks } => {
                fleet.flow(&id, tracks)?;
                Ok(json!({}))
            }
            Self::Flow { ms, audio_every_us } => {
                flow::run(fleet, Duration::from_millis(ms), Duration::from_micros(audio_every_us)).await
            }
            Self::Forget => {
                fleet.forget().await?;
                Ok(json!({}))
            }
            Self::Floor { ms } => floor::run(Duration::from_millis(ms)),
        }
    }
}

fn usual_audio() -> u64 {
    20_000
}
