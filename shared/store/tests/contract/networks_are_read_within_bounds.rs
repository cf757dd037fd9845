//! The network of a user: who was in a meeting with him, and who hosts or co-hosts one that he was in.

use dais_domain::{Acquaintance, Command, DisplayName};
use dais_store::{ATTENDEES, Attendance, Attended, GATHERINGS, Store};

use crate::support::*;

on_both_tables! {
    whoever_was_in_a_meeting_with_him_is_in_his_network,
    hosts_and_cohosts_are_in_it_though_they_never_came,
    those_who_came_are_in_the_network_of_a_host_who_did_not,
    the_latest_comes_first_and_names_are_the_latest,
    what_was_before_changes_nothing,
    a_name_can_be_unknown,
    only_the_latest_meetings_count,
    of_a_crowd_some_are_there,
}

async fn network(store: &impl Store, id: &str) -> Vec<Acquaintance> {
    store.network(&user(id)).await.unwrap()
}

/// Each with the meetings that they share.
async fn met(store: &impl Store, id: &str) -> Vec<(String, Vec<String>)> {
    let shared = |person: Acquaintance| {
        let meetings = person.meetings.iter().map(|meeting| meeting.id.to_string()).collect();
        (person.id.to_string(), meetings)
    };
    network(store, id).await.into_iter().map(shared).collect()
}

fn people(expected: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
    expected.iter().map(|(id, shared)| ((*id).to_owned(), shared.iter().map(|id| (*id).to_owned()).collect())).collect()
}

async fn whoever_was_in_a_meeting_with_him_is_in_his_network(store: impl Store) {
    for id in ["m1", "m2"] {
        created(&store, id, "host", at(0)).await;
    }
    for (who, meeting) in [("ada", "m1"), ("bo", "m1"), ("bo", "m2"), ("cy", "m2")] {
        attended(&store, who, meeting, 10).await;
    }
    assert_eq!(met(&store, "ada").await, people(&[("bo", &["m1"]), ("host", &["m1"])]));
    assert_eq!(met(&store, "bo").await, people(&[("ada", &["m1"]), ("cy", &["m2"]), ("host", &["m1", "m2"])]));
    assert_eq!(met(&store, "nobody").await, []);
    assert_eq!(network(&store, "ada").await[0].meetings[0].title.as_str(), "Stand-up");
}

async fn hosts_and_cohosts_are_in_it_though_they_never_came(store: impl Store) {
    created(&store, "m1", "host", at(0)).await;
    changed(&store, "m1", "host", Command::MakeCohost(user("cohost"))).await;
    changed(&store, "m1", "host", Command::MakeCohost(user("once"))).await;
    changed(&store, "m1", "host", Command::RemoveCohost(user("once"))).await;
    attended(&store, "ada", "m1", 10).await;
    assert_eq!(met(&store, "ada").await, people(&[("cohost", &["m1"]), ("host", &["m1"])]));
    assert_eq!(met(&store, "once").await, []);
}

async fn those_who_came_are_in_the_network_of_a_host_who_did_not(store: impl Store) {
    created(&store, "m1", "host", at(0)).await;
    changed(&store, "m1", "host", Command::MakeCohost(user("cohost"))).await;
    attended(&store, "ada", "m1", 10).await;
    assert_eq!(met(&store, "host").await, people(&[("ada", &["m1"]), ("cohost", &["m1"])]));
    assert_eq!(met(&store, "cohost").await, people(&[("ada", &["m1"]), ("host", &["m1"])]));
    // For a host who came, it counts when he was there.
    attended(&store, "host", "m1", 30).await;
    assert_eq!(network(&store, "host").await[0].met_at(), at(30));
}

async fn the_latest_comes_first_and_names_are_the_latest(store: impl Store) {
    for (id, seconds) in [("m1", 30), ("m2", 10), ("m3", 20)] {
        created(&store, id, "host", at(0)).await;
        attended(&store, "ada", id, seconds).await;
    }
    attended(&store, "bo", "m2", 99).await;
    attended(&store, "cy", "m3", 5).await;
    attended(&store, "di", "m1", 5).await;
    attended(&store, "bo", "m3", 5).await;
    let expected: &[(&str, &[&str])] =
        &[("di", &["m1"]), ("host", &["m1", "m3", "m2"]), ("bo", &["m3", "m2"]), ("cy", &["m3"])];
    assert_eq!(met(&store, "ada").await, people(expected));
}

async fn what_was_before_changes_nothing(store: impl Store) {
    created(&store, "m1", "ada", at(0)).await;
    attended(&store, "bo", "m1", 10).await;
    let late =
        Attended { meeting_id: meeting_id("m1"), user_id: user("bo"), name: DisplayName::new("Old").ok(), at: at(9) };
    store.attended(&late).await.unwrap();
    let newer = Attended { name: DisplayName::new("New").ok(), at: at(11), ..late.clone() };
    assert_eq!(network(&store, "ada").await[0].name, DisplayName::new("bo").ok());
    store.attended(&newer).await.unwrap();
    store.attended(&newer).await.unwrap();
    assert_eq!(network(&store, "ada").await[0].name, DisplayName::new("New").ok());
    assert_eq!(network(&store, "bo").await[0].met_at(), at(11));
}

async fn a_name_can_be_unknown(store: impl Store) {
    created(&store, "m1", "ada", at(0)).await;
    let nameless = Attended { meeting_id: meeting_id("m1"), user_id: user("bo"), name: None, at: at(9) };
    store.attended(&nameless).await.unwrap();
    assert_eq!(network(&store, "ada").await[0].name, None);
}

/// Meetings of a user, one after another, each with somebody of its own.
async fn crowded_life(store: &impl Store, meetings: usize) {
    for n in 0..meetings {
        let id = format!("m{n:03}");
        created(store, &id, &format!("host{n:03}"), at(0)).await;
        attended(store, "ada", &id, n as u64).await;
    }
}

async fn only_the_latest_meetings_count(store: impl Store) {
    crowded_life(&store, GATHERINGS + 3).await;
    let network = network(&store, "ada").await;
    assert_eq!(network.len(), GATHERINGS);
    assert_eq!(network[0].id, user(&format!("host{:03}", GATHERINGS + 2)));
    assert_eq!(network[GATHERINGS - 1].id, user("host003"));
}

async fn of_a_crowd_some_are_there(store: impl Store) {
    created(&store, "m1", "zz-host", at(0)).await;
    for n in 0..ATTENDEES + 3 {
        attended(&store, &format!("p{n:03}"), "m1", 10).await;
    }
    let network = network(&store, "p000").await;
    // Himself is one of those who are read; the host comes with the meeting.
    assert_eq!(network.len(), ATTENDEES);
    assert!(network.iter().any(|met| met.id == user("zz-host")));
}

#[tokio::test]
async fn it_costs_the_same_however_many_meetings_there_are() {
    let table = Table::new().await;
    crowded_life(&table.store, GATHERINGS + 1).await;
    table.tap.take_seen();
    table.store.network(&user("ada")).await.unwrap();
    let cost = table.tap.take_seen();
    // His attendances, his own meetings, the meetings themselves, and the people of each.
    assert_eq!(cost.len(), 2 + 1 + GATHERINGS);
    assert!(cost.iter().all(|operation| operation == "Query" || operation == "BatchGetItem"));
    for n in 0..20 {
        let id = format!("n{n:03}");
        created(&table.store, &id, "ada", at(0)).await;
        attended(&table.store, "ada", &id, 500 + n).await;
    }
    table.tap.take_seen();
    table.store.network(&user("ada")).await.unwrap();
    assert_eq!(table.tap.take_seen().len(), cost.len());
}

#[tokio::test]
async fn an_attendance_costs_two_writes() {
    let table = Table::new().await;
    attended(&table.store, "ada", "m1", 1).await;
    assert_eq!(table.tap.take_seen(), ["PutItem", "PutItem"]);
}
