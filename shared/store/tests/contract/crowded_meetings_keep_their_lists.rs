//! `meetings_of` when a meeting has more hosts and co-hosts than a transaction has room for, and when the index lags behind.

use std::{collections::HashMap, slice::from_ref};

use aws_sdk_dynamodb::types::AttributeValue;
use dais_domain::{Command, Meeting};
use dais_store::{ListQuery, Meetings, Period, Store};

use crate::support::*;

on_both_tables! {
    a_moved_start_moves_a_crowded_meeting_in_every_list,
}

const COHOSTS: usize = 96;

fn query(period: Period) -> ListQuery {
    ListQuery { period, hosting: false, now: at(0), limit: 10, after: None }
}

async fn listed(store: &impl Store, who: &str, period: Period) -> Vec<Meeting> {
    let page = store.meetings_of(&user(who), &query(period)).await.unwrap();
    page.meetings.into_iter().map(|own| own.meeting).collect()
}

/// A meeting of "ada" with co-hosts "u000" and so on.
async fn crowded(store: &impl Store) -> Meeting {
    let mut meeting = created(store, "m1", "ada", at(60)).await;
    for n in 0..COHOSTS {
        let decision = decided(&meeting, "ada", Command::MakeCohost(user(&format!("u{n:03}"))));
        store.commit(&decision).await.unwrap();
        meeting = decision.meeting;
    }
    meeting
}

async fn a_moved_start_moves_a_crowded_meeting_in_every_list(store: impl Store) {
    crowded(&store).await;
    let moved = changed(&store, "m1", "ada", moved_to(ago(60))).await;
    assert_eq!(listed(&store, "ada", Period::Past).await, from_ref(&moved));
    for n in 0..COHOSTS {
        assert_eq!(listed(&store, &format!("u{n:03}"), Period::Past).await, from_ref(&moved));
    }
}

#[tokio::test]
async fn a_crowded_meeting_is_changed_even_if_lists_cannot_be() {
    let table = Table::new().await;
    let meeting = crowded(&table.store).await;
    table.tap.answer("PutItem", usize::MAX, error("ThrottlingException", "slow down"));
    let decision = decided(&meeting, "ada", moved_to(ago(60)));
    table.store.commit(&decision).await.unwrap();
    assert_eq!(table.store.meeting(&meeting.id).await.unwrap(), Some(decision.meeting.clone()));
    assert_eq!(listed(&table.store, "ada", Period::Past).await, [decision.meeting]);
}

/// Of two moves one after the other, the places that the first writes may come after those of the second.
#[tokio::test]
async fn the_place_of_an_older_version_does_not_replace_that_of_a_newer() {
    let table = Table::new().await;
    let meeting = crowded(&table.store).await;
    let last = format!("u{:03}", COHOSTS - 1);
    table
        .client
        .update_item()
        .table_name(&table.name)
        .key("pk", AttributeValue::S(format!("U#{last}")))
        .key("sk", AttributeValue::S("M#m1".to_owned()))
        .update_expression("SET version = :newer")
        .expression_attribute_values(":newer", AttributeValue::N((meeting.version.0 + 2).to_string()))
        .send()
        .await
        .unwrap();
    let moved = changed(&table.store, "m1", "ada", moved_to(ago(60))).await;
    assert_eq!(listed(&table.store, &last, Period::Past).await, []);
    assert_eq!(listed(&table.store, &last, Period::Upcoming).await, from_ref(&moved));
    assert_eq!(listed(&table.store, "u094", Period::Past).await, [moved]);
}

/// Nor does it come back when it has been taken away meanwhile.
#[tokio::test]
async fn the_place_of_an_older_version_does_not_come_back() {
    let table = Table::new().await;
    crowded(&table.store).await;
    let key = [("pk", format!("U#u{:03}", COHOSTS - 1)), ("sk", "M#m1".to_owned())];
    let key: HashMap<String, AttributeValue> =
        key.into_iter().map(|(name, value)| (name.to_owned(), AttributeValue::S(value))).collect();
    table.client.delete_item().table_name(&table.name).set_key(Some(key.clone())).send().await.unwrap();
    changed(&table.store, "m1", "ada", moved_to(ago(60))).await;
    let there = table.client.get_item().table_name(&table.name).set_key(Some(key)).send().await.unwrap();
    assert_eq!(there.item, None);
}

#[tokio::test]
async fn the_meeting_says_whose_it_is_and_not_the_list() {
    let table = Table::new().await;
    created(&table.store, "m1", "ada", at(60)).await;
    for (id, starts_at) in [("m1", "00000000000000000001#m1"), ("unknown", "00000000000000000002#unknown")] {
        table
            .client
            .put_item()
            .table_name(&table.name)
            .item("pk", AttributeValue::S("U#eve".to_owned()))
            .item("sk", AttributeValue::S(format!("M#{id}")))
            .item("starts_pk", AttributeValue::S("U#eve".to_owned()))
            .item("starts_sk", AttributeValue::S(starts_at.to_owned()))
            .item("meeting_id", AttributeValue::S(id.to_owned()))
            .item("version", AttributeValue::N("1".to_owned()))
            .send()
            .await
            .unwrap();
    }
    assert_eq!(listed(&table.store, "eve", Period::All).await, []);
}

/// An index is written in two steps, old place and new place.
#[tokio::test]
async fn a_meeting_at_two_places_of_the_index_is_listed_once() {
    let table = Table::new().await;
    let meeting = created(&table.store, "m1", "ada", at(60)).await;
    let place = |start: u64| {
        format!(
            r#"{{"pk":{{"S":"U#ada"}},"sk":{{"S":"M#m1"}},"meeting_id":{{"S":"m1"}},"version":{{"N":"1"}},
                "starts_pk":{{"S":"U#ada"}},"starts_sk":{{"S":"{start:020}#m1"}}}}"#
        )
    };
    let output = format!(r#"{{"Count":2,"ScannedCount":2,"Items":[{},{}]}}"#, place(2), place(1));
    table.tap.answer_well("Query", 1, output);
    assert_eq!(listed(&table.store, "ada", Period::All).await, [meeting]);
}
