//! `meetings_of`: pages.

use dais_domain::{Command, Timestamp};
use dais_store::{ListQuery, MeetingPage, Period, Store};

use crate::support::*;

on_both_tables! {
    pages_hold_everything_once,
    pages_of_hosted_meetings_hold_everything_once,
    a_full_last_page_has_no_next,
    what_is_left_out_after_the_last_makes_no_next_page,
    the_next_page_follows_a_meeting_that_has_gone_meanwhile,
    the_next_page_of_upcoming_meetings_is_there_when_the_last_seen_has_started,
    the_largest_page_is_read,
    what_is_no_position_begins_at_the_beginning,
}

fn query(period: Period, limit: u32) -> ListQuery {
    ListQuery { period, hosting: false, now: at(0), limit, after: None }
}

fn ids(page: &MeetingPage) -> Vec<String> {
    page.meetings.iter().map(|own| own.meeting.id.to_string()).collect()
}

/// Follows `next` to the end; every page but the last is full.
async fn pages(store: &impl Store, mut query: ListQuery) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    loop {
        let page = store.meetings_of(&user("ada"), &query).await.unwrap();
        pages.push(ids(&page));
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
        assert_eq!(page.meetings.len(), query.limit as usize);
    }
    pages
}

/// Ten meetings, five of them in the past; two of each start at the same time.
async fn ten(store: &impl Store) {
    for n in 0..5 {
        created(store, &format!("past{n}"), "ada", ago(100 - n / 2)).await;
        created(store, &format!("next{n}"), "ada", at(100 + n / 2)).await;
    }
}

async fn pages_hold_everything_once(store: impl Store) {
    ten(&store).await;
    let past = ["past4", "past3", "past2", "past1", "past0"];
    let upcoming = ["next0", "next1", "next2", "next3", "next4"];
    let all: Vec<&str> = upcoming.iter().rev().chain(&past).copied().collect();
    for limit in 1..=11 {
        assert_eq!(pages(&store, query(Period::Past, limit)).await.concat(), past, "limit {limit}");
        assert_eq!(pages(&store, query(Period::Upcoming, limit)).await.concat(), upcoming, "limit {limit}");
        assert_eq!(pages(&store, query(Period::All, limit)).await.concat(), all, "limit {limit}");
    }
}

async fn pages_of_hosted_meetings_hold_everything_once(store: impl Store) {
    for n in 0..9 {
        let id = format!("m{n}");
        created(&store, &id, "ada", at(100 + n)).await;
        if n % 3 != 0 {
            changed(&store, &id, "ada", Command::MakeHost(user("bo"))).await;
            changed(&store, &id, "bo", Command::RemoveHost(user("ada"))).await;
        }
    }
    for limit in 1..=4 {
        let hosting = ListQuery { hosting: true, ..query(Period::Upcoming, limit) };
        assert_eq!(pages(&store, hosting).await.concat(), ["m0", "m3", "m6"], "limit {limit}");
    }
}

async fn a_full_last_page_has_no_next(store: impl Store) {
    ten(&store).await;
    let page = store.meetings_of(&user("ada"), &query(Period::Upcoming, 5)).await.unwrap();
    assert_eq!((page.meetings.len(), page.next), (5, None));
    let none = store.meetings_of(&user("bo"), &query(Period::Upcoming, 5)).await.unwrap();
    assert_eq!((none.meetings.len(), none.next), (0, None));
}

async fn what_is_left_out_after_the_last_makes_no_next_page(store: impl Store) {
    created(&store, "m0", "ada", at(100)).await;
    for n in 1..6 {
        let id = format!("m{n}");
        created(&store, &id, "bo", at(100 + n)).await;
        changed(&store, &id, "bo", Command::MakeCohost(user("ada"))).await;
    }
    for limit in 1..=6 {
        let hosting = ListQuery { hosting: true, ..query(Period::Upcoming, limit) };
        let page = store.meetings_of(&user("ada"), &hosting).await.unwrap();
        assert_eq!((ids(&page), page.next), (vec!["m0".to_owned()], None), "limit {limit}");
    }
}

async fn the_next_page_follows_a_meeting_that_has_gone_meanwhile(store: impl Store) {
    for n in 0..4 {
        let id = format!("m{n}");
        created(&store, &id, "bo", at(100 + n)).await;
        changed(&store, &id, "bo", Command::MakeCohost(user("ada"))).await;
    }
    let first = store.meetings_of(&user("ada"), &query(Period::Upcoming, 2)).await.unwrap();
    assert_eq!(ids(&first), ["m0", "m1"]);
    changed(&store, "m1", "bo", Command::RemoveCohost(user("ada"))).await;
    let second = ListQuery { after: first.next, ..query(Period::Upcoming, 2) };
    assert_eq!(ids(&store.meetings_of(&user("ada"), &second).await.unwrap()), ["m2", "m3"]);
}

/// DynamoDB refuses a start outside of what is asked for.
async fn the_next_page_of_upcoming_meetings_is_there_when_the_last_seen_has_started(store: impl Store) {
    for n in 0..4 {
        created(&store, &format!("m{n}"), "ada", at(100 + n)).await;
    }
    let first = store.meetings_of(&user("ada"), &query(Period::Upcoming, 2)).await.unwrap();
    assert_eq!(ids(&first), ["m0", "m1"]);
    for now in [at(101), at(102)] {
        let second = ListQuery { after: first.next.clone(), now, ..query(Period::Upcoming, 2) };
        assert_eq!(ids(&store.meetings_of(&user("ada"), &second).await.unwrap()), ["m2", "m3"]);
    }
}

async fn the_largest_page_is_read(store: impl Store) {
    for n in 0..101 {
        created(&store, &format!("m{n:03}"), "ada", at(n)).await;
    }
    let lengths: Vec<usize> = pages(&store, query(Period::All, 100)).await.iter().map(Vec::len).collect();
    assert_eq!(lengths, [100, 1]);
}

/// Callers hand the position out, and may get anything back.
async fn what_is_no_position_begins_at_the_beginning(store: impl Store) {
    created(&store, "m0", "ada", at(100)).await;
    let long = format!("{:020}#{}", Timestamp::MAX.as_ms(), "m".repeat(5000));
    let bad =
        ["", "#", "x", "5#m0", "00000000000000000005#", "0000000000000000000x#m0", "00000000000000000005#a b", &long];
    for after in bad {
        let query = ListQuery { after: Some(after.to_owned()), ..query(Period::All, 10) };
        assert_eq!(ids(&store.meetings_of(&user("ada"), &query).await.unwrap()), ["m0"], "{after}");
    }
}
