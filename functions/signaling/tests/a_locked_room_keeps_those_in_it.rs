//! Nobody new comes into a room that is locked. Whoever is in it stays, whatever becomes of his connection or his media node.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use dais_domain::{Actor, Command, MeetingEdit, Policy};
use dais_store::Meetings;
use serde_json::{Value, json};
use support::{at, client::Hall, executor::run, room, user};

/// Ada is host and Bo is in the room, which has been locked since.
fn locked() -> (Hall, String) {
    let hall = Hall::new("Ada");
    hall.nodes.register(&hall.house.store, "n1", 600_000);
    hall.joined("ada", "Ada");
    let session = hall.joined("bo", "Bo");
    let policy = Some(Policy { locked: true, ..Policy::default() });
    let edit = Command::Edit(MeetingEdit { policy, ..MeetingEdit::default() });
    let ada = Actor { user_id: user("Ada"), name: None };
    let decision = hall.house.meeting().decide(&ada, &edit, None, at(0)).unwrap().unwrap();
    run(hall.house.store.commit(&decision)).unwrap();
    (hall, session.pid)
}

/// What a connection is answered when it joins.
fn joins(hall: &Hall, id: &str, event: &str) -> Value {
    hall.house.sockets.take();
    hall.emit(id, 20_000, event, json!({ "roomId": room() }));
    let frames = hall.frames(id);
    let ack = frames.iter().find_map(|frame| frame.strip_prefix("431")).expect("an acknowledgement");
    serde_json::from_str::<Vec<Value>>(ack).unwrap().remove(0)
}

#[test]
fn nobody_new_comes_in() {
    let (hall, _) = locked();
    run(hall.connect("cy", "Cy", 0, None));
    assert_eq!(joins(&hall, "cy", "join-room")["code"], "room-locked");
    assert_eq!(hall.house.view().presences.len(), 2);
}

#[test]
fn who_is_in_it_joins_again_and_gets_media() {
    let (hall, _) = locked();
    for event in ["join-room", "join-mediasoup-room"] {
        assert_eq!(joins(&hall, "bo", event)["success"], true, "{event}");
    }
}

#[test]
fn a_session_that_is_recovered_is_nobody_new() {
    let (hall, pid) = locked();
    hall.lost("bo", 10_000);
    run(hall.connect("bo2", "Bo", 20_000, Some((&pid, "1"))));
    assert_eq!(hall.house.view().presences_of(&user("Bo")).count(), 1);
    assert_eq!(joins(&hall, "bo2", "join-mediasoup-room")["success"], true);
}
