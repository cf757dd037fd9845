//! Webhooks arrive late, twice and in the wrong order; tokens say less than they do.

use dais_store::{Directory, KnownUser, Store};

use crate::support::*;

on_both_tables! {
    somebody_unknown_is_nobody,
    the_latest_news_counts_in_whatever_order_it_comes,
    news_of_the_same_moment_can_both_be_taken_in,
    a_deleted_user_stays_deleted_for_what_is_older,
    a_deletion_is_believed_before_anything_else_is_known,
    a_deletion_older_than_the_user_changes_nothing,
    a_token_introduces_whom_nobody_announced,
    a_token_says_nothing_against_the_provider,
    a_token_brings_nobody_back,
    a_token_that_says_nothing_new_is_not_written,
    many_users_are_read_at_once,
    news_at_the_same_time_leave_the_latest,
}

async fn known(store: &impl Store, id: &str) -> Option<KnownUser> {
    store.user(&user(id)).await.unwrap()
}

async fn somebody_unknown_is_nobody(store: impl Store) {
    assert_eq!(known(&store, "ada").await, None);
    assert_eq!(store.user_by_email(&address("ada@example.com")).await.unwrap(), None);
    store.forget(&user("ada"), at(0)).await.unwrap();
    assert_eq!(known(&store, "ada").await, None);
}

async fn the_latest_news_counts_in_whatever_order_it_comes(store: impl Store) {
    let history = [1, 2, 3].map(|seconds| news("ada", &["ada@example.com"], seconds));
    for (order, becomes) in [([0, 1, 2], 2), ([0, 2, 1], 2), ([2, 0, 1], 2), ([1, 2, 0], 2)] {
        for at in order {
            store.learn(&history[at]).await.unwrap();
        }
        assert_eq!(known(&store, "ada").await.as_ref(), Some(&history[becomes]), "{order:?}");
    }
    assert!(!store.learn(&history[2]).await.unwrap());
    assert!(!store.learn(&history[0]).await.unwrap());
    assert!(store.learn(&news("ada", &["ada@example.com"], 4)).await.unwrap());
}

async fn news_of_the_same_moment_can_both_be_taken_in(store: impl Store) {
    store.learn(&news("ada", &["ada@example.com"], 1)).await.unwrap();
    assert!(store.learn(&news("ada", &["lovelace@example.com"], 1)).await.unwrap());
    assert_eq!(known(&store, "ada").await, Some(news("ada", &["lovelace@example.com"], 1)));
}

async fn a_deleted_user_stays_deleted_for_what_is_older(store: impl Store) {
    store.learn(&news("ada", &["ada@example.com"], 1)).await.unwrap();
    store.forget(&user("ada"), at(5)).await.unwrap();
    store.forget(&user("ada"), at(5)).await.unwrap();
    for seconds in [1, 4, 5] {
        assert!(!store.learn(&news("ada", &["ada@example.com"], seconds)).await.unwrap());
        assert_eq!(known(&store, "ada").await, None);
        assert_eq!(store.user_by_email(&address("ada@example.com")).await.unwrap(), None);
    }
    assert!(store.learn(&news("ada", &["ada@example.com"], 6)).await.unwrap());
    assert_eq!(known(&store, "ada").await, Some(news("ada", &["ada@example.com"], 6)));
    assert_eq!(store.user_by_email(&address("ada@example.com")).await.unwrap(), Some(user("ada")));
}

async fn a_deletion_is_believed_before_anything_else_is_known(store: impl Store) {
    store.forget(&user("ada"), at(5)).await.unwrap();
    assert!(!store.learn(&news("ada", &["ada@example.com"], 4)).await.unwrap());
    assert_eq!(known(&store, "ada").await, None);
}

async fn a_deletion_older_than_the_user_changes_nothing(store: impl Store) {
    store.learn(&news("ada", &["ada@example.com"], 6)).await.unwrap();
    store.forget(&user("ada"), at(5)).await.unwrap();
    assert_eq!(known(&store, "ada").await, Some(news("ada", &["ada@example.com"], 6)));
}

async fn a_token_introduces_whom_nobody_announced(store: impl Store) {
    assert!(store.learn(&token_news("ada", &["ada@example.com"], 9)).await.unwrap());
    assert_eq!(store.user_by_email(&address("ada@example.com")).await.unwrap(), Some(user("ada")));
    assert!(store.learn(&token_news("ada", &["lovelace@example.com"], 10)).await.unwrap());
    assert_eq!(known(&store, "ada").await, Some(token_news("ada", &["lovelace@example.com"], 10)));
    assert_eq!(store.user_by_email(&address("ada@example.com")).await.unwrap(), None);
    // What the provider says is better, even if it is older.
    assert!(store.learn(&news("ada", &["ada@example.com"], 1)).await.unwrap());
    assert_eq!(known(&store, "ada").await, Some(news("ada", &["ada@example.com"], 1)));
    // And a deletion, whenever it was.
    store.learn(&token_news("bo", &["bo@example.com"], 9)).await.unwrap();
    store.forget(&user("bo"), at(1)).await.unwrap();
    assert_eq!(known(&store, "bo").await, None);
}

async fn a_token_says_nothing_against_the_provider(store: impl Store) {
    let announced = news("ada", &["ada@example.com"], 1);
    store.learn(&announced).await.unwrap();
    assert!(!store.learn(&token_news("ada", &["lovelace@example.com"], 9)).await.unwrap());
    assert_eq!(known(&store, "ada").await, Some(announced));
}

async fn a_token_brings_nobody_back(store: impl Store) {
    store.forget(&user("ada"), at(5)).await.unwrap();
    assert!(!store.learn(&token_news("ada", &["ada@example.com"], 9)).await.unwrap());
    assert_eq!(known(&store, "ada").await, None);
}

async fn a_token_that_says_nothing_new_is_not_written(store: impl Store) {
    let first = KnownUser { name: None, ..token_news("ada", &["ada@example.com"], 1) };
    assert!(store.learn(&first).await.unwrap());
    let second = KnownUser { name: None, ..token_news("ada", &["ada@example.com"], 2) };
    assert!(!store.learn(&second).await.unwrap());
    assert_eq!(known(&store, "ada").await, Some(first));
}

async fn many_users_are_read_at_once(store: impl Store) {
    store.learn(&news("ada", &["ada@example.com"], 1)).await.unwrap();
    store.learn(&news("bo", &[], 1)).await.unwrap();
    store.learn(&news("cy", &[], 1)).await.unwrap();
    store.forget(&user("cy"), at(2)).await.unwrap();
    let asked = ["bo", "cy", "di", "ada", "bo"].map(user);
    let mut found = store.users(&asked).await.unwrap();
    found.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(found, [news("ada", &["ada@example.com"], 1), news("bo", &[], 1)]);
    assert_eq!(store.users(&[]).await.unwrap(), []);
}

async fn news_at_the_same_time_leave_the_latest(store: impl Store) {
    let all: Vec<KnownUser> =
        (0..5).map(|seconds| news("ada", &["ada@example.com", &format!("a{seconds}@example.com")], seconds)).collect();
    futures::future::join_all(all.iter().map(|news| store.learn(news))).await.into_iter().for_each(|done| {
        done.unwrap();
    });
    assert_eq!(known(&store, "ada").await, Some(all[4].clone()));
    for (seconds, holder) in [(0, None), (3, None), (4, Some(user("ada")))] {
        let address = address(&format!("a{seconds}@example.com"));
        assert_eq!(store.user_by_email(&address).await.unwrap(), holder, "{seconds}");
    }
}

/// A token comes with every connection: of somebody who is known it costs one read.
#[tokio::test]
async fn no_news_costs_one_read() {
    let table = Table::new().await;
    table.store.learn(&news("ada", &["ada@example.com"], 1)).await.unwrap();
    let bo = KnownUser { name: None, ..token_news("bo", &["bo@example.com"], 1) };
    table.store.learn(&bo).await.unwrap();
    table.tap.take_seen();
    let later = KnownUser { updated_at: at(60), ..bo };
    for known in [token_news("ada", &["ada@example.com"], 60), later, news("ada", &[], 0)] {
        assert!(!table.store.learn(&known).await.unwrap());
        assert_eq!(table.tap.take_seen(), ["GetItem"]);
    }
}

#[test]
fn a_token_proves_one_address_at_most() {
    let by_token = |email| KnownUser::by_token(user("ada"), None, None, email, at(1)).emails;
    assert_eq!(by_token(Some("Ada@Example.com")), [address("ada@example.com")]);
    assert_eq!(by_token(Some("ada@localhost")), []);
    assert_eq!(by_token(None), []);
}
