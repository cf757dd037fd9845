//! Socket.IO connection state recovery: the same session on a new connection, with what was missed in between.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use dais_domain::{Change, Decision, LogEntry, Role};
use dais_realtime::Application;
use dais_store::Meetings;
use serde_json::json;
use support::{
    at,
    client::{Hall, Session},
    executor::{run, step},
    room,
    sockets::{Event, event},
    user,
};

/// Ada is host; Bo has lost his connection, and others have been told. He has seen version 1.
fn bo_is_lost() -> (Hall, Session) {
    let hall = Hall::new("Ada");
    hall.joined("ada", "Ada");
    let session = hall.joined("bo", "Bo");
    hall.lost("bo", 10_000);
    hall.house.sockets.take();
    (hall, session)
}

/// What came after the CONNECT packet.
fn events(hall: &Hall, id: &str) -> Vec<Event> {
    hall.frames(id).iter().skip(1).map(|frame| event(frame)).collect()
}

fn names(hall: &Hall, id: &str) -> Vec<String> {
    events(hall, id).into_iter().map(|event| event.0).collect()
}

fn offset(event: &Event) -> Option<&str> {
    event.2.last().and_then(|offset| offset.as_str())
}

#[test]
fn the_session_goes_on_and_what_was_missed_comes_in_order() {
    let (hall, before) = bo_is_lost();
    hall.house.grant("Bo", Role::CoHost);
    hall.house.grant("Bo", Role::Host);
    run(hall.connect("bo2", "Bo", 20_000, Some((&before.pid, "1"))));
    assert_eq!(hall.session("bo2"), before);
    let expected = ["participant-updated", "cohost-granted", "participant-updated", "host-granted"];
    let events = events(&hall, "bo2");
    let missed: Vec<_> = events.iter().take(4).map(|event| (event.0.as_str(), offset(event))).collect();
    let offsets = [Some("2"), Some("2"), Some("3"), Some("3")];
    assert_eq!(missed, expected.into_iter().zip(offsets).collect::<Vec<_>>());
    let list = &events[4];
    assert_eq!((list.0.as_str(), offset(list)), ("participant-list-update", Some("3")));
    assert_eq!(list.1[1]["isHost"], true);
}

#[test]
fn the_others_are_told_of_his_return_only_if_they_were_told_that_he_left() {
    let (hall, before) = bo_is_lost();
    run(hall.connect("bo2", "Bo", 20_000, Some((&before.pid, "1"))));
    assert_eq!(hall.house.heard_by("ada"), ["participant-joined", "participant-list-update"]);

    let hall = Hall::new("Ada");
    hall.joined("ada", "Ada");
    let before = hall.joined("bo", "Bo");
    hall.house.sockets.lose(&connection_id_of("bo"));
    run(hall.connect("bo2", "Bo", 20_000, Some((&before.pid, "1"))));
    assert_eq!(hall.session("bo2"), before);
    hall.lost("bo", 21_000);
    assert_eq!(hall.house.heard_by("ada"), [""; 0], "he was never away");
    let ids: Vec<_> = hall.house.view().presences.into_iter().map(|there| there.connection_id.to_string()).collect();
    assert_eq!(ids, ["ada", "bo2"]);
}

#[test]
fn a_second_tab_that_stayed_makes_a_return_no_news() {
    let hall = Hall::new("Ada");
    hall.joined("ada", "Ada");
    let before = hall.joined("bo", "Bo");
    hall.joined("bo-other", "Bo");
    hall.lost("bo", 10_000);
    run(hall.connect("bo2", "Bo", 20_000, Some((&before.pid, "1"))));
    assert_eq!(hall.house.heard_by("ada"), [""; 0]);
}

#[test]
fn role_and_microphone_hold_when_the_old_connection_was_not_yet_missed() {
    let hall = Hall::new("Ada");
    let before = hall.joined("ada", "Ada");
    hall.emit("ada", 1_000, "update-my-state", json!({ "roomId": room(), "isAudioMuted": false }));
    run(hall.connect("ada2", "Ada", 2_000, Some((&before.pid, "1"))));
    let ada = hall.house.view().participant(&user("Ada")).unwrap();
    assert!(ada.is_host && !ada.is_audio_muted);
}

#[test]
fn what_cannot_be_recovered_is_a_new_session() {
    let seen = Some("1");
    let cases: [(&str, &str, u64, Option<&str>); 6] = [
        ("another user", "Ada", 20_000, seen),
        ("too late", "Bo", 10_000 + 121_000, seen),
        ("nothing seen", "Bo", 20_000, None),
        ("an offset that is none", "Bo", 20_000, Some("yesterday")),
        ("an offset before the first", "Bo", 20_000, Some("0")),
        ("another session's id", "Bo", 20_000, seen),
    ];
    for (why, name, now_ms, offset) in cases {
        let (hall, before) = bo_is_lost();
        let pid = if why == "another session's id" { "unknown" } else { before.pid.as_str() };
        run(hall.connect("bo2", name, now_ms, Some((pid, offset.unwrap_or_default()))));
        let after = hall.session("bo2");
        assert!(after.sid != before.sid && after.pid != before.pid, "{why}");
        assert_eq!(events(&hall, "bo2"), [], "{why}");
        assert_eq!(hall.house.heard_by("ada"), [""; 0], "{why}");
    }
}

#[test]
fn just_in_time_is_in_time() {
    let (hall, before) = bo_is_lost();
    run(hall.connect("bo2", "Bo", 10_000 + 120_000, Some((&before.pid, "1"))));
    assert_eq!(hall.session("bo2"), before);
}

#[test]
fn who_said_goodbye_starts_anew() {
    let hall = Hall::new("Ada");
    hall.joined("ada", "Ada");
    let before = hall.joined("bo", "Bo");
    let goodbye = run(hall.app.leave(&hall.sender("bo", at(1_000)), "/"));
    assert!(goodbye.close);
    assert_eq!(hall.house.heard_by("ada"), ["participant-left", "participant-list-update"]);
    run(hall.connect("bo2", "Bo", 2_000, Some((&before.pid, "1"))));
    assert_ne!(hall.session("bo2").sid, before.sid);
    assert_eq!(hall.house.view().presences.len(), 1);
}

#[test]
fn who_left_the_room_is_not_put_back_into_it() {
    let hall = Hall::new("Ada");
    let before = hall.joined("ada", "Ada");
    hall.emit("ada", 1_000, "leave-room", json!({ "roomId": room() }));
    hall.lost("ada", 2_000);
    run(hall.connect("ada2", "Ada", 3_000, Some((&before.pid, "1"))));
    assert_eq!(hall.session("ada2"), before);
    assert_eq!(hall.house.view().presences, []);
    assert_eq!(events(&hall, "ada2"), []);
}

/// Hundreds of missed changes are more than a new list.
#[test]
fn who_missed_too_much_joins_anew() {
    for (changes, recovered) in [(500, true), (501, false)] {
        let (hall, before) = bo_is_lost();
        for _ in 0..changes {
            let meeting = hall.house.meeting();
            let change = Change::Role {
                user: user("Cy"),
                name: None,
                from: Role::Participant,
                to: Role::Participant,
                invitation: None,
                rights: Vec::new(),
            };
            let version = meeting.version.next();
            let entry = LogEntry { version, at: at(11_000), by: user("Ada"), by_name: None, change };
            let decision = Decision { meeting: dais_domain::Meeting { version, ..meeting }, entry };
            run(hall.house.store.commit(&decision)).unwrap();
        }
        run(hall.connect("bo2", "Bo", 20_000, Some((&before.pid, "1"))));
        assert_eq!(hall.session("bo2") == before, recovered, "{changes} changes");
    }
}

#[test]
fn a_connect_that_is_handled_twice_recovers_the_same_session() {
    let (hall, before) = bo_is_lost();
    run(async {
        let recover = Some((before.pid.as_str(), "1"));
        futures::join!(hall.connect("bo2", "Bo", 20_000, recover), hall.connect("bo2", "Bo", 20_000, recover))
    });
    let sessions: Vec<_> = hall.frames("bo2").into_iter().filter(|frame| frame.starts_with("40")).collect();
    assert_eq!(sessions.len(), 2);
    assert!(sessions.iter().all(|session| session.contains(&before.sid) && session.contains(&before.pid)));
    assert_eq!(hall.house.view().presences.len(), 2);
}

/// A change that comes between reading what was missed and entering the room is told by nobody else.
#[test]
fn nothing_is_missed_while_recovering() {
    let (hall, before) = bo_is_lost();
    {
        let mut recovering = std::pin::pin!(hall.connect("bo2", "Bo", 20_000, Some((&before.pid, "1"))));
        hall.house.sky.state().happened.clear();
        while !hall.house.sky.happened("log") {
            assert!(step(recovering.as_mut()).is_none());
        }
        // To a room that Bo is not in yet.
        hall.house.grant("Bo", Role::Host);
        run(recovering);
    }
    let names = names(&hall, "bo2");
    assert_eq!(names[..3], ["participant-updated", "host-granted", "participant-list-update"]);
}

/// The departure of the old connection comes between the look at the room and the entering.
#[test]
fn a_departure_that_is_told_while_recovering_is_taken_back() {
    let hall = Hall::new("Ada");
    hall.joined("ada", "Ada");
    let before = hall.joined("bo", "Bo");
    hall.house.sockets.lose(&connection_id_of("bo"));
    {
        let mut recovering = std::pin::pin!(hall.connect("bo2", "Bo", 20_000, Some((&before.pid, "1"))));
        hall.house.sky.state().happened.clear();
        while !hall.house.sky.happened("room") {
            assert!(step(recovering.as_mut()).is_none());
        }
        let gone = hall.sender("bo", at(20_001));
        run(hall.app.gone(&gone, false));
        run(recovering);
    }
    let heard = hall.house.heard_by("ada");
    assert_eq!(heard.first().map(String::as_str), Some("participant-left"));
    assert!(heard.contains(&"participant-joined".to_owned()), "{heard:?}");
}

#[test]
fn a_role_that_was_given_by_the_recovered_one_works() {
    let hall = Hall::new("Ada");
    let before = hall.joined("ada", "Ada");
    hall.joined("bo", "Bo");
    hall.lost("ada", 10_000);
    run(hall.connect("ada2", "Ada", 20_000, Some((&before.pid, "1"))));
    hall.emit("ada2", 21_000, "make-host", json!({ "roomId": room(), "participantId": "user_Bo" }));
    assert_eq!(hall.house.meeting().role_of(&user("Bo")), Role::Host);
}

fn connection_id_of(id: &str) -> dais_domain::ConnectionId {
    dais_domain::ConnectionId::new(id).unwrap()
}
