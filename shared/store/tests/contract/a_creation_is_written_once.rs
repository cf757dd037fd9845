//! `create`: ids are taken once, idempotency keys count until they expire.

use dais_domain::{LogEntry, Meeting, Timestamp, Version};
use dais_store::{CreateError, CreationKey, ListQuery, Period, Store};

use crate::support::*;

on_both_tables! {
    a_free_id_is_taken,
    an_unknown_id_is_no_meeting,
    a_taken_id_returns_the_stored_meeting,
    of_two_creations_of_one_id_one_is_written,
    a_key_used_again_tells_what_it_created,
    a_key_is_told_before_the_meeting_that_has_the_id,
    an_expired_key_can_be_used_again,
    a_key_belongs_to_one_user,
    a_refused_creation_leaves_nothing_behind,
}

fn key(name: &str, fingerprint: &str, expires_at: Timestamp) -> CreationKey {
    CreationKey { key: name.to_owned(), fingerprint: fingerprint.to_owned(), expires_at }
}

fn created_at(id: &str, creator: &str, now: Timestamp) -> (Meeting, LogEntry) {
    let (mut meeting, mut first) = new_meeting(id, creator, at(60));
    (meeting.created_at, meeting.changed_at, first.at) = (now, now, now);
    (meeting, first)
}

async fn a_free_id_is_taken(store: impl Store) {
    let (meeting, first) = new_meeting("m1", "ada", at(60));
    store.create(&meeting, &first, None).await.unwrap();
    assert_eq!(store.meeting(&meeting.id).await.unwrap(), Some(meeting));
    assert_eq!(whole_log(&store, "m1").await, [first]);
}

async fn an_unknown_id_is_no_meeting(store: impl Store) {
    created(&store, "m1", "ada", at(60)).await;
    assert_eq!(store.meeting(&meeting_id("m2")).await.unwrap(), None);
    assert_eq!(whole_log(&store, "m2").await, []);
}

async fn a_taken_id_returns_the_stored_meeting(store: impl Store) {
    created(&store, "m1", "ada", at(60)).await;
    let stored = changed(&store, "m1", "ada", moved_to(at(90))).await;
    let (other, first) = new_meeting("m1", "eve", at(60));
    let refused = store.create(&other, &first, Some(&key("k", "f", at(100)))).await;
    assert!(matches!(refused, Err(CreateError::Exists(there)) if *there == stored));
    assert_eq!(store.meeting(&stored.id).await.unwrap(), Some(stored));
}

async fn of_two_creations_of_one_id_one_is_written(store: impl Store) {
    let (ada, first_of_ada) = new_meeting("m1", "ada", at(60));
    let (eve, first_of_eve) = new_meeting("m1", "eve", at(60));
    let (one, other) = futures::join!(store.create(&ada, &first_of_ada, None), store.create(&eve, &first_of_eve, None));
    assert_ne!(one.is_ok(), other.is_ok());
    let written = if one.is_ok() { ada } else { eve };
    assert_eq!(store.meeting(&meeting_id("m1")).await.unwrap(), Some(written));
}

async fn a_key_used_again_tells_what_it_created(store: impl Store) {
    let (meeting, first) = new_meeting("m1", "ada", at(60));
    store.create(&meeting, &first, Some(&key("k", "f1", at(100)))).await.unwrap();
    for fingerprint in ["f1", "f2"] {
        let (again, first) = new_meeting("m2", "ada", at(60));
        let refused = store.create(&again, &first, Some(&key("k", fingerprint, at(100)))).await;
        let Err(CreateError::KeyUsed { meeting_id, fingerprint }) = refused else { panic!("{refused:?}") };
        assert_eq!((meeting_id.as_str(), fingerprint.as_str()), ("m1", "f1"));
    }
}

async fn a_key_is_told_before_the_meeting_that_has_the_id(store: impl Store) {
    let (meeting, first) = new_meeting("m1", "ada", at(60));
    store.create(&meeting, &first, Some(&key("k", "f", at(100)))).await.unwrap();
    let refused = store.create(&meeting, &first, Some(&key("k", "f", at(100)))).await;
    assert!(matches!(refused, Err(CreateError::KeyUsed { .. })), "{refused:?}");
}

async fn an_expired_key_can_be_used_again(store: impl Store) {
    let expiry = Timestamp::from_ms(at(100).as_ms() + 700);
    let (meeting, first) = created_at("m1", "ada", at(0));
    store.create(&meeting, &first, Some(&key("k", "f1", expiry))).await.unwrap();

    let (early, first) = created_at("m2", "ada", Timestamp::from_ms(expiry.as_ms() - 1));
    let refused = store.create(&early, &first, Some(&key("k", "f2", at(200)))).await;
    assert!(matches!(refused, Err(CreateError::KeyUsed { .. })), "{refused:?}");

    let (in_time, first) = created_at("m3", "ada", expiry);
    store.create(&in_time, &first, Some(&key("k", "f3", at(200)))).await.unwrap();
    let (late, first) = created_at("m4", "ada", at(150));
    let refused = store.create(&late, &first, Some(&key("k", "f4", at(300)))).await;
    assert!(matches!(refused, Err(CreateError::KeyUsed { fingerprint, .. }) if fingerprint == "f3"));
}

async fn a_key_belongs_to_one_user(store: impl Store) {
    for (id, creator) in [("m1", "ada"), ("m2", "bo")] {
        let (meeting, first) = new_meeting(id, creator, at(60));
        store.create(&meeting, &first, Some(&key("k", "f", at(100)))).await.unwrap();
    }
    assert!(store.meeting(&meeting_id("m2")).await.unwrap().is_some());
}

async fn a_refused_creation_leaves_nothing_behind(store: impl Store) {
    created(&store, "m1", "ada", at(60)).await;
    let (other, first) = new_meeting("m1", "eve", at(60));
    assert!(store.create(&other, &first, Some(&key("k", "f", at(100)))).await.is_err());

    let query = ListQuery { period: Period::All, hosting: false, now: at(0), limit: 10, after: None };
    assert_eq!(store.meetings_of(&user("eve"), &query).await.unwrap().meetings, []);
    assert_eq!(whole_log(&store, "m1").await.last().map(|entry| entry.version), Some(Version::FIRST));
    let (free, first) = new_meeting("m2", "eve", at(60));
    store.create(&free, &first, Some(&key("k", "f", at(100)))).await.unwrap();
}
