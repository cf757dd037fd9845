//! `open`, `connection`, `session`, `close`.

use dais_domain::{DisplayName, ImageUrl, RecoveryId};
use dais_store::{Connection, Session, Store};

use crate::support::*;

on_both_tables! {
    an_open_connection_and_its_session_come_back,
    unknown_ids_are_none,
    closing_is_done_once,
    of_two_closings_at_the_same_time_one_does_it,
    a_recoverable_connection_keeps_room_and_session,
    a_connection_closed_for_good_cannot_be_recovered,
    a_second_closing_does_not_forget_what_the_first_kept,
    a_session_follows_its_latest_connection,
    closing_an_old_connection_for_good_spares_the_session_that_moved_on,
    an_unknown_connection_is_not_closed,
}

/// The connection that a recovery id leads to.
async fn recoverable(store: &impl Store, id: &RecoveryId) -> Option<Connection> {
    let session = store.session(id).await.unwrap()?;
    let connection = store.connection(&session.connection_id).await.unwrap()?;
    (connection.recovery_id == *id).then_some(connection)
}

async fn an_open_connection_and_its_session_come_back(store: impl Store) {
    let bare = opened(&store, "c1", "ada").await;
    let full = Connection {
        name: Some(DisplayName::new("Ada").unwrap()),
        image_url: Some(ImageUrl::new("https://img.example.com/a.png").unwrap()),
        ..connection("c2", "ada")
    };
    store.open(&full, at(300)).await.unwrap();
    for connection in [bare, full] {
        let (id, connection_id) = (connection.recovery_id.clone(), connection.id.clone());
        assert_eq!(store.session(&id).await.unwrap(), Some(Session { id, connection_id }));
        assert_eq!(store.connection(&connection.id).await.unwrap(), Some(connection));
    }
}

async fn unknown_ids_are_none(store: impl Store) {
    opened(&store, "c1", "ada").await;
    assert_eq!(store.connection(&connection_id("c2")).await.unwrap(), None);
    assert_eq!(store.session(&recovery_id("c2-pid")).await.unwrap(), None);
}

async fn closing_is_done_once(store: impl Store) {
    for recoverable in [true, false] {
        let connection = opened(&store, &format!("c-{recoverable}"), "ada").await;
        assert!(store.close(&connection.id, at(5), recoverable).await.unwrap());
        assert!(!store.close(&connection.id, at(6), recoverable).await.unwrap());
        assert_eq!(store.connection(&connection.id).await.unwrap().unwrap().disconnected_at, Some(at(5)));
    }
}

async fn of_two_closings_at_the_same_time_one_does_it(store: impl Store) {
    let connection = opened(&store, "c1", "ada").await;
    let (one, other) =
        futures::join!(store.close(&connection.id, at(5), true), store.close(&connection.id, at(6), true));
    assert_ne!(one.unwrap(), other.unwrap());
}

async fn a_recoverable_connection_keeps_room_and_session(store: impl Store) {
    let connection = opened(&store, "c1", "ada").await;
    store.enter(&connection, &meeting_id("m1"), &presence(&connection)).await.unwrap();
    store.close(&connection.id, at(5), true).await.unwrap();
    let expected = Connection { room: Some(meeting_id("m1")), disconnected_at: Some(at(5)), ..connection.clone() };
    assert_eq!(recoverable(&store, &connection.recovery_id).await, Some(expected));
}

async fn a_connection_closed_for_good_cannot_be_recovered(store: impl Store) {
    let connection = opened(&store, "c1", "ada").await;
    store.enter(&connection, &meeting_id("m1"), &presence(&connection)).await.unwrap();
    store.close(&connection.id, at(5), false).await.unwrap();
    assert_eq!(store.session(&connection.recovery_id).await.unwrap(), None);
    let stored = store.connection(&connection.id).await.unwrap().unwrap();
    assert_eq!((stored.room, stored.disconnected_at), (None, Some(at(5))));
    assert_ne!(stored.recovery_id, connection.recovery_id);
}

async fn a_second_closing_does_not_forget_what_the_first_kept(store: impl Store) {
    let connection = opened(&store, "c1", "ada").await;
    store.close(&connection.id, at(5), true).await.unwrap();
    assert!(!store.close(&connection.id, at(6), false).await.unwrap());
    let expected = Connection { disconnected_at: Some(at(5)), ..connection.clone() };
    assert_eq!(recoverable(&store, &connection.recovery_id).await, Some(expected));
}

async fn a_session_follows_its_latest_connection(store: impl Store) {
    let old = opened(&store, "old", "ada").await;
    store.close(&old.id, at(5), true).await.unwrap();
    let new = Connection { recovery_id: old.recovery_id.clone(), ..connection("new", "ada") };
    store.open(&new, at(300)).await.unwrap();
    assert_eq!(recoverable(&store, &old.recovery_id).await, Some(new));
}

async fn closing_an_old_connection_for_good_spares_the_session_that_moved_on(store: impl Store) {
    let old = opened(&store, "old", "ada").await;
    let new = Connection { recovery_id: old.recovery_id.clone(), ..connection("new", "ada") };
    store.open(&new, at(300)).await.unwrap();
    assert!(store.close(&old.id, at(5), false).await.unwrap());
    assert_eq!(recoverable(&store, &old.recovery_id).await, Some(new));
}

async fn an_unknown_connection_is_not_closed(store: impl Store) {
    for recoverable in [true, false] {
        assert!(!store.close(&connection_id("c1"), at(5), recoverable).await.unwrap());
        assert_eq!(store.connection(&connection_id("c1")).await.unwrap(), None);
    }
}
