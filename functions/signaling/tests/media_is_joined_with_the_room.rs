//! `join-mediasoup-room`: the real clients' join. The room first, then its media node, and what they need in its order.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use dais_domain::{ConnectionId, ProducerId, SocketId};
use dais_media::{MediaKind, control::ProducerInfo};
use serde_json::{Value, json};
use support::{client::Hall, executor::run, room, sockets::event, user};

fn hall() -> Hall {
    let hall = Hall::new("Ada");
    hall.nodes.register(&hall.house.store, "n1", 600_000);
    hall
}

/// Connects, and nothing of it is left to be heard.
fn connected(hall: &Hall, id: &str, name: &str) -> support::client::Session {
    run(hall.connect(id, name, 0, None));
    let session = hall.session(id);
    hall.house.sockets.take();
    session
}

/// What a connection hears of an event of its own: names, and the acknowledgement under `ack`.
fn heard(hall: &Hall, id: &str) -> Vec<(String, Value)> {
    let read = |frame: &String| match frame.strip_prefix("431") {
        Some(ack) => ("ack".to_owned(), serde_json::from_str::<Vec<Value>>(ack).unwrap().remove(0)),
        None => {
            let (name, payload, _) = event(frame);
            (name, payload)
        }
    };
    hall.frames(id).iter().map(read).collect()
}

fn names(heard: &[(String, Value)]) -> Vec<&str> {
    heard.iter().map(|(name, _)| name.as_str()).collect()
}

fn ack(heard: &[(String, Value)]) -> &Value {
    &heard.iter().find(|(name, _)| name == "ack").expect("an acknowledgement").1
}

fn join(hall: &Hall, id: &str) -> Vec<(String, Value)> {
    let payload = json!({ "roomId": room(), "rtpCapabilities": {}, "userId": "x", "userName": "x", "isCreator": true });
    hall.emit(id, 0, "join-mediasoup-room", payload);
    let heard = heard(hall, id);
    hall.house.sockets.take();
    heard
}

fn producer() -> ProducerInfo {
    ProducerInfo {
        producer_id: ProducerId::new("p1").unwrap(),
        peer_id: SocketId::new("s1").unwrap(),
        user_id: user("Bo"),
        user_name: dais_domain::DisplayName::new("Bo").unwrap(),
        kind: MediaKind::Video,
        is_screen_share: true,
    }
}

#[test]
fn what_a_join_tells_comes_before_its_acknowledgement() {
    let hall = hall();
    connected(&hall, "ada", "Ada");
    hall.nodes.state().producers = vec![producer()];
    let heard = join(&hall, "ada");
    let before: Vec<_> = names(&heard).into_iter().take_while(|name| *name != "ack").collect();
    assert_eq!(before, ["existing-participants", "participant-list-update"]);
    let expected = json!({
        "success": true,
        "existingProducers": [{
            "producerId": "p1", "peerId": "s1", "userId": "user_Bo", "userName": "Bo", "kind": "video", "isScreenShare": true,
        }],
        "isHost": true,
        "isCoHost": false,
        "mediaState":
            { "isAudioMuted": true, "isVideoPaused": true, "audioLocked": false, "screenShareLocked": false },
    });
    assert_eq!(ack(&heard), &expected);
}

#[test]
fn the_others_are_told_of_a_new_peer() {
    let hall = hall();
    let ada = connected(&hall, "ada", "Ada");
    join(&hall, "ada");
    let bo = connected(&hall, "bo", "Bo");
    hall.emit("bo", 0, "join-mediasoup-room", json!({ "roomId": room() }));
    let told = heard(&hall, "ada");
    let (_, payload) = told.iter().find(|(name, _)| name == "new-peer-joined").expect("told");
    let expected = json!({
        "peerId": bo.sid, "userId": "user_Bo", "name": payload["name"], "imageUrl": null, "isHost": false, "isCoHost": false,
    });
    assert_eq!(payload, &expected);
    assert!(!names(&heard(&hall, "bo")).contains(&"new-peer-joined"));
    assert_ne!(ada.sid, bo.sid);
}

/// Defect 49: the order of one real client.
#[test]
fn joining_the_room_before_changes_nothing() {
    let hall = hall();
    connected(&hall, "ada", "Ada");
    hall.emit("ada", 0, "join-room", json!(room()));
    hall.house.sockets.take();
    let heard = join(&hall, "ada");
    assert_eq!((&ack(&heard)["isHost"], ack(&heard).get("alreadyJoined")), (&json!(true), None));
}

#[test]
fn a_second_join_has_the_roles_too() {
    let hall = hall();
    connected(&hall, "ada", "Ada");
    join(&hall, "ada");
    connected(&hall, "bo", "Bo");
    join(&hall, "bo");
    let again = join(&hall, "ada");
    let ack = ack(&again);
    assert_eq!((&ack["success"], &ack["alreadyJoined"], &ack["isHost"]), (&json!(true), &json!(true), &json!(true)));
    assert_eq!(ack["existingProducers"], json!([]));
    assert!(!names(&heard(&hall, "bo")).contains(&"new-peer-joined"));
}

/// The roles work without any media.
#[test]
fn without_a_node_he_is_in_the_room_all_the_same() {
    let hall = Hall::new("Ada");
    connected(&hall, "ada", "Ada");
    let heard = join(&hall, "ada");
    assert_eq!(ack(&heard), &json!({ "error": "No media node is available", "code": "media-unavailable" }));
    let (_, error) = heard.iter().find(|(name, _)| name == "error").expect("told");
    assert_eq!(error["event"], "join-mediasoup-room");
    assert_eq!(hall.house.view().presences.len(), 1);
}

/// Defect 44.
#[test]
fn unknown_rooms_create_nothing() {
    let hall = hall();
    connected(&hall, "ada", "Ada");
    hall.house.sky.take();
    hall.emit("ada", 0, "get-rtp-capabilities", json!({ "roomId": "unheard-of" }));
    let known = heard(&hall, "ada");
    assert_eq!(ack(&known)["rtpCapabilities"]["codecs"][0]["mimeType"], "audio/opus");
    assert_eq!(hall.house.sky.take().0, Vec::<&str>::new());
    hall.house.sockets.take();
    for (name, payload, code) in [
        ("join-mediasoup-room", json!({ "roomId": "unheard-of" }), "room-not-found"),
        ("create-webrtc-transport", json!({ "roomId": "unheard-of", "direction": "send" }), "peer-not-found"),
    ] {
        hall.emit("ada", 0, name, payload);
        let heard = heard(&hall, "ada");
        hall.house.sockets.take();
        assert_eq!(ack(&heard)["code"], code);
        let writes = ["enter", "claim_room", "create"];
        assert!(!hall.house.sky.take().0.iter().any(|operation| writes.contains(operation)), "{name}");
    }
    assert_eq!(hall.nodes.requests(), Vec::<String>::new());
}

#[test]
fn a_stranger_is_refused_before_any_node_hears_of_him() {
    let hall = hall();
    hall.house.sockets.open(&ConnectionId::new("eve").unwrap());
    let heard = join(&hall, "eve");
    assert_eq!(ack(&heard)["code"], "not-authenticated");
    assert_eq!(hall.nodes.requests(), Vec::<String>::new());
}

/// Three for the room as ever, and two for its node the first time: which there are, and the claim.
#[test]
fn a_first_join_is_five_round_trips_and_the_next_three() {
    let hall = hall();
    connected(&hall, "ada", "Ada");
    connected(&hall, "bo", "Bo");
    for (id, trips) in [("ada", 5), ("bo", 3)] {
        let sender = hall.sender(id, support::at(0));
        let packet = dais_realtime::Packet {
            namespace: "/".to_owned(),
            id: Some(1),
            name: "join-mediasoup-room".to_owned(),
            args: vec![json!({ "roomId": room() })],
        };
        hall.house.sky.take();
        run(dais_realtime::Application::event(&hall.app, &sender, packet));
        let (happened, round_trips) = hall.house.sky.take();
        assert_eq!(round_trips, trips, "{happened:?}");
    }
}

/// Defect 35, from here: the node is told, and closes what he had.
#[test]
fn whoever_goes_is_taken_off_the_node() {
    let hall = hall();
    for (id, name) in [("ada", "Ada"), ("bo", "Bo"), ("cy", "Cy"), ("di", "Di")] {
        connected(&hall, id, name);
        join(&hall, id);
    }
    hall.nodes.requests();
    hall.emit("bo", 0, "leave-room", json!(room()));
    assert_eq!(hall.nodes.requests(), ["leave"]);
    hall.lost("cy", 0);
    assert_eq!(hall.nodes.requests(), ["leave"]);
    let elsewhere = hall.house.another_meeting("elsewhere", "Di");
    hall.emit("di", 0, "join-room", json!(elsewhere));
    assert_eq!(hall.nodes.requests(), ["leave"]);
    let left: Vec<String> = hall.nodes.state().joined.iter().map(|(_, id)| id.to_string()).collect();
    assert_eq!(left, ["ada"]);
}

#[test]
fn a_recovered_connection_keeps_its_media_or_is_told() {
    let hall = hall();
    let session = connected(&hall, "ada", "Ada");
    join(&hall, "ada");
    connected(&hall, "bo", "Bo");
    join(&hall, "bo");
    hall.emit("bo", 0, "make-host", json!({ "roomId": room(), "participantId": "user_Bo" }));
    let offset = hall.house.meeting().version.to_string();
    for (id, already, told) in [("ada2", true, false), ("ada3", false, true)] {
        hall.house.sockets.take();
        hall.nodes.requests();
        let joined = dais_media::control::Answer::Joined { producers: Vec::new(), already };
        hall.nodes.state().planned.push_back(Ok(joined));
        run(hall.connect(id, "Ada", 10, Some((&session.pid, &offset))));
        assert_eq!(hall.nodes.requests(), ["join"]);
        let changed = hall.frames(id).iter().any(|frame| frame.contains("media-node-changed"));
        assert_eq!(changed, told, "{:?}", hall.frames(id));
    }
}
