//! API Gateway ends each connection after two hours. Its client is back within seconds, and the others hear nothing of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::time::{Duration, SystemTime};

use dais_domain::ConnectionId;
use dais_heartbeat::Heartbeat;
use dais_realtime::Application;
use serde_json::json;
use support::{
    at,
    client::{Hall, Session},
    executor::{run, step},
    room, settings,
};

const LIMIT_MS: u64 = 2 * 3_600_000;

/// Bo has been here for two hours, Ada came later.
fn two_hours_later() -> (Hall, Session) {
    let hall = Hall::new("Ada");
    let bo = hall.joined("bo", "Bo");
    run(hall.connect("ada", "Ada", LIMIT_MS - 600_000, None));
    hall.emit("ada", LIMIT_MS - 600_000, "join-room", json!({ "roomId": room() }));
    hall.house.sockets.take();
    (hall, bo)
}

fn is_there(hall: &Hall, id: &str) -> bool {
    hall.house.view().presence(&ConnectionId::new(id).unwrap()).is_some()
}

fn heartbeat(hall: &Hall, now_ms: u64) {
    let (store, sockets) = (hall.house.store.clone(), hall.house.sockets.clone());
    let heartbeat = Heartbeat::new(store, sockets, hall.house.rooms.announcer().clone(), settings());
    run(heartbeat.run(at(now_ms), SystemTime::now() + Duration::from_secs(60))).unwrap();
}

#[test]
fn who_comes_back_was_never_away() {
    let (hall, bo) = two_hours_later();
    hall.lost("bo", LIMIT_MS);
    run(hall.connect("bo2", "Bo", LIMIT_MS + 1_500, Some((&bo.pid, "1"))));
    assert_eq!(hall.session("bo2"), bo);
    heartbeat(&hall, LIMIT_MS + 60_000);
    assert_eq!(hall.house.heard_by("ada").iter().filter(|event| event.contains("participant")).count(), 0);
    assert!(is_there(&hall, "bo2") && !is_there(&hall, "bo"));
}

/// The others talk on meanwhile, and their posts find nobody.
#[test]
fn what_is_told_in_the_gap_does_not_end_it() {
    let (hall, bo) = two_hours_later();
    hall.house.sockets.lose(&ConnectionId::new("bo").unwrap());
    let muted = json!({ "roomId": room(), "isAudioMuted": false });
    hall.emit("ada", LIMIT_MS + 100, "update-my-state", muted.clone());
    hall.lost("bo", LIMIT_MS + 200);
    hall.emit("ada", LIMIT_MS + 300, "update-my-state", muted);
    run(hall.connect("bo2", "Bo", LIMIT_MS + 1_500, Some((&bo.pid, "1"))));
    assert_eq!(hall.session("bo2"), bo);
    assert!(!hall.frames("ada").iter().any(|frame| frame.contains("participant-left")));
}

#[test]
fn who_does_not_come_back_is_gone_when_the_heartbeat_looks() {
    let (hall, _) = two_hours_later();
    hall.lost("bo", LIMIT_MS);
    heartbeat(&hall, LIMIT_MS + 19_000);
    assert!(is_there(&hall, "bo"));
    heartbeat(&hall, LIMIT_MS + 21_000);
    assert!(!is_there(&hall, "bo"));
    assert!(hall.house.heard_by("ada").contains(&"participant-left".to_owned()));
}

#[test]
fn the_ping_that_finds_him_gone_waits_too() {
    let (hall, _) = two_hours_later();
    hall.house.sockets.lose(&ConnectionId::new("bo").unwrap());
    heartbeat(&hall, LIMIT_MS);
    assert!(is_there(&hall, "bo"));
    heartbeat(&hall, LIMIT_MS + 21_000);
    assert!(!is_there(&hall, "bo"));
}

#[test]
fn who_leaves_before_or_says_goodbye_is_gone_at_once() {
    let (hall, _) = two_hours_later();
    hall.lost("bo", LIMIT_MS - 120_000);
    assert_eq!(hall.house.heard_by("ada"), ["participant-left", "participant-list-update"]);

    let (hall, _) = two_hours_later();
    run(hall.app.leave(&hall.sender("bo", at(LIMIT_MS)), "/"));
    assert_eq!(hall.house.heard_by("ada"), ["participant-left", "participant-list-update"]);
}

/// The end of the old connection is handled while the new one is just taking its place.
#[test]
fn a_client_who_is_back_before_the_end_is_noticed_was_never_away() {
    let (hall, bo) = two_hours_later();
    hall.house.sockets.lose(&ConnectionId::new("bo").unwrap());
    let sender = hall.sender("bo", at(LIMIT_MS));
    {
        let mut gone = std::pin::pin!(hall.app.gone(&sender, false));
        hall.house.sky.state().happened.clear();
        while !hall.house.sky.happened("connection") {
            assert!(step(gone.as_mut()).is_none());
        }
        let mut recovering = std::pin::pin!(hall.connect("bo2", "Bo", LIMIT_MS + 500, Some((&bo.pid, "1"))));
        hall.house.sky.state().happened.clear();
        while !hall.house.sky.happened("closing") {
            assert!(step(recovering.as_mut()).is_none());
        }
        run(gone);
        run(recovering);
    }
    assert_eq!(hall.session("bo2"), bo);
    assert!(!hall.frames("ada").iter().any(|frame| frame.contains("participant-left")));
    assert!(is_there(&hall, "bo2") && !is_there(&hall, "bo"));
}
