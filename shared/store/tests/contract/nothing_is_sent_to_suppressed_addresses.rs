//! `suppress`, `suppressed`.

use dais_store::{Store, SuppressionReason};

use crate::support::*;

on_both_tables! {
    a_suppressed_address_is_found_in_any_spelling_and_others_are_not,
    the_first_reason_stays,
}

async fn a_suppressed_address_is_found_in_any_spelling_and_others_are_not(store: impl Store) {
    store.suppress(&address("Bo@Example.com"), SuppressionReason::Bounce, at(0)).await.unwrap();
    let asked: Vec<_> =
        (0..150).map(|n| address(&format!("u{n}@example.com"))).chain([address("bo@example.com")]).collect();
    let found = store.suppressed(&asked).await.unwrap();
    assert_eq!(found, [(address("bo@example.com"), SuppressionReason::Bounce)].into());
    assert_eq!(store.suppressed(&[]).await.unwrap().len(), 0);
}

async fn the_first_reason_stays(store: impl Store) {
    store.suppress(&address("bo@example.com"), SuppressionReason::Complaint, at(0)).await.unwrap();
    store.suppress(&address("bo@example.com"), SuppressionReason::Bounce, at(1)).await.unwrap();
    let found = store.suppressed(&[address("bo@example.com")]).await.unwrap();
    assert_eq!(found[&address("bo@example.com")], SuppressionReason::Complaint);
}
