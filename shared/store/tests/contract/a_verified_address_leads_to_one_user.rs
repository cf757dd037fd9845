//! An address is in the record of exactly the user to whom it leads, also while it goes over from one to another.

use dais_domain::UserId;
use dais_store::{Directory, KnownUser, Store};

use crate::support::*;

on_both_tables! {
    spellings_of_an_address_lead_to_the_same_user,
    an_address_given_up_leads_to_nobody,
    an_address_goes_over_to_its_new_owner,
    an_address_goes_over_even_if_its_loss_is_heard_first,
    old_news_takes_no_address_back,
    several_addresses_go_over_from_several_users,
    a_token_takes_an_address_from_nobody,
    a_deleted_user_sets_his_addresses_free,
    an_address_named_twice_or_beyond_the_bound_does_no_harm,
    claims_at_the_same_time_leave_one_owner,
}

async fn owner(store: &impl Store, email: &str) -> Option<UserId> {
    store.user_by_email(&address(email)).await.unwrap()
}

async fn emails(store: &impl Store, id: &str) -> Vec<String> {
    let known = store.user(&user(id)).await.unwrap();
    known.map(|user| user.emails.iter().map(|email| email.as_str().to_owned()).collect()).unwrap_or_default()
}

async fn spellings_of_an_address_lead_to_the_same_user(store: impl Store) {
    store.learn(&news("ada", &["Ada.L@Example.com"], 1)).await.unwrap();
    assert_eq!(owner(&store, " ada.l@EXAMPLE.com").await, Some(user("ada")));
}

async fn an_address_given_up_leads_to_nobody(store: impl Store) {
    store.learn(&news("ada", &["a1@example.com", "a2@example.com"], 1)).await.unwrap();
    store.learn(&news("ada", &["a2@example.com", "a3@example.com"], 2)).await.unwrap();
    assert_eq!(owner(&store, "a1@example.com").await, None);
    assert_eq!(owner(&store, "a2@example.com").await, Some(user("ada")));
    assert_eq!(owner(&store, "a3@example.com").await, Some(user("ada")));
}

async fn an_address_goes_over_to_its_new_owner(store: impl Store) {
    store.learn(&news("ada", &["x@example.com"], 1)).await.unwrap();
    store.learn(&news("ada", &[], 2)).await.unwrap();
    store.learn(&news("bo", &["x@example.com"], 3)).await.unwrap();
    assert_eq!(owner(&store, "x@example.com").await, Some(user("bo")));
    assert_eq!(emails(&store, "ada").await, [""; 0]);
}

async fn an_address_goes_over_even_if_its_loss_is_heard_first(store: impl Store) {
    store.learn(&news("ada", &["x@example.com", "a@example.com"], 1)).await.unwrap();
    store.learn(&news("bo", &["x@example.com"], 3)).await.unwrap();
    assert_eq!(owner(&store, "x@example.com").await, Some(user("bo")));
    assert_eq!(emails(&store, "ada").await, ["a@example.com"]);
    store.learn(&news("ada", &["a@example.com"], 2)).await.unwrap();
    assert_eq!(owner(&store, "x@example.com").await, Some(user("bo")));
    assert_eq!(owner(&store, "a@example.com").await, Some(user("ada")));
}

async fn old_news_takes_no_address_back(store: impl Store) {
    store.learn(&news("bo", &["x@example.com"], 3)).await.unwrap();
    store.learn(&news("ada", &["x@example.com", "a@example.com"], 1)).await.unwrap();
    assert_eq!(owner(&store, "x@example.com").await, Some(user("bo")));
    assert_eq!(emails(&store, "ada").await, ["a@example.com"]);
    // When he gives it up, it does not fall to whom had it long ago: he says so himself when he has it again.
    store.learn(&news("bo", &[], 4)).await.unwrap();
    assert_eq!(owner(&store, "x@example.com").await, None);
    store.learn(&news("ada", &["x@example.com"], 5)).await.unwrap();
    assert_eq!(owner(&store, "x@example.com").await, Some(user("ada")));
}

async fn several_addresses_go_over_from_several_users(store: impl Store) {
    store.learn(&news("ada", &["a1@example.com", "a2@example.com", "a3@example.com"], 1)).await.unwrap();
    store.learn(&news("bo", &["b1@example.com"], 1)).await.unwrap();
    store
        .learn(&news("cy", &["a1@example.com", "b1@example.com", "a3@example.com", "c@example.com"], 2))
        .await
        .unwrap();
    assert_eq!(emails(&store, "ada").await, ["a2@example.com"]);
    assert_eq!(emails(&store, "bo").await, [""; 0]);
    for address in ["a1", "b1", "a3", "c"] {
        assert_eq!(owner(&store, &format!("{address}@example.com")).await, Some(user("cy")), "{address}");
    }
}

async fn a_token_takes_an_address_from_nobody(store: impl Store) {
    store.learn(&token_news("ada", &["x@example.com"], 1)).await.unwrap();
    store.learn(&token_news("bo", &["x@example.com"], 2)).await.unwrap();
    assert_eq!(owner(&store, "x@example.com").await, Some(user("ada")));
    assert_eq!(emails(&store, "bo").await, [""; 0]);
    store.learn(&news("bo", &["x@example.com"], 0)).await.unwrap();
    assert_eq!(owner(&store, "x@example.com").await, Some(user("bo")));
    assert_eq!(emails(&store, "ada").await, [""; 0]);
}

async fn a_deleted_user_sets_his_addresses_free(store: impl Store) {
    store.learn(&news("ada", &["x@example.com", "a@example.com"], 1)).await.unwrap();
    store.learn(&news("bo", &["x@example.com"], 2)).await.unwrap();
    store.forget(&user("ada"), at(3)).await.unwrap();
    assert_eq!(owner(&store, "a@example.com").await, None);
    assert_eq!(owner(&store, "x@example.com").await, Some(user("bo")));
    store.learn(&token_news("cy", &["a@example.com"], 4)).await.unwrap();
    assert_eq!(owner(&store, "a@example.com").await, Some(user("cy")));
}

async fn an_address_named_twice_or_beyond_the_bound_does_no_harm(store: impl Store) {
    let many: Vec<String> = (0..KnownUser::MAX_EMAILS + 5).map(|n| format!("a{n}@example.com")).collect();
    let mut given: Vec<&str> = many.iter().map(String::as_str).collect();
    given.insert(1, "A0@example.com");
    store.learn(&news("ada", &given, 1)).await.unwrap();
    let known = emails(&store, "ada").await;
    assert_eq!(known, many[..KnownUser::MAX_EMAILS - 1]);
    assert_eq!(owner(&store, &many[KnownUser::MAX_EMAILS + 1]).await, None);
}

async fn claims_at_the_same_time_leave_one_owner(store: impl Store) {
    let people = ["ada", "bo", "cy", "di"];
    let claims: Vec<KnownUser> = people.iter().zip(1..).map(|(id, at)| news(id, &["x@example.com"], at)).collect();
    for done in futures::future::join_all(claims.iter().map(|claim| store.learn(claim))).await {
        done.unwrap();
    }
    assert_eq!(owner(&store, "x@example.com").await, Some(user("di")));
    for id in ["ada", "bo", "cy"] {
        assert_eq!(emails(&store, id).await, [""; 0], "{id}");
    }
}

/// A backup, a metric or a log may show keys.
#[tokio::test]
async fn no_key_shows_an_address() {
    let table = Table::new().await;
    table.store.learn(&news("ada", &["ada@example.com"], 1)).await.unwrap();
    let items = table.client.scan().table_name(&table.name).send().await.unwrap().items.unwrap_or_default();
    assert_eq!(items.len(), 2);
    for item in items {
        assert!(["pk", "sk"].iter().all(|key| !item[*key].as_s().unwrap().contains("example")), "{item:?}");
    }
}
