//! What clients send about media over their socket, as the front ends' contract has it (docs/protocol.md), and what they are
//! answered.

use dais_domain::{
    ConnectionId, MeetingId, Refusal,
    wire::{ClientEvent, JoinRoom},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{
    control::{Answer, Problem, Request},
    transport::IceServer,
};

/// Event names, server to client.
pub mod names {
    /// Somebody can be sent media; to the others.
    pub const NEW_PEER_JOINED: &str = "new-peer-joined";
    /// Somebody publishes; to the others.
    pub const NEW_PRODUCER: &str = "new-producer";
    /// Somebody has stopped to publish; to everybody.
    pub const PRODUCER_CLOSED: &str = "producer-closed";
    /// Who speaks; to everybody.
    pub const ACTIVE_SPEAKER: &str = "active-speaker";
    /// The room has another media node: join again and make everything anew; to everybody.
    pub const MEDIA_NODE_CHANGED: &str = "media-node-changed";
    /// You may not switch your microphone on; to one who tried.
    pub const AUDIO_LOCKED: &str = "audio-locked";
    /// You may not share your screen; to one who tried.
    pub const SCREENSHARE_DENIED: &str = "screenshare-denied";

    /// All of them.
    pub const ALL: [&str; 7] = [
        NEW_PEER_JOINED,
        NEW_PRODUCER,
        PRODUCER_CLOSED,
        ACTIVE_SPEAKER,
        MEDIA_NODE_CHANGED,
        AUDIO_LOCKED,
        SCREENSHARE_DENIED,
    ];
}

/// Every event about media that clients may send.
#[derive(Debug, Clone, PartialEq)]
pub enum MediaEvent {
    /// `get-rtp-capabilities`
    Capabilities,
    /// `join-mediasoup-room`
    Join(JoinRoom),
    /// `screen-share-started`: the producer has said it all.
    ScreenShareStarted,
    /// Anything that the room's media node does.
    Ask {
        /// Which room.
        room: MeetingId,
        /// What.
        request: Request,
    },
}

impl MediaEvent {
    /// The names, those of the contract first.
    pub const NAMES: [&'static str; 16] = [
        "get-rtp-capabilities",
        "join-mediasoup-room",
        "create-webrtc-transport",
        "connect-transport",
        "produce",
        "consume",
        "resume-consumer",
        "close-producer",
        "screen-share-started",
        "screen-share-stopped",
        "pause-producer",
        "resume-producer",
        "pause-consumer",
        "set-preferred-layers",
        "restart-ice",
        "get-media-stats",
    ];

    /// Reads an event of the client behind `connection`. `None`: the name is none of [`MediaEvent::NAMES`]. Unknown members are
    /// ignored; what is missing or of the wrong type is refused by its name.
    pub fn read(name: &str, payload: Option<&Value>, connection: &ConnectionId) -> Option<Result<Self, Refusal>> {
        if !Self::NAMES.contains(&name) {
            return None;
        }
        Some(read(name, payload.unwrap_or(&Value::Null), connection.clone()))
    }
}

fn read(name: &str, payload: &Value, connection_id: ConnectionId) -> Result<MediaEvent, Refusal> {
    match name {
        // For any room: what the nodes can do is the same for all, and nothing is made for a room that nobody knows.
        "get-rtp-capabilities" => return Ok(MediaEvent::Capabilities),
        "screen-share-started" => return Ok(MediaEvent::ScreenShareStarted),
        "join-mediasoup-room" => {
            return match ClientEvent::read("join-room", Some(payload))? {
                ClientEvent::Join(join) => Ok(MediaEvent::Join(join)),
                _ => Err(Refusal::UnknownEvent),
            };
        }
        _ => {}
    }
    let room = member(payload, "roomId")?;
    let request = match name {
        "create-webrtc-transport" => {
            Request::CreateTransport { connection_id, direction: member(payload, "direction")? }
        }
        "connect-transport" => Request::ConnectTransport {
            connection_id,
            transport_id: member(payload, "transportId")?,
            dtls_parameters: member(payload, "dtlsParameters")?,
        },
        "restart-ice" => Request::RestartIce { connection_id, transport_id: member(payload, "transportId")? },
        "produce" => Request::Produce {
            connection_id,
            transport_id: member(payload, "transportId").map_err(|_| invalid("No transport"))?,
            kind: member(payload, "kind").map_err(|_| invalid("Only audio and video are allowed"))?,
            rtp_parameters: member(payload, "rtpParameters")?,
            // Nothing else of what a client says of its producer is read or passed on.
            is_screen_share: payload.pointer("/appData/share") == Some(&Value::Bool(true)),
            paused: payload.get("paused") == Some(&Value::Bool(true)),
        },
        "pause-producer" => Request::PauseProducer { connection_id, producer_id: member(payload, "producerId")? },
        "resume-producer" => Request::ResumeProducer { connection_id, producer_id: member(payload, "producerId")? },
        "close-producer" | "screen-share-stopped" => {
            Request::CloseProducer { connection_id, producer_id: member(payload, "producerId")? }
        }
        "consume" => Request::Consume {
            connection_id,
            producer_id: member(payload, "producerId")?,
            rtp_capabilities: member(payload, "rtpCapabilities")?,
        },
        "resume-consumer" => Request::ResumeConsumer { connection_id, consumer_id: member(payload, "consumerId")? },
        "pause-consumer" => Request::PauseConsumer { connection_id, consumer_id: member(payload, "consumerId")? },
        "set-preferred-layers" => Request::SetPreferredLayers {
            connection_id,
            consumer_id: member(payload, "consumerId")?,
            spatial_layer: member(payload, "spatialLayer")?,
            temporal_layer: match payload.get("temporalLayer") {
                None | Some(Value::Null) => None,
                Some(_) => Some(member(payload, "temporalLayer")?),
            },
        },
        "get-media-stats" => Request::Stats { connection_id },
        _ => return Err(Refusal::UnknownEvent),
    };
    Ok(MediaEvent::Ask { room, request })
}

fn member<T: DeserializeOwned>(payload: &Value, name: &str) -> Result<T, Refusal> {
    match payload.get(name) {
        None | Some(Value::Null) => Err(invalid(&format!("{name} is required"))),
        Some(value) => T::deserialize(value).map_err(|error| invalid(&format!("{name}: {error}"))),
    }
}

fn invalid(reason: &str) -> Refusal {
    Refusal::InvalidPayload { reason: reason.to_owned() }
}

/// The acknowledgement of an answer of the node; `None` for those that answer no client's event. `ice_servers`: what clients
/// may use beside the node's own addresses.
pub fn acknowledged(answer: Answer, ice_servers: &[IceServer]) -> Option<Value> {
    Some(match answer {
        Answer::Done => json!({ "success": true }),
        Answer::Transport(mut params) => {
            params.ice_servers = ice_servers.to_vec();
            json!({ "params": params })
        }
        Answer::Ice(parameters) => json!({ "iceParameters": parameters }),
        Answer::Produced { id } => json!({ "id": id }),
        Answer::Consumed(consumer) => {
            let mut ack = json!(consumer);
            ack["producerSocketId"] = json!(consumer.producer.peer_id);
            ack["appData"] = json!({ "share": consumer.producer.is_screen_share });
            ack
        }
        Answer::Stats(stats) => json!({ "stats": stats }),
        Answer::Joined { .. } => return None,
    })
}

/// What the contract calls a problem of an event.
pub fn sentence(event: &str, problem: &Problem) -> String {
    match (event, problem) {
        ("produce", Problem::TransportNotFound) => "No transport".to_owned(),
        (_, problem) => problem.to_string(),
    }
}

/// The event that goes to its sender beside the refusal of `produce`, with its payload.
pub fn denied(problem: &Problem) -> Option<(&'static str, Value)> {
    use dais_domain::Source;
    match problem {
        Problem::NotAllowed { source_of_media: Source::Microphone, .. } => {
            let reason = "You have been muted by the host and cannot unmute yourself";
            Some((names::AUDIO_LOCKED, json!({ "reason": reason })))
        }
        Problem::NotAllowed { source_of_media: Source::Screen, room_wide } => {
            let reason = if *room_wide {
                "Screen sharing is currently disabled by the host"
            } else {
                "Screen sharing has been disabled by the host"
            };
            Some((names::SCREENSHARE_DENIED, json!({ "reason": reason })))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use dais_domain::{Source, TransportId};

    use super::*;
    use crate::{Direction, MediaKind};

    fn read(name: &str, payload: Value) -> Result<MediaEvent, Refusal> {
        MediaEvent::read(name, Some(&payload), &connection()).unwrap()
    }

    fn connection() -> ConnectionId {
        ConnectionId::new("c=").unwrap()
    }

    fn asked(name: &str, payload: Value) -> Request {
        match read(name, payload) {
            Ok(MediaEvent::Ask { room, request }) if room.as_str() == "m" => request,
            other => unreachable!("{other:?}"),
        }
    }

    fn produce(more: Value) -> Value {
        let mut payload = json!({
            "roomId": "m", "transportId": "t", "kind": "video", "appData": {},
            "rtpParameters": { "mid": "0", "codecs": [], "headerExtensions": [], "encodings": [{ "ssrc": 1 }], "rtcp": {} },
        });
        for (name, value) in more.as_object().unwrap() {
            payload[name] = value.clone();
        }
        payload
    }

    #[test]
    fn events_of_others_are_not_read() {
        assert_eq!(MediaEvent::read("make-host", None, &connection()), None);
        for name in MediaEvent::NAMES {
            assert!(MediaEvent::read(name, None, &connection()).is_some(), "{name}");
        }
    }

    #[test]
    fn a_transport_is_made_in_one_direction() {
        let payload = json!({ "roomId": "m", "direction": "recv" });
        let expected = Request::CreateTransport { connection_id: connection(), direction: Direction::Recv };
        assert_eq!(asked("create-webrtc-transport", payload), expected);
    }

    #[test]
    fn only_the_mark_of_a_screen_share_is_read_of_app_data() {
        for (app_data, expected) in [
            (json!({ "share": true, "x": "y" }), true),
            (json!({ "share": "true" }), false),
            (json!({}), false),
            (Value::Null, false),
        ] {
            let request = asked("produce", produce(json!({ "appData": app_data })));
            let Request::Produce { is_screen_share, transport_id, kind, paused, .. } = &request else {
                unreachable!("{request:?}")
            };
            assert_eq!((*is_screen_share, *kind, *paused), (expected, MediaKind::Video, false), "{app_data}");
            assert_eq!(*transport_id, TransportId::new("t").unwrap());
            assert!(!serde_json::to_string(&request).unwrap().contains('y'), "{request:?}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        for (name, payload, sentence) in [
            ("create-webrtc-transport", json!({ "roomId": "m" }), "direction is required"),
            ("create-webrtc-transport", json!({ "direction": "send" }), "roomId is required"),
            ("connect-transport", json!({ "roomId": "m", "transportId": "t" }), "dtlsParameters is required"),
            ("produce", produce(json!({ "kind": "application" })), "Only audio and video are allowed"),
            ("produce", produce(json!({ "transportId": null })), "No transport"),
            ("produce", produce(json!({ "rtpParameters": null })), "rtpParameters is required"),
            ("consume", json!({ "roomId": "m", "producerId": "p" }), "rtpCapabilities is required"),
            ("resume-consumer", json!({ "roomId": "m" }), "consumerId is required"),
            ("close-producer", json!({ "roomId": "m" }), "producerId is required"),
            ("join-mediasoup-room", json!({}), "roomId is required"),
        ] {
            let refusal = read(name, payload).unwrap_err();
            assert_eq!((refusal.to_string().as_str(), refusal.code()), (sentence, "invalid-payload"), "{name}");
        }
        let refusal = read("set-preferred-layers", json!({ "roomId": "m", "consumerId": "c", "spatialLayer": 999 }));
        assert!(refusal.unwrap_err().to_string().starts_with("spatialLayer: "));
    }

    #[test]
    fn refusals_have_the_words_of_the_contract() {
        let refused = |source_of_media, room_wide| Problem::NotAllowed { source_of_media, room_wide };
        for (problem, sentence_of_it, event) in [
            (refused(Source::Microphone, false), "Audio is locked by host", Some(names::AUDIO_LOCKED)),
            (refused(Source::Screen, false), "Screen sharing is locked by host", Some(names::SCREENSHARE_DENIED)),
            (refused(Source::Screen, true), "Screen sharing is disabled", Some(names::SCREENSHARE_DENIED)),
            (refused(Source::Camera, true), "Camera is locked by host", None),
            (Problem::TransportNotFound, "No transport", None),
        ] {
            assert_eq!(sentence("produce", &problem), sentence_of_it);
            assert_eq!(denied(&problem).map(|(name, _)| name), event);
        }
        assert_eq!(sentence("connect-transport", &Problem::TransportNotFound), "Transport not found");
    }
}
