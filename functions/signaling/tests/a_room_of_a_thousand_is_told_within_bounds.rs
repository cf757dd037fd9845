//! A thousand connections in one room: pages that API Gateway carries, no full lists to everybody, bounded concurrency.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::BTreeMap;

use dais_domain::{Command, ImageUrl, wire::JoinRoom};
use dais_realtime::LIST_UPDATE_MAX;
use serde_json::json;
use support::{
    executor::run,
    house::{House, join_room},
    sockets::event,
    user,
};

/// API Gateway's bound on a message.
const MAX_BYTES: usize = 128 * 1024;
/// Lambda has 1,024 file descriptors.
const MAX_POSTS_AT_ONCE: usize = 100;

/// Ada is host and in the room, with so many others whose entries are as long as they can be.
fn crowd(people: usize) -> House {
    let house = House::new(&["Ada"]);
    for n in 1..people {
        house.place(&format!("{n:-<60}"), 0);
    }
    house
}

fn largest(house: &House) -> usize {
    house.sockets.state().posted.iter().map(|(_, frame)| frame.len()).max().unwrap()
}

/// How many receivers each event had.
fn receivers(house: &House) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (_, frame) in &house.sockets.state().posted {
        *counts.entry(event(frame).0).or_default() += 1;
    }
    counts
}

#[test]
fn the_snapshot_of_a_thousand_comes_in_pages_that_fit() {
    let house = crowd(1_000);
    let image_hint = Some(ImageUrl::new(format!("https://images.example.com/{}", "x".repeat(480))).unwrap());
    house.connect("Zoe", 0);
    let outcome = run(house.rooms.join(&house.sender("Zoe"), JoinRoom { image_hint, ..join_room() })).unwrap();
    assert!(outcome.frames.iter().all(|frame| frame.len() < MAX_BYTES));
    let pages: Vec<_> = outcome.frames.iter().map(|frame| event(frame)).collect();
    assert!(pages.len() > 1);
    let mut ids: Vec<String> = Vec::new();
    for (index, (name, participants, rest)) in pages.iter().enumerate() {
        assert_eq!(name, "existing-participants");
        let place = json!({ "page": index + 1, "pages": pages.len(), "total": 1_001 });
        assert_eq!(*rest, [place, json!("1")]);
        ids.extend(participants.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()));
    }
    assert_eq!(ids.len(), 1_001);
    assert_eq!(ids.last().unwrap(), "user_Zoe", "in the order in which they came");
}

#[test]
fn a_join_is_told_to_a_thousand_without_lists_and_a_few_at_a_time() {
    let house = crowd(1_000);
    house.connect("Zoe", 0);
    house.join("Zoe", 0);
    assert_eq!(receivers(&house), BTreeMap::from([("participant-joined".to_owned(), 1_000)]));
    assert!(largest(&house) < MAX_BYTES);
    let most = house.sockets.state().most_in_flight;
    assert!(most > 1 && most <= MAX_POSTS_AT_ONCE, "{most} posts at once");
}

#[test]
fn a_role_change_is_told_to_a_thousand_a_few_at_a_time() {
    let house = crowd(1_000);
    house.place("Bo", 0);
    run(house.command("Ada", Command::MakeHost(user("Bo"))).unwrap().later.unwrap());
    let expected = BTreeMap::from([("participant-updated".to_owned(), 1_001), ("host-granted".to_owned(), 1)]);
    assert_eq!(receivers(&house), expected);
    let most = house.sockets.state().most_in_flight;
    assert!(most > 1 && most <= MAX_POSTS_AT_ONCE, "{most} posts at once");
}

#[test]
fn lists_go_to_everybody_only_in_small_rooms() {
    for (people, lists) in [(LIST_UPDATE_MAX - 1, LIST_UPDATE_MAX), (LIST_UPDATE_MAX, 0)] {
        let house = crowd(people);
        house.connect("Zoe", 0);
        house.join("Zoe", 0);
        assert_eq!(receivers(&house).get("participant-list-update").copied().unwrap_or_default(), lists);
    }
}

/// Many tabs are one participant: what counts for lists is people.
#[test]
fn tabs_do_not_make_a_room_large() {
    let house = House::new(&["Ada"]);
    for tab in 1..=LIST_UPDATE_MAX {
        house.place("Ada", tab);
    }
    house.connect("Zoe", 0);
    house.join("Zoe", 0);
    assert_eq!(receivers(&house)["participant-list-update"], LIST_UPDATE_MAX + 2);
}

/// Half of the room is gone without a word, and the first fan-out finds out.
#[test]
fn many_who_are_gone_are_taken_out_together() {
    let house = crowd(300);
    let gone: Vec<_> = (1..150).map(|n| house.sender(&format!("{n:-<60}")).connection_id).collect();
    gone.iter().for_each(|id| house.sockets.lose(id));
    house.place("Bo", 0);
    run(house.command("Ada", Command::MakeHost(user("Bo"))).unwrap().later.unwrap());
    assert_eq!(house.view().presences.len(), 300 + 1 - gone.len());
    let told = receivers(&house)["participant-left"];
    assert_eq!(told, gone.len() * (301 - gone.len()), "each is told to each who is still there");
    assert!(house.sockets.state().refused <= 2 * gone.len(), "nobody posts again and again to who is gone");
}
