//! `open_guest`: a socket that has not authenticated has a lease and nothing else.

use dais_store::{DueLease, Store};

use crate::support::*;

on_both_tables! {
    a_guest_has_a_lease_but_is_no_connection,
    a_guest_is_closed_once,
    a_guest_that_authenticates_becomes_a_connection,
    a_late_guest_does_not_replace_the_connection_it_has_become,
    a_late_guest_does_not_replace_a_closed_connection,
    a_guest_opened_twice_keeps_its_first_lease,
    a_guest_that_is_gone_does_not_come_back,
}

async fn due(store: &impl Store, seconds: u64) -> Vec<DueLease> {
    store.due(at(seconds), 10).await.unwrap()
}

async fn a_guest_has_a_lease_but_is_no_connection(store: impl Store) {
    let id = connection_id("c1");
    store.open_guest(&id, at(300)).await.unwrap();
    assert_eq!(store.connection(&id).await.unwrap(), None);
    assert_eq!(due(&store, 299).await, []);
    assert_eq!(due(&store, 300).await, [DueLease { connection_id: id.clone(), awaiting_pong: false }]);
    assert!(store.pinged(&id, at(300), at(400)).await.unwrap());
    store.ponged(&id, at(500)).await.unwrap();
    assert_eq!(due(&store, 499).await, []);
}

async fn a_guest_is_closed_once(store: impl Store) {
    for recoverable in [true, false] {
        let id = connection_id(&format!("c-{recoverable}"));
        store.open_guest(&id, at(300)).await.unwrap();
        assert!(store.close(&id, at(5), recoverable).await.unwrap());
        assert!(!store.close(&id, at(6), recoverable).await.unwrap());
        assert_eq!(store.connection(&id).await.unwrap(), None);
        assert_eq!(due(&store, 300).await, []);
    }
}

async fn a_guest_that_authenticates_becomes_a_connection(store: impl Store) {
    let connection = connection("c1", "ada");
    store.open_guest(&connection.id, at(30)).await.unwrap();
    store.open(&connection, at(300)).await.unwrap();
    assert_eq!(due(&store, 299).await, []);
    assert_eq!(due(&store, 300).await.len(), 1);
    assert_eq!(store.connection(&connection.id).await.unwrap(), Some(connection.clone()));
    assert!(store.close(&connection.id, at(5), true).await.unwrap());
    assert!(!store.close(&connection.id, at(6), true).await.unwrap());
}

/// The lease of a guest is written after `$connect` was answered: the client may be faster.
async fn a_late_guest_does_not_replace_the_connection_it_has_become(store: impl Store) {
    let connection = opened(&store, "c1", "ada").await;
    store.open_guest(&connection.id, at(30)).await.unwrap();
    assert_eq!(store.connection(&connection.id).await.unwrap(), Some(connection));
    assert_eq!(due(&store, 299).await, []);
}

async fn a_late_guest_does_not_replace_a_closed_connection(store: impl Store) {
    let connection = opened(&store, "c1", "ada").await;
    store.close(&connection.id, at(5), true).await.unwrap();
    store.open_guest(&connection.id, at(30)).await.unwrap();
    assert_eq!(store.connection(&connection.id).await.unwrap().unwrap().disconnected_at, Some(at(5)));
    assert_eq!(due(&store, 1000).await, []);
}

async fn a_guest_opened_twice_keeps_its_first_lease(store: impl Store) {
    store.open_guest(&connection_id("c1"), at(30)).await.unwrap();
    store.open_guest(&connection_id("c1"), at(300)).await.unwrap();
    assert_eq!(due(&store, 30).await.len(), 1);
}

async fn a_guest_that_is_gone_does_not_come_back(store: impl Store) {
    store.open_guest(&connection_id("c1"), at(30)).await.unwrap();
    store.close(&connection_id("c1"), at(5), true).await.unwrap();
    store.open_guest(&connection_id("c1"), at(30)).await.unwrap();
    assert_eq!(due(&store, 1000).await, []);
}
