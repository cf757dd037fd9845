//! `due`, `pinged`, `ponged`: each round of a lease is taken by one heartbeat.

use dais_store::{DueLease, Store};
use futures::future::join_all;

use crate::support::*;

on_both_tables! {
    a_lease_is_due_when_its_time_has_come,
    leases_come_longest_due_first_and_no_more_than_asked_for,
    of_many_heartbeats_one_pings,
    a_lease_that_is_not_due_is_not_taken,
    a_pinged_lease_waits_for_its_answer,
    an_answer_renews_the_lease,
    closing_ends_the_lease,
    a_closed_connection_gets_no_lease_from_a_late_answer,
    what_has_no_lease_is_neither_pinged_nor_ponged,
}

async fn due(store: &impl Store, seconds: u64) -> Vec<(String, bool)> {
    let leases = store.due(at(seconds), 100).await.unwrap();
    leases.iter().map(|lease| (lease.connection_id.to_string(), lease.awaiting_pong)).collect()
}

fn named(id: &str, awaiting_pong: bool) -> Vec<(String, bool)> {
    vec![(id.to_owned(), awaiting_pong)]
}

async fn a_lease_is_due_when_its_time_has_come(store: impl Store) {
    opened(&store, "c1", "ada").await;
    assert_eq!(due(&store, 299).await, []);
    assert_eq!(due(&store, 300).await, named("c1", false));
    assert_eq!(due(&store, 301).await, named("c1", false));
}

async fn leases_come_longest_due_first_and_no_more_than_asked_for(store: impl Store) {
    const LEASES: u64 = 40;
    // Not in the order of their names, which spread them over the index.
    let expected: Vec<String> = (0..LEASES).map(|n| format!("c{}", (n * 7) % LEASES)).collect();
    for (n, id) in expected.iter().enumerate() {
        store.open(&connection(id, "ada"), at(n as u64)).await.unwrap();
    }
    for limit in [1, 10, 39, 40, 41] {
        let leases: Vec<DueLease> = store.due(at(1000), limit).await.unwrap();
        let ids: Vec<&str> = leases.iter().map(|lease| lease.connection_id.as_str()).collect();
        let asked_for = expected.len().min(limit as usize);
        assert_eq!(ids, expected[..asked_for], "limit {limit}");
    }
}

async fn of_many_heartbeats_one_pings(store: impl Store) {
    let connection = opened(&store, "c1", "ada").await;
    let heartbeats = (0..8).map(|_| store.pinged(&connection.id, at(300), at(400)));
    let won: Vec<bool> = join_all(heartbeats).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
}

async fn a_lease_that_is_not_due_is_not_taken(store: impl Store) {
    let connection = opened(&store, "c1", "ada").await;
    assert!(!store.pinged(&connection.id, at(299), at(400)).await.unwrap());
    assert_eq!(due(&store, 300).await, named("c1", false));
    assert!(store.pinged(&connection.id, at(300), at(400)).await.unwrap());
}

async fn a_pinged_lease_waits_for_its_answer(store: impl Store) {
    let connection = opened(&store, "c1", "ada").await;
    store.pinged(&connection.id, at(300), at(400)).await.unwrap();
    assert_eq!(due(&store, 399).await, []);
    assert_eq!(due(&store, 400).await, named("c1", true));
    assert!(store.pinged(&connection.id, at(400), at(500)).await.unwrap());
    assert_eq!(due(&store, 500).await, named("c1", true));
}

async fn an_answer_renews_the_lease(store: impl Store) {
    let connection = opened(&store, "c1", "ada").await;
    store.pinged(&connection.id, at(300), at(400)).await.unwrap();
    store.ponged(&connection.id, at(700)).await.unwrap();
    assert_eq!(due(&store, 699).await, []);
    assert_eq!(due(&store, 700).await, named("c1", false));
    assert_eq!(store.connection(&connection.id).await.unwrap(), Some(connection));
}

async fn closing_ends_the_lease(store: impl Store) {
    for recoverable in [true, false] {
        let connection = opened(&store, &format!("c-{recoverable}"), "ada").await;
        store.pinged(&connection.id, at(300), at(400)).await.unwrap();
        store.close(&connection.id, at(310), recoverable).await.unwrap();
        assert_eq!(due(&store, 10_000).await, []);
        assert!(!store.pinged(&connection.id, at(10_000), at(10_001)).await.unwrap());
    }
}

async fn a_closed_connection_gets_no_lease_from_a_late_answer(store: impl Store) {
    let connection = opened(&store, "c1", "ada").await;
    store.close(&connection.id, at(310), true).await.unwrap();
    store.ponged(&connection.id, at(700)).await.unwrap();
    assert_eq!(due(&store, 10_000).await, []);
}

async fn what_has_no_lease_is_neither_pinged_nor_ponged(store: impl Store) {
    let unknown = connection_id("c1");
    assert!(!store.pinged(&unknown, at(300), at(400)).await.unwrap());
    store.ponged(&unknown, at(700)).await.unwrap();
    assert_eq!(due(&store, 10_000).await, []);
    assert_eq!(store.connection(&unknown).await.unwrap(), None);
}
