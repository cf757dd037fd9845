//! How often the table is asked before the answer: a role event twice, a join three times, a refused event never to write.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use dais_domain::{Command, Refusal, Role, wire::MediaUpdate};
use support::{
    executor::run,
    house::{House, join_room},
    room, user,
};

const WRITES: [&str; 10] =
    ["create", "commit", "enter", "leave", "set_media", "open", "open_guest", "closing", "close", "forget_room"];

/// Ada and Bo are hosts, Cy is co-host, Di nothing, and all are in the room; Ed is connected and Flo is not.
fn house() -> House {
    let house = House::new(&["Ada", "Bo", "Cy", "Di"]);
    house.grant("Bo", Role::Host);
    house.grant("Cy", Role::CoHost);
    house.connect("Ed", 0);
    house.sky.take();
    house
}

#[test]
fn a_role_event_is_one_read_and_one_transaction() {
    let house = house();
    let commands = [
        Command::MakeHost(user("Di")),
        Command::RemoveHost(user("Di")),
        Command::MakeCohost(user("Di")),
        Command::RemoveCohost(user("Di")),
        Command::RemoveHost(user("Ada")),
    ];
    for command in commands {
        house.command("Ada", command.clone()).unwrap();
        assert_eq!(house.sky.take(), (vec!["room", "commit"], 2), "{command:?}");
    }
}

#[test]
fn a_role_that_is_so_already_is_one_read() {
    let house = house();
    house.command("Ada", Command::MakeHost(user("Bo"))).unwrap();
    assert_eq!(house.sky.take(), (vec!["room"], 1));
}

/// One more read per change that was faster.
#[test]
fn a_conflict_costs_two_more() {
    let house = house();
    let (ada, bo, room) = (house.sender("Ada"), house.sender("Bo"), room());
    let (one, other) = (Command::MakeHost(user("Di")), Command::MakeHost(user("Cy")));
    let (first, second) = run(async {
        futures::join!(
            house.rooms.command(&ada, "make-host", &room, &one),
            house.rooms.command(&bo, "make-host", &room, &other)
        )
    });
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(house.sky.take().0, ["room", "room", "commit", "commit", "room", "commit"]);
}

#[test]
fn a_join_is_three_round_trips() {
    let house = house();
    run(house.rooms.join(&house.sender("Ed"), join_room())).unwrap();
    assert_eq!(house.sky.take(), (vec!["connection", "meeting", "enter", "room"], 3));
}

/// What is remembered of it is written after the answer, beside what the others are told, once and in one call.
#[test]
fn a_join_is_remembered_after_its_answer() {
    let house = house();
    let joined = run(house.rooms.join(&house.sender("Ed"), join_room())).unwrap();
    house.sky.take();
    run(joined.later.unwrap());
    let (happened, _) = house.sky.take();
    assert_eq!(happened.iter().filter(|operation| **operation == "attended").count(), 1, "{happened:?}");
    let again = run(house.rooms.join(&house.sender("Ed"), join_room())).unwrap();
    run(again.later.unwrap());
    assert!(!house.sky.take().0.contains(&"attended"));
}

#[test]
fn joining_again_writes_nothing() {
    let house = house();
    run(house.rooms.join(&house.sender("Di"), join_room())).unwrap();
    assert_eq!(house.sky.take(), (vec!["connection", "meeting", "room"], 2));
}

#[test]
fn ones_own_state_is_one_read_and_one_write() {
    let house = house();
    let update = MediaUpdate { room: room(), is_audio_muted: Some(false), is_video_paused: None };
    run(house.rooms.media(&house.sender("Di"), &update)).unwrap();
    assert_eq!(house.sky.take(), (vec!["room", "set_media"], 2));
    run(house.rooms.media(&house.sender("Di"), &update)).unwrap();
    assert_eq!(house.sky.take(), (vec!["room"], 1), "nothing new");
}

#[test]
fn what_is_refused_writes_nothing() {
    let house = house();
    let refused = [
        ("Cy", Command::MakeHost(user("Di")), "only-hosts"),
        ("Di", Command::RemoveCohost(user("Cy")), "only-hosts"),
        ("Ada", Command::MakeHost(user("Ada")), "cannot-target-self"),
        ("Ada", Command::MakeHost(user("Ed")), "participant-not-found"),
        ("Ada", Command::MakeCohost(user("Bo")), "target-already-host"),
        ("Ada", Command::RemoveCohost(user("Bo")), "target-is-host"),
        ("Ed", Command::MakeHost(user("Di")), "room-not-found"),
        ("Flo", Command::MakeHost(user("Di")), "not-authenticated"),
    ];
    for (who, command, code) in refused {
        let refusal = house.command(who, command).err().unwrap();
        assert_eq!(refusal.code(), code);
        let (happened, _) = house.sky.take();
        assert!(!happened.iter().any(|operation| WRITES.contains(operation)), "{code}: {happened:?}");
    }
    let host = House::new(&["Ada"]);
    host.sky.take();
    let refusal = host.command("Ada", Command::RemoveHost(user("Ada"))).err().unwrap();
    assert_eq!((refusal, host.sky.take().0), (Refusal::LastHost, vec!["room"]));
}

#[test]
fn a_join_that_is_refused_writes_nothing() {
    let house = house();
    let elsewhere = dais_domain::MeetingId::new("elsewhere").unwrap();
    let nowhere = dais_domain::wire::JoinRoom { room: elsewhere, ..join_room() };
    for (who, join, refusal) in
        [("Ed", nowhere, Refusal::RoomNotFound), ("Flo", join_room(), Refusal::NotAuthenticated)]
    {
        assert_eq!(run(house.rooms.join(&house.sender(who), join)).err(), Some(refusal));
        assert_eq!(house.sky.take(), (vec!["connection", "meeting"], 1));
    }
}

/// Of what the table has to do twice, the second time finds it done.
#[test]
fn leaving_is_once_out_and_once_forgotten() {
    let house = house();
    house.leave("Di", 0);
    let (happened, _) = house.sky.take();
    let writes: Vec<_> = happened.into_iter().filter(|operation| WRITES.contains(operation)).collect();
    assert_eq!(writes, ["leave", "forget_room"]);
    run(house.rooms.leave(&house.sender("Di"), &room())).unwrap();
    assert_eq!(house.sky.take(), (vec!["connection"], 1));
}
