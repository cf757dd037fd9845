//! An error of the table may come although the change was written. The sender is answered by what became of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use dais_domain::{Command, Refusal, Role};
use dais_store::Meetings;
use support::{
    executor::run,
    house::House,
    room,
    sky::{FAIL_AFTER, FAIL_BEFORE},
    user,
};

#[test]
fn a_host_who_has_stepped_down_is_not_told_that_only_hosts_can() {
    let house = House::new(&["Ada", "Bo"]);
    house.grant("Bo", Role::Host);
    house.sky.fail("commit", &[FAIL_AFTER]);
    let outcome = house.command("Ada", Command::RemoveHost(user("Ada"))).unwrap();
    run(outcome.later.unwrap());
    assert_eq!(house.meeting().role_of(&user("Ada")), Role::Participant);
    assert_eq!(house.heard("Ada"), ["participant-updated", "host-revoked"]);
    assert_eq!(house.heard("Bo"), ["participant-updated"]);
}

#[test]
fn what_was_not_written_is_tried_again() {
    let house = House::new(&["Ada", "Bo"]);
    house.sky.fail("commit", &[FAIL_BEFORE, FAIL_BEFORE]);
    house.command("Ada", Command::MakeHost(user("Bo"))).unwrap();
    assert_eq!(house.meeting().role_of(&user("Bo")), Role::Host);
    assert_eq!(run(house.store.log(&room(), dais_domain::Version(0), 10)).unwrap().entries.len(), 2);
}

#[test]
fn a_version_that_somebody_else_took_is_not_taken_for_ones_own() {
    let house = House::new(&["Ada", "Bo"]);
    house.grant("Bo", Role::Host);
    house.sky.fail("commit", &[FAIL_BEFORE]);
    let (sender, room, command) = (house.sender("Ada"), room(), Command::RemoveHost(user("Bo")));
    let mut first = std::pin::pin!(house.rooms.command(&sender, "remove-host", &room, &command));
    // Up to the error; meanwhile Bo removes Ada.
    let failed = || house.sky.state().failures > 0;
    while !failed() {
        assert!(support::executor::step(first.as_mut()).is_none());
    }
    house.command("Bo", Command::RemoveHost(user("Ada"))).unwrap();
    let refused = run(first).err().unwrap();
    assert!(matches!(refused, Refusal::NotAllowed(_)), "{refused:?}");
    assert_eq!(house.meeting().role_of(&user("Bo")), Role::Host);
}
