//! `spend`: counters that many use at once.

use std::time::Duration;

use dais_store::{Invitee, Limit, Store};
use futures::future::join_all;

use crate::support::*;

on_both_tables! {
    it_gives_what_is_left,
    however_many_ask_at_once_it_is_not_exceeded,
    each_name_and_each_person_has_his_own,
    a_new_window_begins_with_all_of_it,
    a_limit_of_nothing_gives_nothing,
}

fn limit(max: u32) -> Limit {
    Limit { name: "invites", of: Invitee::User(user("ada")), max, period: Duration::from_secs(3600) }
}

async fn it_gives_what_is_left(store: impl Store) {
    assert_eq!(store.spend(&limit(10), 4, at(0)).await.unwrap(), 4);
    assert_eq!(store.spend(&limit(10), 4, at(1)).await.unwrap(), 4);
    assert_eq!(store.spend(&limit(10), 4, at(2)).await.unwrap(), 2);
    assert_eq!(store.spend(&limit(10), 4, at(3)).await.unwrap(), 0);
    assert_eq!(store.spend(&limit(12), 4, at(3)).await.unwrap(), 2, "a deployment with a higher one");
}

async fn however_many_ask_at_once_it_is_not_exceeded(store: impl Store) {
    let limit = &limit(20);
    let taken = join_all((0..16).map(|_| store.spend(limit, 3, at(0)))).await;
    assert_eq!(taken.into_iter().map(Result::unwrap).sum::<u32>(), 20);
}

async fn each_name_and_each_person_has_his_own(store: impl Store) {
    let ada = limit(1);
    let others = [
        Limit { of: Invitee::User(user("bo")), ..ada.clone() },
        Limit { of: Invitee::Email(address("ada@example.com")), ..ada.clone() },
        Limit { name: "resends", ..ada.clone() },
    ];
    assert_eq!(store.spend(&ada, 1, at(0)).await.unwrap(), 1);
    for other in others {
        assert_eq!(store.spend(&other, 1, at(0)).await.unwrap(), 1, "{other:?}");
    }
    assert_eq!(store.spend(&ada, 1, at(0)).await.unwrap(), 0);
}

async fn a_new_window_begins_with_all_of_it(store: impl Store) {
    // "Now" is a whole number of hours since the epoch.
    assert_eq!(store.spend(&limit(2), 2, at(3599)).await.unwrap(), 2);
    assert_eq!(store.spend(&limit(2), 2, at(3599)).await.unwrap(), 0);
    assert_eq!(store.spend(&limit(2), 2, at(3600)).await.unwrap(), 2);
}

async fn a_limit_of_nothing_gives_nothing(store: impl Store) {
    assert_eq!(store.spend(&limit(0), 5, at(0)).await.unwrap(), 0);
    assert_eq!(store.spend(&limit(5), 0, at(0)).await.unwrap(), 0);
    assert_eq!(store.spend(&limit(5), 9, at(0)).await.unwrap(), 5);
}
