//! Who hears what when somebody is muted, loses his camera or screen share, or is removed, and when all are; and that of what
//! is refused nobody hears anything.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use dais_domain::{Action, Command, Refusal, Role, Source};
use serde_json::{Value, json};
use support::{client::Hall, executor::run, house::House, room, sockets::event, user};

/// Ada is host, Ben co-host; Bo has two tabs, Cy has one.
fn house() -> House {
    let house = House::new(&["Ada", "Ben", "Bo", "Cy"]);
    house.grant("Ben", Role::CoHost);
    house.connect("Bo", 1);
    house.enter("Bo", 1);
    house.sockets.take();
    house
}

fn restrict(name: &str, source: Source, allowed: bool) -> Command {
    Command::Restrict { user: user(name), source, allowed }
}

fn all(source: Source, allowed: bool) -> Command {
    Command::RoomWide { source, allowed }
}

/// Does it; gives the acknowledgement, and what its sender is told beside.
fn done(house: &House, by: &str, command: Command) -> (Value, Value) {
    let outcome = house.command(by, command).unwrap();
    let (name, payload, _) = event(&outcome.frames[0]);
    assert_eq!((outcome.frames.len(), name.as_str()), (1, "success"));
    run(outcome.later.unwrap());
    (outcome.ack, payload["message"].clone())
}

/// What a tab has heard: names with payloads, without the lists.
fn heard(house: &House, name: &str, tab: usize) -> Vec<(String, Value)> {
    let events = house.events(name, tab).into_iter().map(|(name, payload, _)| (name, payload));
    events.filter(|(name, _)| name != "participant-list-update").collect()
}

fn named(name: &str, payload: Value) -> (String, Value) {
    (name.to_owned(), payload)
}

/// What everybody is told of one person's right to a source, and what he is told beside: taken away, and given back.
fn of_one(source: Source, allowed: bool) -> (Value, (String, Value)) {
    match (source, allowed) {
        (Source::Microphone, false) => (
            json!({ "userId": "user_Bo", "audioLocked": true, "isAudioMuted": true }),
            named("force-mute", json!({ "audio": true, "by": "Ben", "locked": true })),
        ),
        (Source::Microphone, true) => (
            json!({ "userId": "user_Bo", "audioLocked": false }),
            named("allow-unmute", json!({ "by": "Ben", "locked": false })),
        ),
        (Source::Camera, false) => (
            json!({ "userId": "user_Bo", "videoLocked": true, "isVideoPaused": true }),
            named("force-video-pause", json!({ "video": true, "by": "Ben" })),
        ),
        (Source::Camera, true) => {
            (json!({ "userId": "user_Bo", "videoLocked": false }), named("allow-unpause", json!({ "by": "Ben" })))
        }
        (Source::Screen, allowed) => (
            json!({ "userId": "user_Bo", "screenShareLocked": !allowed }),
            named("screenshare-control", json!({ "enabled": allowed, "by": "Ben" })),
        ),
    }
}

#[test]
fn what_one_may_not_is_told_to_every_tab_of_his_and_shown_to_all() {
    for source in Source::ALL {
        let house = house();
        for allowed in [false, true] {
            let (ack, _) = done(&house, "Ben", restrict("Bo", source, allowed));
            assert_eq!(ack, json!({ "success": true }));
            let (shown, own) = of_one(source, allowed);
            let shown = named("participant-state-changed", shown);
            for name in ["Ada", "Ben", "Cy"] {
                assert_eq!(heard(&house, name, 0), std::slice::from_ref(&shown), "{source:?} {allowed} to {name}");
            }
            for tab in [0, 1] {
                assert_eq!(heard(&house, "Bo", tab), [shown.clone(), own.clone()], "{source:?} {allowed}");
            }
            house.sockets.take();
        }
    }
}

#[test]
fn a_switch_for_all_is_told_to_those_who_have_no_role_and_shown_to_all() {
    let notices = |source, allowed| match (source, allowed) {
        (Source::Microphone, false) => vec![("force-mute", json!({ "audio": true, "by": "Ada", "locked": true }))],
        (Source::Microphone, true) => vec![("allow-unmute", json!({ "by": "Ada", "locked": false }))],
        (Source::Camera, false) => vec![("force-video-pause", json!({ "video": true, "by": "Ada" }))],
        (Source::Camera, true) => vec![("allow-unpause", json!({ "by": "Ada" }))],
        (Source::Screen, false) => vec![("screenshare-global-update", json!({ "enabled": false, "by": "Ada" }))],
        (Source::Screen, true) => vec![
            ("screenshare-global-update", json!({ "enabled": true, "by": "Ada" })),
            ("screenshare-control", json!({ "enabled": true, "by": "Ada" })),
        ],
    };
    for source in Source::ALL {
        let house = house();
        for allowed in [false, true] {
            let (ack, _) = done(&house, "Ada", all(source, allowed));
            assert_eq!(ack, json!({ "success": true, "enabled": allowed }));
            let policy = named("meeting-updated", json!({ "policy": house.meeting().policy }));
            for name in ["Ada", "Ben"] {
                assert_eq!(heard(&house, name, 0), std::slice::from_ref(&policy), "{source:?} {allowed} to {name}");
            }
            let own = notices(source, allowed).into_iter().map(|(name, payload)| named(name, payload));
            let expected: Vec<_> = [policy].into_iter().chain(own).collect();
            for (name, tab) in [("Bo", 0), ("Bo", 1), ("Cy", 0)] {
                assert_eq!(heard(&house, name, tab), expected, "{source:?} {allowed} to {name}");
            }
            for name in ["Ada", "Ben", "Bo", "Cy"] {
                let (last, list, _) = house.events(name, 0).pop().unwrap();
                assert_eq!(last, "participant-list-update");
                for one in list.as_array().unwrap() {
                    let has_role = one["isHost"] == true || one["isCoHost"] == true;
                    assert_eq!(lock(one, source), !allowed && !has_role, "{source:?} of {one} at {name}");
                }
                assert_eq!(list.as_array().unwrap().len(), 4);
            }
            house.sockets.take();
        }
    }
}

fn lock(participant: &Value, source: Source) -> bool {
    let name = match source {
        Source::Microphone => "audioLocked",
        Source::Camera => "videoLocked",
        Source::Screen => "screenShareLocked",
    };
    participant[name].as_bool().unwrap()
}

/// For him something else was decided.
#[test]
fn who_is_muted_himself_is_not_told_that_all_are_and_is_told_when_all_may_again() {
    let house = house();
    done(&house, "Ada", restrict("Bo", Source::Microphone, false));
    house.sockets.take();
    done(&house, "Ada", all(Source::Microphone, false));
    let names =
        |house: &House, name| -> Vec<String> { heard(house, name, 0).into_iter().map(|(name, _)| name).collect() };
    assert_eq!(
        (names(&house, "Bo"), names(&house, "Cy")),
        (vec!["meeting-updated".to_owned()], vec!["meeting-updated".to_owned(), "force-mute".to_owned()],)
    );
    house.sockets.take();
    done(&house, "Ada", all(Source::Microphone, true));
    for name in ["Bo", "Cy"] {
        assert_eq!(names(&house, name), ["meeting-updated", "allow-unmute"]);
    }
}

#[test]
fn who_is_removed_is_told_so_in_every_tab_and_the_others_that_he_has_left() {
    let house = house();
    let (ack, message) = done(&house, "Ben", Command::Remove(user("Bo")));
    assert_eq!((ack, message), (json!({ "success": true }), json!("Participant removed")));
    let kicked = named("kicked-from-room", json!({ "by": "Ben", "reason": "Removed by host" }));
    for tab in [0, 1] {
        assert_eq!(heard(&house, "Bo", tab), std::slice::from_ref(&kicked));
        assert_eq!(house.events("Bo", tab).len(), 1, "and the list of the others is not for him");
    }
    for name in ["Ada", "Ben", "Cy"] {
        let events = house.events(name, 0);
        let names: Vec<_> = events.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(names, ["participant-left", "participant-list-update"], "to {name}");
        assert_eq!(events[0].1["userId"], "user_Bo");
        assert_eq!(events[1].1.as_array().unwrap().len(), 3);
    }
    assert_eq!(house.view().presences.len(), 3);
    house.sockets.take();
    done(&house, "Ben", Command::Readmit(user("Bo")));
    assert_eq!(house.sockets.take(), [], "that he may come back is nobody's news until he does");
}

/// Who may not is told why, nothing is written, and nobody else hears of it.
#[test]
fn what_is_refused_is_told_to_nobody() {
    use Source::{Camera, Microphone, Screen};
    let house = house();
    let cohosts = |action| Refusal::NotOver { action, target: Role::Host };
    let cases = [
        ("Bo", restrict("Cy", Microphone, false), Refusal::NotAllowed(Action::MuteOne)),
        ("Bo", restrict("Cy", Camera, false), Refusal::NotAllowed(Action::CameraOne)),
        ("Bo", restrict("Cy", Screen, false), Refusal::NotAllowed(Action::ScreenShareOne)),
        ("Bo", restrict("Bo", Microphone, true), Refusal::NotAllowed(Action::MuteOne)),
        ("Bo", all(Microphone, false), Refusal::NotAllowed(Action::RoomWide)),
        ("Bo", all(Camera, true), Refusal::NotAllowed(Action::RoomWide)),
        ("Bo", all(Screen, false), Refusal::NotAllowed(Action::RoomWide)),
        ("Bo", Command::Remove(user("Cy")), Refusal::NotAllowed(Action::RemoveFromRoom)),
        ("Bo", Command::Readmit(user("Cy")), Refusal::NotAllowed(Action::RemoveFromRoom)),
        ("Ben", restrict("Ada", Microphone, false), cohosts(Action::MuteOne)),
        ("Ben", restrict("Ada", Camera, false), cohosts(Action::CameraOne)),
        ("Ben", restrict("Ada", Screen, false), cohosts(Action::ScreenShareOne)),
        ("Ben", Command::Remove(user("Ada")), cohosts(Action::RemoveFromRoom)),
        ("Ada", restrict("Ada", Microphone, false), Refusal::CannotModerateSelf),
        ("Ada", restrict("Ada", Camera, false), Refusal::CannotModerateSelf),
        ("Ada", restrict("Ada", Screen, false), Refusal::CannotModerateSelf),
        ("Ada", Command::Remove(user("Ada")), Refusal::CannotModerateSelf),
        ("Ada", restrict("Nobody", Microphone, false), Refusal::ParticipantNotFound),
        ("Ada", restrict("Nobody", Camera, false), Refusal::ParticipantNotFound),
        ("Ada", restrict("Nobody", Screen, false), Refusal::ParticipantNotFound),
        ("Ada", Command::Remove(user("Nobody")), Refusal::ParticipantNotFound),
    ];
    let before = house.meeting().version;
    for (by, command, refusal) in cases {
        let refused = house.command(by, command.clone());
        assert_eq!(refused.err(), Some(refusal), "{command:?} by {by}");
    }
    assert_eq!((house.sockets.take(), house.meeting().version), (Vec::new(), before));
}

/// On the wire: the acknowledgement, and the event `error` for those who asked for none.
#[test]
fn the_sender_of_what_is_refused_hears_why_under_every_name_of_the_command() {
    let hall = Hall::new("Ada");
    hall.joined("ada", "Ada");
    hall.joined("bo", "Bo");
    let of_ada = |more: Value| {
        let mut payload = json!({ "roomId": room(), "targetUserId": "user_Ada" });
        payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        payload
    };
    let events = [
        ("toggle-remote-audio", of_ada(json!({ "force": "mute" }))),
        ("toggle-remote-video", of_ada(json!({ "force": "pause" }))),
        ("toggle-remote-screen-share", of_ada(json!({ "force": "disable" }))),
        ("remove-participant", of_ada(json!({}))),
        ("readmit-participant", of_ada(json!({}))),
        (
            "host-control-participant",
            json!({ "roomId": room(), "userId": "user_Ada", "type": "audio", "disable": true }),
        ),
        ("host-bulk-action", json!({ "roomId": room(), "type": "audio", "grant": false })),
        ("mute-all-participants", json!({ "roomId": room() })),
        ("unmute-all-participants", json!({ "roomId": room() })),
        ("disable-all-cameras", json!({ "roomId": room() })),
        ("enable-all-cameras", json!({ "roomId": room() })),
        ("disable-all-screen-sharing", json!({ "roomId": room() })),
        ("enable-all-screen-sharing", json!({ "roomId": room() })),
        ("host-disable-screenshare", json!({ "roomId": room() })),
        ("host-enable-screenshare", json!({ "roomId": room() })),
    ];
    for (name, payload) in events {
        hall.emit("bo", 0, name, payload);
        let sentence = "Only hosts and co-hosts can do this";
        let frames = hall.frames("bo");
        let ack = frames.iter().find_map(|frame| frame.strip_prefix("431")).expect("an acknowledgement");
        let ack: Value = serde_json::from_str(ack).unwrap();
        assert_eq!(ack, json!([{ "error": sentence, "code": "only-hosts" }]), "{name}");
        let told = frames.iter().filter(|frame| frame.starts_with("42")).map(|frame| event(frame));
        let told: Vec<_> = told.map(|(name, payload, _)| (name, payload)).collect();
        assert_eq!(told, [named("error", json!({ "message": sentence, "code": "only-hosts", "event": name }))]);
        assert!(hall.frames("ada").is_empty(), "{name}");
        hall.house.sockets.take();
    }
    assert_eq!(hall.house.meeting().version.0, 1);
}
