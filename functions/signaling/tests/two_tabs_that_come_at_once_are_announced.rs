//! Only the first tab of a user is announced. Two that come at once each see the other; one of them tells all the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use support::{
    executor::{run, step},
    house::{House, join_room},
};

#[test]
fn two_tabs_that_come_at_once_are_announced_once() {
    let house = House::new(&["Ada"]);
    house.connect("Bo", 0);
    house.connect("Bo", 1);
    let (first, second) = (house.tab("Bo", 0), house.tab("Bo", 1));
    let mut first = std::pin::pin!(house.rooms.join(&first, join_room()));
    let mut second = std::pin::pin!(house.rooms.join(&second, join_room()));
    let entered = || house.sky.state().happened.iter().filter(|operation| **operation == "enter").count();
    while entered() < 1 {
        assert!(step(first.as_mut()).is_none());
    }
    while entered() < 2 {
        assert!(step(second.as_mut()).is_none());
    }
    for outcome in [run(first), run(second)] {
        run(outcome.unwrap().later.unwrap());
    }
    let joined = house.heard("Ada").iter().filter(|event| *event == "participant-joined").count();
    assert_eq!(joined, 1);
}
