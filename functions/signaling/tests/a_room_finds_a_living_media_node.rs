//! Which node a room goes to, and what happens when it dies.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use dais_domain::{MediaClaim, Timestamp};
use dais_media::control::Problem;
use dais_media_nodes::CallError;
use dais_store::{MediaNodeRecord, MediaNodes, NodeLoad};
use serde_json::{Value, json};
use support::{START_MS, client::Hall, executor::run, nodes::record, room};

fn connected(hall: &Hall, id: &str, name: &str) {
    run(hall.connect(id, name, 0, None));
    hall.house.sockets.take();
}

fn join(hall: &Hall, id: &str) -> Value {
    emit(hall, id, "join-mediasoup-room", json!({ "roomId": room() }))
}

/// The acknowledgement; what the others heard stays.
fn emit(hall: &Hall, id: &str, name: &str, payload: Value) -> Value {
    hall.emit(id, 0, name, payload);
    let frames = hall.frames(id);
    let ack = frames.iter().rev().find_map(|frame| frame.strip_prefix("431")).expect("an acknowledgement");
    serde_json::from_str::<Vec<Value>>(ack).unwrap().remove(0)
}

fn claim(hall: &Hall) -> Option<MediaClaim> {
    hall.house.view().media
}

fn was_told(hall: &Hall, id: &str) -> bool {
    hall.frames(id).iter().any(|frame| frame.contains(r#"["media-node-changed",{"roomId":"standup"}"#))
}

fn transport(hall: &Hall, id: &str) -> Value {
    emit(hall, id, "create-webrtc-transport", json!({ "roomId": room(), "direction": "send" }))
}

#[test]
fn of_two_nodes_the_one_with_less_to_do_is_taken() {
    for _ in 0..8 {
        let hall = Hall::new("Ada");
        for (id, packets_per_second) in [("busy", 1_000), ("idle", 10)] {
            let load = NodeLoad { packets_per_second, ..NodeLoad::default() };
            hall.nodes.write(&hall.house.store, MediaNodeRecord { load, ..record(id) });
        }
        connected(&hall, "ada", "Ada");
        assert_eq!(join(&hall, "ada")["success"], true);
        assert_eq!(claim(&hall).unwrap().node.as_str(), "idle");
    }
}

#[test]
fn nodes_that_drain_or_are_dead_are_not_taken() {
    let hall = Hall::new("Ada");
    hall.nodes.write(&hall.house.store, MediaNodeRecord { draining: true, ..record("draining") });
    let lapsed = MediaNodeRecord { lease_until: Timestamp::from_ms(START_MS), ..record("lapsed") };
    hall.nodes.write(&hall.house.store, lapsed);
    connected(&hall, "ada", "Ada");
    assert_eq!(join(&hall, "ada")["code"], "media-unavailable");
    assert_eq!(claim(&hall), None);
}

#[test]
fn all_of_a_room_go_to_the_same_node() {
    let hall = Hall::new("Ada");
    for n in 0..5 {
        hall.nodes.register(&hall.house.store, &format!("n{n}"), 600_000);
    }
    for id in ["ada", "bo", "cy"] {
        connected(&hall, id, id);
        assert_eq!(join(&hall, id)["success"], true);
    }
    let nodes: std::collections::BTreeSet<String> = hall.nodes.asked().into_iter().map(|(node, _)| node).collect();
    assert_eq!(nodes.len(), 1);
    assert_eq!(claim(&hall).unwrap().epoch, 1);
}

/// Its lease has lapsed when the next call comes.
#[test]
fn the_room_of_a_dead_node_goes_to_another_and_all_are_told() {
    let hall = Hall::new("Ada");
    hall.nodes.register(&hall.house.store, "n1", 1_000);
    for (id, name) in [("ada", "Ada"), ("bo", "Bo")] {
        connected(&hall, id, name);
        join(&hall, id);
    }
    let n2 = hall.nodes.register(&hall.house.store, "n2", 600_000);
    hall.nodes.state().now_ms = 2_000;
    hall.house.sockets.take();
    let ack = transport(&hall, "ada");
    assert_eq!(ack["code"], "peer-not-found", "he must join there first");
    let claim = claim(&hall).unwrap();
    assert_eq!((claim.node, claim.epoch), (n2, 2));
    assert!(was_told(&hall, "ada") && was_told(&hall, "bo"));

    hall.house.sockets.take();
    let joined = join(&hall, "ada");
    assert_eq!((&joined["success"], joined.get("alreadyJoined")), (&json!(true), None));
    assert!(transport(&hall, "ada").get("params").is_some());
    assert!(!was_told(&hall, "bo"), "once is enough");
}

/// It does not answer, but its lease holds: it may be alive for others, so the lease is waited for.
#[test]
fn a_node_that_does_not_answer_is_given_the_time_of_its_lease() {
    let hall = Hall::new("Ada");
    let n1 = hall.nodes.register(&hall.house.store, "n1", 2_000);
    connected(&hall, "ada", "Ada");
    join(&hall, "ada");
    hall.nodes.register(&hall.house.store, "n2", 600_000);
    {
        let mut state = hall.nodes.state();
        state.dead.insert(n1);
        state.passes_ms = 700;
    }
    hall.house.sockets.take();
    assert_eq!(join(&hall, "ada")["success"], true);
    assert_eq!(hall.nodes.state().now_ms, 2_100, "three calls in vain");
    assert_eq!(claim(&hall).unwrap().epoch, 2);
}

#[test]
fn a_node_that_stays_silent_with_its_lease_is_given_up() {
    let hall = Hall::new("Ada");
    let n1 = hall.nodes.register(&hall.house.store, "n1", 600_000);
    connected(&hall, "ada", "Ada");
    join(&hall, "ada");
    hall.nodes.state().dead.insert(n1.clone());
    assert_eq!(transport(&hall, "ada")["code"], "unavailable");
    assert_eq!(claim(&hall).unwrap().node, n1);
}

/// Another environment has moved the room; this one remembers the old node.
#[test]
fn a_node_that_has_lost_the_room_says_so_and_the_new_one_is_found() {
    let hall = Hall::new("Ada");
    let n1 = hall.nodes.register(&hall.house.store, "n1", 600_000);
    connected(&hall, "ada", "Ada");
    join(&hall, "ada");
    let n2 = hall.nodes.register(&hall.house.store, "n2", 600_000);
    let before = claim(&hall).unwrap();
    let now = Timestamp::from_ms(START_MS + 5);
    run(hall.house.store.claim_room(&room(), &n2, Some(&before), now)).unwrap();
    hall.nodes.asked();
    hall.nodes.state().planned.push_back(Err(Problem::NotHere.into()));
    let joined = join(&hall, "ada");
    assert_eq!(joined["success"], true);
    let asked: Vec<String> = hall.nodes.asked().into_iter().map(|(node, _)| node).collect();
    assert_eq!(asked.last().map(String::as_str), Some("n2"));
    assert!(asked.len() <= 2 && before.node == n1);
}

#[test]
fn a_draining_node_is_left_when_it_takes_nobody() {
    let hall = Hall::new("Ada");
    hall.nodes.register(&hall.house.store, "n1", 600_000);
    connected(&hall, "ada", "Ada");
    hall.nodes.state().planned.push_back(Err(CallError::Problem(Problem::Draining)));
    let joined = join(&hall, "ada");
    assert_eq!(joined["code"], "media-unavailable", "there is no other");
    hall.nodes.register(&hall.house.store, "n2", 600_000);
    hall.nodes.state().planned.push_back(Err(CallError::Problem(Problem::Draining)));
    assert_eq!(join(&hall, "ada")["success"], true);
    assert_eq!(claim(&hall).unwrap().node.as_str(), "n2");
}

#[test]
fn all_tries_of_a_call_have_one_id() {
    let hall = Hall::new("Ada");
    hall.nodes.register(&hall.house.store, "n1", 600_000);
    connected(&hall, "ada", "Ada");
    hall.nodes.state().planned.extend([Err(Problem::Unavailable.into()), Err(Problem::Ticket.into())]);
    assert_eq!(join(&hall, "ada")["success"], true);
    let calls = std::mem::take(&mut hall.nodes.state().calls);
    assert_eq!(calls.len(), 3);
    assert!(calls.iter().all(|(_, call)| call.request_id == calls[0].1.request_id));
    transport(&hall, "ada");
    assert_ne!(hall.nodes.state().calls[0].1.request_id, calls[0].1.request_id);
}

/// What only tells a node something moves no room.
#[test]
fn leaving_gives_no_room_to_anybody() {
    let hall = Hall::new("Ada");
    hall.nodes.register(&hall.house.store, "n1", 1_000);
    connected(&hall, "ada", "Ada");
    join(&hall, "ada");
    hall.nodes.register(&hall.house.store, "n2", 600_000);
    hall.nodes.state().now_ms = 2_000;
    hall.emit("ada", 0, "leave-room", json!(room()));
    assert_eq!(claim(&hall).unwrap().node.as_str(), "n1");
    assert_eq!(hall.house.view().presences.len(), 0);
}
