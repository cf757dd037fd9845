//! Front ends leave and join in quick succession, and several environments work on it: whoever is told that he is in the
//! room is in it, and whoever is in it can be taken out of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use dais_store::Connections;
use support::{
    at,
    executor::{run, step},
    house::{House, join_room},
    room,
    sky::FAIL_BEFORE,
};

/// The leave took the presence away, and died before the connection forgot its room.
#[test]
fn a_leave_that_was_not_finished_does_not_keep_its_user_out() {
    let house = House::new(&["Ada", "Bo"]);
    house.sky.fail("forget_room", &[FAIL_BEFORE]);
    house.leave("Bo", 0);
    house.join("Bo", 0);
    assert!(house.view().presence(&house.sender("Bo").connection_id).is_some());
}

#[test]
fn the_end_of_a_leave_does_not_undo_a_join() {
    let house = House::new(&["Ada", "Bo"]);
    let sender = house.sender("Bo");
    let leave = run(house.rooms.leave(&sender, &room())).unwrap();
    house.join("Bo", 0);
    run(leave.later.unwrap());
    run(house.rooms.announcer().depart(&sender.connection_id, at(2_000), true)).unwrap();
    assert!(house.view().presence(&sender.connection_id).is_none(), "a ghost stays in the room");
}

#[test]
fn a_join_that_is_overtaken_by_a_departure_leaves_no_ghost() {
    let house = House::new(&["Ada", "Bo"]);
    let sender = house.connect("Cy", 0).id;
    let sender = dais_realtime::Sender { connection_id: sender, now: at(1_000) };
    let mut depart = std::pin::pin!(house.rooms.announcer().depart(&sender.connection_id, at(2_000), true));
    while !house.sky.happened("closing") {
        assert!(step(depart.as_mut()).is_none());
    }
    let joined = run(house.rooms.join(&sender, join_room()));
    run(depart).unwrap();
    assert!(joined.is_err());
    assert!(house.view().presence(&sender.connection_id).is_none(), "a ghost stays in the room");
}

/// A join to one room and a join to another at the same time.
#[test]
fn a_connection_that_closes_is_in_no_room_any_more() {
    let house = House::new(&["Ada", "Bo"]);
    let other = house.another_meeting("retro", "Ada");
    let (sender, to_other) = (house.sender("Bo"), dais_domain::wire::JoinRoom { room: other.clone(), ..join_room() });
    house.leave("Bo", 0);
    house.sky.state().happened.clear();
    let mut one = std::pin::pin!(house.rooms.join(&sender, join_room()));
    while !house.sky.happened("connection") {
        assert!(step(one.as_mut()).is_none());
    }
    run(house.rooms.join(&sender, to_other)).unwrap();
    assert!(run(one).is_err(), "it is in another room now");
    run(house.rooms.announcer().depart(&sender.connection_id, at(2_000), true)).unwrap();
    for room in [room(), other] {
        assert!(house.view_of(&room).presence(&sender.connection_id).is_none(), "a ghost stays in {room}");
    }
}

#[test]
fn a_connect_that_is_handled_twice_does_not_take_its_user_out_of_the_room() {
    let house = House::new(&["Ada", "Bo"]);
    run(house.store.open(&support::connection("Bo", 0), at(600_000))).unwrap();
    run(house.rooms.announcer().depart(&house.sender("Bo").connection_id, at(2_000), true)).unwrap();
    assert!(house.view().presence(&house.sender("Bo").connection_id).is_none(), "a ghost stays in the room");
}
