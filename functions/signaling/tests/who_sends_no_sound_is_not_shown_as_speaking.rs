//! Front ends say that their microphone is on after an attempt to switch it on, also when that has failed. The room's media node
//! knows better; where there is none, or it does not know them, they are believed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use dais_media::control::Problem;
use serde_json::{Value, json};
use support::{client::Hall, executor::run, room, sockets::event, user};

/// Ada and Bo are in the room, Ada on its node.
fn hall() -> Hall {
    let hall = Hall::new("Ada");
    hall.nodes.register(&hall.house.store, "n1", 600_000);
    run(hall.connect("ada", "Ada", 0, None));
    hall.emit("ada", 0, "join-mediasoup-room", json!({ "roomId": room() }));
    hall.joined("bo", "Bo");
    hall.nodes.requests();
    hall
}

/// What somebody's own connection and the other one hear when he says so.
fn says(hall: &Hall, id: &str, other: &str, state: Value) -> [Vec<(String, Value)>; 2] {
    let mut payload = state;
    payload["roomId"] = json!(room());
    hall.emit(id, 0, "update-my-state", payload);
    let heard = [id, other].map(|id| {
        let frames = hall.frames(id);
        let events = frames.iter().filter(|frame| frame.starts_with("42")).map(|frame| event(frame));
        events.map(|(name, payload, _)| (name, payload)).collect()
    });
    hall.house.sockets.take();
    heard
}

fn is_muted(hall: &Hall, name: &str) -> bool {
    hall.house.view().participant(&user(name)).unwrap().is_audio_muted
}

#[test]
fn a_microphone_that_the_node_does_not_get_stays_off() {
    let hall = hall();
    hall.nodes.state().outcomes.insert("switched-on", Err(Problem::ProducerNotFound));
    let [own, others] = says(&hall, "ada", "bo", json!({ "isAudioMuted": false }));
    assert_eq!((own.len(), own[0].0.as_str()), (1, "participant-state-changed"), "his buttons follow");
    assert_eq!((&own[0].1["userId"], &own[0].1["isAudioMuted"]), (&json!("user_Ada"), &json!(true)));
    assert_eq!(others, []);
    assert!(is_muted(&hall, "Ada"));
}

#[test]
fn what_he_says_of_his_camera_counts_all_the_same() {
    let hall = hall();
    hall.nodes.state().outcomes.insert("switched-on", Err(Problem::ProducerNotFound));
    let [_, others] = says(&hall, "ada", "bo", json!({ "isAudioMuted": false, "isVideoPaused": false }));
    let told = json!({ "userId": "user_Ada", "isVideoPaused": false });
    assert_eq!(others, [("participant-state-changed".to_owned(), told)]);
    assert!(is_muted(&hall, "Ada"));
}

#[test]
fn a_microphone_that_the_node_gets_is_on() {
    let hall = hall();
    let [own, others] = says(&hall, "ada", "bo", json!({ "isAudioMuted": false }));
    assert_eq!((own.len(), others.len()), (0, 1));
    assert!(!is_muted(&hall, "Ada"));
}

#[test]
fn who_is_not_on_the_node_is_believed() {
    let hall = hall();
    says(&hall, "bo", "ada", json!({ "isAudioMuted": false }));
    assert!(!is_muted(&hall, "Bo"));
}

#[test]
fn in_a_room_without_media_nobody_is_asked() {
    let hall = Hall::new("Ada");
    hall.joined("ada", "Ada");
    hall.joined("bo", "Bo");
    says(&hall, "bo", "ada", json!({ "isAudioMuted": false }));
    assert!(!is_muted(&hall, "Bo"));
    assert_eq!(hall.nodes.requests(), Vec::<String>::new());
}

#[test]
fn to_be_silent_nobody_is_asked() {
    let hall = hall();
    says(&hall, "ada", "bo", json!({ "isAudioMuted": true }));
    assert_eq!(hall.nodes.requests(), Vec::<String>::new());
}
