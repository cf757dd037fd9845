//! A fan-out can die in the middle, and a receiver can be gone: repeating the command tells what is so, and who is gone is
//! taken out, exactly that connection.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use dais_domain::{Command, Role, Version};
use serde_json::json;
use support::{
    executor::{run, step},
    house::{House, join_room},
    room, user,
};

#[test]
fn a_repeated_command_changes_nothing_and_tells_what_is_so() {
    let cases = [
        (Role::Participant, Command::MakeHost(user("Bo")), json!({ "isHost": true })),
        (Role::CoHost, Command::MakeHost(user("Bo")), json!({ "isHost": true })),
        (Role::Host, Command::RemoveHost(user("Bo")), json!({ "isHost": false })),
        (Role::Participant, Command::MakeCohost(user("Bo")), json!({ "isCoHost": true })),
        (Role::CoHost, Command::RemoveCohost(user("Bo")), json!({ "isCoHost": false })),
    ];
    for (before, command, updates) in cases {
        let house = House::new(&["Ada", "Bo", "Cy"]);
        if before != Role::Participant {
            house.grant("Bo", before);
        }
        // Written, and nobody was told.
        drop(house.command("Ada", command.clone()).unwrap());
        let written = house.meeting();
        let again = house.command("Ada", command).unwrap();
        assert_eq!(again.ack, json!({ "success": true }));
        run(again.later.unwrap());
        assert_eq!(house.meeting(), written);
        for name in ["Ada", "Bo", "Cy"] {
            let events = house.events(name, 0);
            assert_eq!(events.len(), 1, "{events:?}");
            let (event, payload, offset) = &events[0];
            assert_eq!((event.as_str(), &payload["participantId"]), ("participant-updated", &json!("user_Bo")));
            for (flag, value) in updates.as_object().unwrap() {
                assert_eq!(payload["updates"][flag], *value);
            }
            assert_eq!(*offset, [json!(written.version.to_string())]);
        }
    }
}

/// Some have been told, and some have not, when it dies.
#[test]
fn a_fan_out_that_died_is_made_good_by_repeating() {
    let house = House::new(&["Ada", "Bo", "Cy"]);
    house.sockets.state().delays = support::sky::Choices::new(&[0, 7, 7, 7]);
    {
        let mut later = house.command("Ada", Command::MakeHost(user("Bo"))).unwrap().later.unwrap();
        while house.sockets.state().posted.is_empty() {
            assert!(step(later.as_mut()).is_none());
        }
    }
    assert!(house.heard("Cy").is_empty());
    run(house.command("Ada", Command::MakeHost(user("Bo"))).unwrap().later.unwrap());
    for name in ["Ada", "Bo", "Cy"] {
        assert!(house.heard(name).contains(&"participant-updated".to_owned()), "{name}");
    }
    assert_eq!(house.meeting().version, Version(2));
}

#[test]
fn a_join_that_is_repeated_is_told_again() {
    let house = House::new(&["Ada"]);
    house.connect("Bo", 0);
    drop(run(house.rooms.join(&house.sender("Bo"), join_room())).unwrap());
    let again = house.join("Bo", 0);
    assert_eq!(again.frames.len(), 1);
    assert_eq!(house.heard("Ada"), ["participant-joined", "participant-list-update"]);
    assert_eq!(house.view().presences.len(), 2);
}

#[test]
fn a_leave_that_died_is_told_when_it_is_repeated() {
    let house = House::new(&["Ada", "Bo"]);
    drop(run(house.rooms.leave(&house.sender("Bo"), &room())).unwrap());
    assert!(house.heard("Ada").is_empty());
    house.leave("Bo", 0);
    assert_eq!(house.heard("Ada"), ["participant-left", "participant-list-update"]);
    house.sockets.take();
    house.leave("Bo", 0);
    assert!(house.heard("Ada").is_empty(), "now it is finished");
}

#[test]
fn a_gone_connection_is_taken_out_and_the_others_are_told() {
    let house = House::new(&["Ada", "Bo", "Cy"]);
    house.connect("Cy", 1);
    house.enter("Cy", 1);
    house.sockets.take();
    house.sockets.lose(&house.tab("Cy", 0).connection_id);
    run(house.command("Ada", Command::MakeHost(user("Bo"))).unwrap().later.unwrap());
    assert_eq!(house.heard("Ada"), ["participant-updated"], "Cy has another tab");
    let mut there: Vec<_> = house.view().presences.into_iter().map(|there| there.connection_id.to_string()).collect();
    there.sort();
    assert_eq!(there, ["c-Ada0", "c-Bo0", "c-Cy1"]);

    house.sockets.lose(&house.tab("Cy", 1).connection_id);
    run(house.command("Ada", Command::MakeCohost(user("Cy"))).unwrap().later.unwrap());
    assert_eq!(house.heard("Bo")[2..], ["participant-updated", "participant-left", "participant-list-update"]);
    assert_eq!(house.view().presences.len(), 2);
    assert!(run(house.rooms.join(&house.tab("Cy", 1), join_room())).is_err(), "it is closed");
}
