//! The last two hosts demote each other, or both step down, at the same instant, a thousand times in different
//! interleavings: one of them succeeds, the other one is refused, and one host is left.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::{collections::BTreeSet, pin::pin};

use dais_domain::{Action, Command, Refusal, Role, Version};
use dais_store::Meetings;
use support::{
    executor::{run, step},
    house::House,
    room, user,
};

const TIMES: u64 = 1_000;

/// Ada's and Bo's commands, step by step as the bits of `order` say. Returns the answers: true is success.
fn at_once(house: &House, ada: &Command, bo: &Command, order: u64) -> [Result<(), Refusal>; 2] {
    let (room, one, two) = (room(), house.sender("Ada"), house.sender("Bo"));
    let mut ada = pin!(house.rooms.command(&one, "remove-host", &room, ada));
    let mut bo = pin!(house.rooms.command(&two, "remove-host", &room, bo));
    let mut answers = [None, None];
    let mut bits = order;
    while answers.iter().any(Option::is_none) {
        bits = bits.rotate_right(1);
        let turn = usize::from(bits & 1 == 1);
        if answers[turn].is_none() {
            let answer = if turn == 0 { step(ada.as_mut()) } else { step(bo.as_mut()) };
            answers[turn] = answer.map(|answer| answer.map(drop));
        }
    }
    answers.map(Option::unwrap)
}

/// A thousand different orders of turns. The first three turns of both come before anybody's fourth: both have read the
/// room before one of them writes.
fn orders() -> impl Iterator<Item = u64> {
    (0..TIMES).map(|n| {
        let mixed = (n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        // From the right; both kinds of turns occur, or one side would never end.
        (mixed & !0b111_1110) | 0b010_1010 | 1 << 63
    })
}

fn one_host_is_left(house: &House) {
    assert_eq!(house.meeting().hosts().len(), 1);
    assert_eq!(house.meeting().version, Version(3));
    assert_eq!(run(house.store.log(&room(), Version(0), 10)).unwrap().entries.len(), 3);
}

#[test]
fn who_is_demoted_first_can_no_longer_demote() {
    let mut winners = BTreeSet::new();
    for order in orders() {
        let house = House::new(&["Ada", "Bo"]);
        house.grant("Bo", Role::Host);
        let answers = at_once(&house, &Command::RemoveHost(user("Bo")), &Command::RemoveHost(user("Ada")), order);
        let winner = answers.iter().position(Result::is_ok).expect("one of them succeeds");
        assert_eq!(answers[1 - winner], Err(Refusal::NotAllowed(Action::RemoveHost)), "{order:b}");
        let left = ["Ada", "Bo"][winner];
        assert_eq!(house.meeting().role_of(&user(left)), Role::Host);
        one_host_is_left(&house);
        winners.insert(left);
    }
    assert_eq!(winners.len(), 2, "the order decides nothing: the interleavings are no interleavings");
}

#[test]
fn who_steps_down_second_is_the_last_host() {
    let mut losers = BTreeSet::new();
    for order in orders() {
        let house = House::new(&["Ada", "Bo"]);
        house.grant("Bo", Role::Host);
        let answers = at_once(&house, &Command::RemoveHost(user("Ada")), &Command::RemoveHost(user("Bo")), order);
        let loser = answers.iter().position(|answer| *answer == Err(Refusal::LastHost)).expect("one is refused");
        assert!(answers[1 - loser].is_ok(), "{order:b}");
        one_host_is_left(&house);
        losers.insert(loser);
    }
    assert_eq!(losers.len(), 2, "the order decides nothing: the interleavings are no interleavings");
}
