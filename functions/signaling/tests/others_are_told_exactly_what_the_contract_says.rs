//! Who hears what when somebody joins, leaves, gets or loses a role, or changes his microphone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use dais_domain::{Command, Role, wire::MediaUpdate};
use serde_json::{Value, json};
use support::{executor::run, house::House, room, sockets::event, user};

/// A participant as the wire has him.
fn participant(name: &str, role: Role) -> Value {
    json!({
        "id": format!("user_{name}"), "name": name, "imageUrl": null, "isHost": role == Role::Host,
        "isCoHost": role == Role::CoHost, "isAudioMuted": true, "isVideoPaused": true,
        "audioLocked": false, "videoLocked": false, "screenShareLocked": false,
    })
}

/// Ada is host and has one tab, Bo has two, Cy has one.
fn house() -> House {
    let house = House::new(&["Ada", "Bo", "Cy"]);
    house.connect("Bo", 1);
    house.enter("Bo", 1);
    house.sockets.take();
    house
}

fn command(house: &House, command: Command) {
    let outcome = house.command("Ada", command).unwrap();
    let success: Vec<_> = outcome.frames.iter().map(|frame| event(frame)).collect();
    assert_eq!(success.len(), 1);
    assert_eq!(success[0].0, "success");
    run(outcome.later.unwrap());
}

#[test]
fn the_joiner_gets_the_list_with_himself_and_the_others_get_him() {
    let house = House::new(&["Ada", "Bo"]);
    house.connect("Cy", 0);
    let outcome = house.join("Cy", 0);
    assert_eq!(outcome.ack, json!({ "success": true, "isHost": false, "isCoHost": false }));
    let everybody = json!([
        participant("Ada", Role::Host),
        participant("Bo", Role::Participant),
        participant("Cy", Role::Participant)
    ]);
    let frames: Vec<_> = outcome.frames.iter().map(|frame| event(frame)).collect();
    assert_eq!(frames, [("existing-participants".to_owned(), everybody.clone(), vec![json!("1")])]);
    assert!(outcome.in_order, "what follows is sent after the snapshot");
    let list = ("participant-list-update".to_owned(), everybody, vec![json!("1")]);
    let joined = ("participant-joined".to_owned(), participant("Cy", Role::Participant), vec![json!("1")]);
    for other in ["Ada", "Bo"] {
        assert_eq!(house.events(other, 0), [joined.clone(), list.clone()]);
    }
    assert_eq!(house.events("Cy", 0), [list], "nobody is told that he has come himself");
}

#[test]
fn a_host_who_joins_is_told_that_he_is_one() {
    let house = House::empty("Ada");
    house.connect("Ada", 0);
    assert_eq!(house.join("Ada", 0).ack, json!({ "success": true, "isHost": true, "isCoHost": false }));
    house.connect("Bo", 0);
    house.grant("Bo", Role::CoHost);
    assert_eq!(house.join("Bo", 0).ack, json!({ "success": true, "isHost": false, "isCoHost": true }));
}

#[test]
fn a_second_tab_is_told_to_nobody() {
    let house = House::new(&["Ada", "Bo"]);
    house.connect("Bo", 1);
    let outcome = house.join("Bo", 1);
    assert_eq!(event(&outcome.frames[0]).1.as_array().unwrap().len(), 2, "one entry per user");
    assert_eq!(house.sockets.take(), []);
}

#[test]
fn only_the_last_tab_that_leaves_is_told() {
    let house = house();
    house.leave("Bo", 0);
    assert_eq!(house.sockets.take(), []);
    house.leave("Bo", 1);
    let left = ("participant-left".to_owned(), json!({ "peerId": "s-Bo1", "userId": "user_Bo" }), vec![json!("1")]);
    let list = json!([participant("Ada", Role::Host), participant("Cy", Role::Participant)]);
    for other in ["Ada", "Cy"] {
        let list = ("participant-list-update".to_owned(), list.clone(), vec![json!("1")]);
        assert_eq!(house.events(other, 0), [left.clone(), list]);
    }
    assert_eq!(house.events("Bo", 1), []);
}

#[test]
fn a_role_change_is_told_to_all_and_its_notice_to_every_tab_of_its_target_and_to_nobody_else() {
    let house = house();
    let changes = [
        (Command::MakeCohost(user("Bo")), json!({ "isCoHost": true }), "cohost-granted"),
        (Command::MakeHost(user("Bo")), json!({ "isHost": true, "isCoHost": false }), "host-granted"),
        (Command::RemoveHost(user("Bo")), json!({ "isHost": false }), "host-revoked"),
        (Command::MakeCohost(user("Bo")), json!({ "isCoHost": true }), "cohost-granted"),
        (Command::RemoveCohost(user("Bo")), json!({ "isCoHost": false }), "cohost-revoked"),
    ];
    for (version, (change, updates, notice)) in (2..).zip(changes) {
        command(&house, change);
        let offset = vec![json!(version.to_string())];
        let payload = json!({ "participantId": "user_Bo", "updates": updates });
        let updated = ("participant-updated".to_owned(), payload, offset.clone());
        for (name, tab) in [("Ada", 0), ("Cy", 0)] {
            assert_eq!(house.events(name, tab), std::slice::from_ref(&updated), "{notice} to {name}");
        }
        let notice = (notice.to_owned(), json!({ "by": "Ada" }), offset);
        for tab in [0, 1] {
            assert_eq!(house.events("Bo", tab), [updated.clone(), notice.clone()]);
        }
        house.sockets.take();
    }
}

#[test]
fn ones_own_state_is_told_to_the_others_with_what_changed_only() {
    let house = House::new(&["Ada", "Bo"]);
    let update = MediaUpdate { room: room(), is_audio_muted: Some(false), is_video_paused: None };
    let outcome = run(house.rooms.media(&house.sender("Bo"), &update)).unwrap();
    run(outcome.later.unwrap());
    let changed = json!({ "userId": "user_Bo", "isAudioMuted": false });
    assert_eq!(house.events("Ada", 0), [("participant-state-changed".to_owned(), changed, vec![json!("1")])]);
    assert_eq!(house.events("Bo", 0), []);
    let bo = house.view().participant(&user("Bo")).unwrap();
    assert!(!bo.is_audio_muted && bo.is_video_paused);
}

/// A phone that joins as a second device is muted; its user is not.
#[test]
fn a_muted_tab_does_not_show_its_user_as_muted_while_another_one_speaks() {
    let house = house();
    let update = |muted| MediaUpdate { room: room(), is_audio_muted: Some(muted), is_video_paused: None };
    for (tab, muted) in [(0, false), (1, true)] {
        let outcome = run(house.rooms.media(&house.tab("Bo", tab), &update(muted))).unwrap();
        run(outcome.later.unwrap());
        let told = house.events("Ada", 0).pop().unwrap();
        assert_eq!(told.1, json!({ "userId": "user_Bo", "isAudioMuted": false }), "tab {tab}");
    }
}

/// Microphone and camera are switched at once, and two environments work on it.
#[test]
fn two_updates_at_once_both_count() {
    let house = House::new(&["Ada", "Bo"]);
    let sender = house.sender("Bo");
    let audio = MediaUpdate { room: room(), is_audio_muted: Some(false), is_video_paused: None };
    let video = MediaUpdate { room: room(), is_audio_muted: None, is_video_paused: Some(false) };
    let (one, other) =
        run(async { futures::join!(house.rooms.media(&sender, &audio), house.rooms.media(&sender, &video)) });
    assert!(one.is_ok() && other.is_ok());
    let bo = house.view().participant(&user("Bo")).unwrap();
    assert!(!bo.is_audio_muted && !bo.is_video_paused, "{bo:?}");
}
