//! `closing` and `close`: first nothing can bring a connection back into a room, last its lease ends.

use dais_store::{Connection, Store};

use crate::support::*;

on_both_tables! {
    a_departing_connection_is_shown_until_its_lease_has_ended,
    a_departing_connection_enters_no_room,
    a_departing_connection_gets_no_more_time_by_an_answer,
    of_two_departures_both_may_work_and_one_ends_the_lease,
    a_connection_that_departs_for_good_cannot_be_recovered,
    what_departs_for_good_first_is_not_recovered_by_what_comes_second,
    a_goodbye_that_comes_second_still_forbids_recovery,
    one_who_is_expected_back_stays_in_his_room_until_his_lease_is_due,
    guests_and_unknown_ones_do_not_depart,
    a_connect_that_comes_twice_changes_nothing,
    a_connect_that_comes_late_does_not_open_again,
}

async fn a_departing_connection_is_shown_until_its_lease_has_ended(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    let connection = opened(&store, "c1", "ada").await;
    store.enter(&connection, &meeting.id, &presence(&connection)).await.unwrap();
    let expected = Connection { room: Some(meeting.id), disconnected_at: Some(at(5)), ..connection.clone() };
    for time in [5, 6] {
        let departing = store.closing(&connection.id, at(time), true).await.unwrap();
        assert_eq!(departing.as_ref(), Some(&expected));
        assert_eq!(store.connection(&connection.id).await.unwrap(), departing);
        assert_eq!(store.due(at(10_000), 10).await.unwrap().len(), 1);
    }
    assert!(store.close(&connection.id, at(7), true).await.unwrap());
    assert!(!store.close(&connection.id, at(8), true).await.unwrap());
    assert_eq!(store.closing(&connection.id, at(9), true).await.unwrap(), None);
    assert_eq!(store.due(at(10_000), 10).await.unwrap(), []);
}

async fn a_departing_connection_enters_no_room(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    let connection = opened(&store, "c1", "ada").await;
    store.closing(&connection.id, at(5), true).await.unwrap();
    store.enter(&connection, &meeting.id, &presence(&connection)).await.unwrap();
    assert_eq!(present(&store, &meeting.id).await, []);
}

/// Or a departure that died in the middle would never be finished.
async fn a_departing_connection_gets_no_more_time_by_an_answer(store: impl Store) {
    let connection = opened(&store, "c1", "ada").await;
    store.pinged(&connection.id, at(300), at(400)).await.unwrap();
    store.closing(&connection.id, at(350), true).await.unwrap();
    store.ponged(&connection.id, at(700)).await.unwrap();
    assert_eq!(store.due(at(400), 10).await.unwrap().len(), 1);
}

async fn of_two_departures_both_may_work_and_one_ends_the_lease(store: impl Store) {
    let connection = opened(&store, "c1", "ada").await;
    let (one, other) =
        futures::join!(store.closing(&connection.id, at(5), true), store.closing(&connection.id, at(5), true));
    assert_eq!(one.unwrap(), other.unwrap());
    let (one, other) =
        futures::join!(store.close(&connection.id, at(5), true), store.close(&connection.id, at(5), true));
    assert_ne!(one.unwrap(), other.unwrap());
}

async fn a_connection_that_departs_for_good_cannot_be_recovered(store: impl Store) {
    let connection = opened(&store, "c1", "ada").await;
    assert!(store.closing(&connection.id, at(5), false).await.unwrap().is_some());
    assert_eq!(store.session(&connection.recovery_id).await.unwrap(), None);
    assert_ne!(store.connection(&connection.id).await.unwrap().unwrap().recovery_id, connection.recovery_id);
    assert!(store.close(&connection.id, at(5), false).await.unwrap());
}

/// A client says goodbye, and API Gateway says that the connection has closed.
async fn what_departs_for_good_first_is_not_recovered_by_what_comes_second(store: impl Store) {
    let connection = opened(&store, "c1", "ada").await;
    store.closing(&connection.id, at(5), false).await.unwrap();
    store.closing(&connection.id, at(6), true).await.unwrap();
    assert!(store.close(&connection.id, at(6), true).await.unwrap());
    assert_ne!(store.connection(&connection.id).await.unwrap().unwrap().recovery_id, connection.recovery_id);
}

/// API Gateway's word that the connection has closed may overtake the client's goodbye.
async fn a_goodbye_that_comes_second_still_forbids_recovery(store: impl Store) {
    for lease_has_ended in [false, true] {
        let connection = opened(&store, &format!("c-{lease_has_ended}"), "ada").await;
        store.closing(&connection.id, at(5), true).await.unwrap();
        if lease_has_ended {
            store.close(&connection.id, at(5), true).await.unwrap();
        }
        let departing = store.closing(&connection.id, at(6), false).await.unwrap();
        assert_eq!(departing.is_some(), !lease_has_ended);
        assert_eq!(store.session(&connection.recovery_id).await.unwrap(), None);
        assert_ne!(store.connection(&connection.id).await.unwrap().unwrap().recovery_id, connection.recovery_id);
    }
}

async fn one_who_is_expected_back_stays_in_his_room_until_his_lease_is_due(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    let connection = opened(&store, "c1", "ada").await;
    store.enter(&connection, &meeting.id, &presence(&connection)).await.unwrap();
    assert!(store.expect_back(&connection.id, at(7), at(27)).await.unwrap());
    assert!(!store.expect_back(&connection.id, at(8), at(28)).await.unwrap(), "his time does not begin anew");
    let there = store.connection(&connection.id).await.unwrap().unwrap();
    assert_eq!((there.room.as_ref(), there.disconnected_at), (Some(&meeting.id), Some(at(7))));
    assert_eq!(present(&store, &meeting.id).await.len(), 1);
    assert_eq!(store.due(at(26), 10).await.unwrap(), []);
    assert_eq!(store.due(at(27), 10).await.unwrap().len(), 1);
    assert!(store.closing(&connection.id, at(30), true).await.unwrap().is_some());
    store.close(&connection.id, at(30), true).await.unwrap();
    assert!(!store.expect_back(&connection.id, at(31), at(51)).await.unwrap());
    assert!(!store.expect_back(&connection_id("nobody"), at(31), at(51)).await.unwrap());
}

async fn guests_and_unknown_ones_do_not_depart(store: impl Store) {
    let (guest, unknown) = (connection_id("c1"), connection_id("c2"));
    store.open_guest(&guest, at(300)).await.unwrap();
    for recoverable in [true, false] {
        assert_eq!(store.closing(&guest, at(5), recoverable).await.unwrap(), None);
        assert_eq!(store.closing(&unknown, at(5), recoverable).await.unwrap(), None);
    }
    assert!(store.close(&guest, at(5), true).await.unwrap());
    assert_eq!(store.connection(&unknown).await.unwrap(), None);
}

async fn a_connect_that_comes_twice_changes_nothing(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    let connection = opened(&store, "c1", "ada").await;
    store.enter(&connection, &meeting.id, &presence(&connection)).await.unwrap();
    store.open(&connection, at(900)).await.unwrap();
    assert_eq!(store.connection(&connection.id).await.unwrap().unwrap().room, Some(meeting.id));
    assert_eq!(store.due(at(300), 10).await.unwrap().len(), 1);
}

async fn a_connect_that_comes_late_does_not_open_again(store: impl Store) {
    for recoverable in [true, false] {
        let connection = opened(&store, &format!("c-{recoverable}"), "ada").await;
        store.close(&connection.id, at(5), recoverable).await.unwrap();
        store.open(&connection, at(300)).await.unwrap();
        assert_eq!(store.connection(&connection.id).await.unwrap().unwrap().disconnected_at, Some(at(5)));
        assert_eq!(store.due(at(10_000), 10).await.unwrap(), []);
    }
}
