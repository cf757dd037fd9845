//! Events of media: what the node is asked, what their sender is answered, and each refusal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use dais_domain::{ConnectionId, ConsumerId, ProducerId, SocketId, Source};
use dais_media::{
    MediaKind, RtpParameters,
    control::{Answer, ConsumerInfo, ConsumerType, Problem, ProducerInfo, Request},
};
use serde_json::{Value, json};
use support::{client::Hall, executor::run, room, sockets::event, user};

/// Ada is in the room and on the node.
fn hall() -> Hall {
    let hall = Hall::new("Ada");
    hall.nodes.register(&hall.house.store, "n1", 600_000);
    run(hall.connect("ada", "Ada", 0, None));
    hall.emit("ada", 0, "join-mediasoup-room", json!({ "roomId": room() }));
    hall.house.sockets.take();
    hall.nodes.requests();
    hall
}

fn with_room(mut payload: Value) -> Value {
    payload["roomId"] = json!(room());
    payload
}

/// The acknowledgement, and the events beside it.
fn emit(hall: &Hall, id: &str, name: &str, payload: Value) -> (Value, Vec<(String, Value)>) {
    hall.emit(id, 0, name, with_room(payload));
    let frames = hall.frames(id);
    hall.house.sockets.take();
    let ack = frames.iter().find_map(|frame| frame.strip_prefix("431")).expect("an acknowledgement");
    let events = frames.iter().filter(|frame| frame.starts_with("42")).map(|frame| event(frame));
    let ack = serde_json::from_str::<Vec<Value>>(ack).unwrap().remove(0);
    (ack, events.map(|(name, payload, _)| (name, payload)).collect())
}

fn parameters() -> RtpParameters {
    serde_json::from_value(json!({
        "mid": "0",
        "codecs": [{ "mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000, "channels": 2 }],
        "headerExtensions": [],
        "encodings": [{ "ssrc": 1 }],
        "rtcp": { "cname": "x" },
    }))
    .unwrap()
}

/// Every event that is passed on, with a payload that is one.
fn passed_on() -> Vec<(&'static str, Value, &'static str)> {
    let dtls = json!({ "role": "client", "fingerprints": [{ "algorithm": "sha-256", "value": "AB" }] });
    let capabilities = json!({ "codecs": [], "headerExtensions": [] });
    let produce =
        json!({ "transportId": "t", "kind": "audio", "rtpParameters": parameters(), "appData": { "share": false } });
    vec![
        ("create-webrtc-transport", json!({ "direction": "send" }), "create-transport"),
        ("connect-transport", json!({ "transportId": "t", "dtlsParameters": dtls }), "connect-transport"),
        ("restart-ice", json!({ "transportId": "t" }), "restart-ice"),
        ("produce", produce, "produce"),
        ("pause-producer", json!({ "producerId": "p" }), "pause-producer"),
        ("resume-producer", json!({ "producerId": "p" }), "resume-producer"),
        ("close-producer", json!({ "producerId": "p" }), "close-producer"),
        ("screen-share-stopped", json!({ "producerId": "p", "userId": "x" }), "close-producer"),
        ("consume", json!({ "producerId": "p", "rtpCapabilities": capabilities }), "consume"),
        ("resume-consumer", json!({ "consumerId": "c" }), "resume-consumer"),
        ("pause-consumer", json!({ "consumerId": "c" }), "pause-consumer"),
        ("set-preferred-layers", json!({ "consumerId": "c", "spatialLayer": 1 }), "set-preferred-layers"),
        ("get-media-stats", json!({}), "stats"),
    ]
}

#[test]
fn each_is_asked_of_the_node_for_its_sender() {
    let hall = hall();
    for (name, payload, kind) in passed_on() {
        let (ack, events) = emit(&hall, "ada", name, payload);
        assert!(ack.get("error").is_none() && events.is_empty(), "{name}: {ack} {events:?}");
        let calls = std::mem::take(&mut hall.nodes.state().calls);
        let request = serde_json::to_value(&calls[0].1.request).unwrap();
        assert_eq!((calls.len(), &request["do"], &request["connectionId"]), (1, &json!(kind), &json!("ada")), "{name}");
        assert_eq!((calls[0].1.room.clone(), calls[0].1.epoch), (room(), 1));
    }
}

/// The claim is known from the join, and the node's record for the time of its lease.
#[test]
fn nothing_of_it_costs_a_look_into_the_table() {
    let hall = hall();
    hall.house.sky.take();
    for (name, payload, _) in passed_on() {
        emit(&hall, "ada", name, payload);
    }
    assert_eq!(hall.house.sky.take().0, Vec::<&str>::new());
}

#[test]
fn acknowledgements_have_the_shapes_of_the_contract() {
    let hall = hall();
    let (ack, _) = emit(&hall, "ada", "create-webrtc-transport", json!({ "direction": "recv" }));
    let params = ack["params"].as_object().unwrap();
    let members: Vec<&str> = params.keys().map(String::as_str).collect();
    assert_eq!(members, ["dtlsParameters", "iceCandidates", "iceParameters", "iceServers", "id"]);
    assert_eq!(params["iceServers"], json!([{ "urls": ["turn:192.0.2.9"] }]));
    assert_eq!(params["iceParameters"], json!({ "usernameFragment": "u", "password": "p", "iceLite": true }));

    let id = ProducerId::new("p1").unwrap();
    hall.nodes.state().planned.push_back(Ok(Answer::Produced { id: id.clone() }));
    let (_, produce, _) = passed_on().remove(3);
    assert_eq!(emit(&hall, "ada", "produce", produce).0, json!({ "id": "p1" }));

    let producer = ProducerInfo {
        producer_id: id,
        peer_id: SocketId::new("s1").unwrap(),
        user_id: user("Bo"),
        user_name: dais_domain::DisplayName::new("Bo").unwrap(),
        kind: MediaKind::Audio,
        is_screen_share: false,
    };
    let consumer = ConsumerInfo {
        id: ConsumerId::new("c1").unwrap(),
        producer,
        rtp_parameters: parameters(),
        kind_of_stream: ConsumerType::Simple,
        producer_paused: false,
    };
    hall.nodes.state().planned.push_back(Ok(Answer::Consumed(Box::new(consumer))));
    let consume = json!({ "producerId": "p1", "rtpCapabilities": { "codecs": [], "headerExtensions": [] } });
    let mut ack = emit(&hall, "ada", "consume", consume).0;
    let received = ack.as_object_mut().unwrap().remove("rtpParameters").unwrap();
    assert_eq!(received["codecs"][0]["payloadType"], 111);
    let expected = json!({
        "id": "c1", "producerId": "p1", "kind": "audio", "type": "simple", "producerPaused": false, "peerId": "s1",
        "producerSocketId": "s1", "userId": "user_Bo", "userName": "Bo", "isScreenShare": false, "appData": { "share": false },
    });
    assert_eq!(ack, expected);
    assert_eq!(emit(&hall, "ada", "resume-consumer", json!({ "consumerId": "c1" })).0, json!({ "success": true }));
    assert_eq!(emit(&hall, "ada", "screen-share-started", json!({ "producerId": "p" })).0, json!({ "success": true }));
    assert_eq!(
        emit(&hall, "ada", "restart-ice", json!({ "transportId": "t" })).0,
        json!({ "iceParameters": { "usernameFragment": "u", "password": "p", "iceLite": true } })
    );
    assert_eq!(emit(&hall, "ada", "get-media-stats", json!({})).0, json!({ "stats": { "transports": [] } }));
}

#[test]
fn every_event_is_refused_to_one_who_has_not_joined() {
    let hall = hall();
    run(hall.connect("bo", "Bo", 0, None));
    hall.house.sockets.take();
    for (name, payload, _) in passed_on() {
        let (ack, events) = emit(&hall, "bo", name, payload);
        let sentence = "Peer not found. Call join-mediasoup-room first.";
        assert_eq!(ack, json!({ "error": sentence, "code": "peer-not-found" }), "{name}");
        let error = json!({ "message": sentence, "code": "peer-not-found", "event": name });
        assert_eq!(events, [("error".to_owned(), error)]);
    }
}

#[test]
fn every_problem_of_the_node_reaches_the_sender() {
    let hall = hall();
    let denied = |source_of_media, room_wide| Problem::NotAllowed { source_of_media, room_wide };
    let muted = json!({ "reason": "You have been muted by the host and cannot unmute yourself" });
    let for_all = json!({ "reason": "Screen sharing is currently disabled by the host" });
    let for_him = json!({ "reason": "Screen sharing has been disabled by the host" });
    let cases = [
        ("produce", denied(Source::Microphone, true), "Audio is locked by host", Some(("audio-locked", muted))),
        ("produce", denied(Source::Screen, true), "Screen sharing is disabled", Some(("screenshare-denied", for_all))),
        (
            "produce",
            denied(Source::Screen, false),
            "Screen sharing is locked by host",
            Some(("screenshare-denied", for_him)),
        ),
        ("produce", denied(Source::Camera, true), "Camera is locked by host", None),
        ("produce", Problem::TransportNotFound, "No transport", None),
        ("connect-transport", Problem::TransportNotFound, "Transport not found", None),
        ("consume", Problem::NoReceiveTransport, "No receive transport found", None),
        ("consume", Problem::ProducerNotFound, "Producer not found", None),
        ("consume", Problem::Incompatible, "Cannot consume - incompatible codecs", None),
        ("resume-consumer", Problem::ConsumerNotFound, "Consumer not found", None),
        ("close-producer", Problem::ProducerNotFound, "Producer not found", None),
    ];
    for (name, problem, sentence, event) in cases {
        hall.nodes.state().planned.push_back(Err(problem.clone().into()));
        let payload = passed_on().into_iter().find(|(of, ..)| *of == name).unwrap().1;
        let (ack, events) = emit(&hall, "ada", name, payload);
        assert_eq!(ack, json!({ "error": sentence, "code": problem.code() }), "{name}");
        let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
        let expected: Vec<&str> = event.iter().map(|(name, _)| *name).chain(["error"]).collect();
        assert_eq!(names, expected, "{name} {problem}");
        if let Some((_, payload)) = event {
            assert_eq!(events[0].1, payload);
        }
    }
}

/// Defect 43: a producer that goes while a client joins costs this one consumer and nothing else.
#[test]
fn a_failing_consume_leaves_the_client_where_he_is() {
    let hall = hall();
    hall.nodes.state().planned.push_back(Err(Problem::ProducerNotFound.into()));
    let consume =
        |producer: &str| json!({ "producerId": producer, "rtpCapabilities": { "codecs": [], "headerExtensions": [] } });
    assert_eq!(emit(&hall, "ada", "consume", consume("gone")).0["error"], "Producer not found");
    assert_eq!(emit(&hall, "ada", "consume", consume("there")).0, json!({ "success": true }));
    let payload = json!({ "direction": "send" });
    assert!(emit(&hall, "ada", "create-webrtc-transport", payload).0.get("params").is_some());
}

#[test]
fn what_cannot_be_read_is_refused_here() {
    let hall = hall();
    for (name, payload, _) in passed_on() {
        let Value::Object(members) = &payload else { unreachable!() };
        for missing in members.keys().filter(|key| !["appData", "userId"].contains(&key.as_str())) {
            let mut less = payload.clone();
            less[missing] = Value::Null;
            let (ack, _) = emit(&hall, "ada", name, less);
            assert_eq!(ack["code"], "invalid-payload", "{name} without {missing}");
        }
    }
    assert_eq!(hall.nodes.requests(), Vec::<String>::new());
}

/// A role is told to the node before anybody hears of it, and only where there is a node.
#[test]
fn a_change_of_the_meeting_is_told_to_the_node() {
    let hall = hall();
    run(hall.connect("bo", "Bo", 0, None));
    hall.emit("bo", 0, "join-room", json!(room()));
    hall.house.sockets.take();
    emit(&hall, "ada", "make-cohost", json!({ "participantId": "user_Bo" }));
    let calls = std::mem::take(&mut hall.nodes.state().calls);
    let version = hall.house.meeting().version;
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].1.request, Request::RoomChanged { version });
    assert_eq!(hall.house.view().presence(&ConnectionId::new("bo").unwrap()).unwrap().user_id, user("Bo"));
}

#[test]
fn what_somebody_switches_on_is_told_to_the_node() {
    let hall = hall();
    for (state, told) in [
        (json!({ "isAudioMuted": false, "isVideoPaused": false }), vec![Source::Microphone, Source::Camera]),
        (json!({ "isVideoPaused": false }), vec![Source::Camera]),
        (json!({ "isAudioMuted": true, "isVideoPaused": true }), vec![]),
    ] {
        emit(&hall, "ada", "update-my-state", state);
        let calls = std::mem::take(&mut hall.nodes.state().calls);
        let connection_id = ConnectionId::new("ada").unwrap();
        let expected: Vec<Request> = told
            .into_iter()
            .map(|source| Request::SwitchedOn { connection_id: connection_id.clone(), source })
            .collect();
        assert_eq!(calls.into_iter().map(|(_, call)| call.request).collect::<Vec<_>>(), expected);
    }
}
