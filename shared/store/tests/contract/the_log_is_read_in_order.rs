//! `log`: oldest first, after a version, in pages.

use dais_domain::{Command, Description, MeetingEdit, Version};
use dais_store::Store;

use crate::support::*;

on_both_tables! {
    entries_after_a_version_come_oldest_first,
    a_page_says_exactly_whether_more_follow,
    a_log_longer_than_one_answer_of_the_table_is_read,
    any_number_is_a_version,
}

async fn versions(store: &impl Store, after: u64, limit: u32) -> (Vec<u64>, bool) {
    let page = store.log(&meeting_id("m1"), Version(after), limit).await.unwrap();
    (page.entries.iter().map(|entry| entry.version.0).collect(), page.more)
}

/// A meeting of version 12: versions of one and two digits.
async fn twelve(store: &impl Store) {
    created(store, "m1", "ada", at(60)).await;
    for n in 2..=12 {
        changed(store, "m1", "ada", Command::MakeCohost(user(&format!("u{n}")))).await;
    }
}

async fn entries_after_a_version_come_oldest_first(store: impl Store) {
    twelve(&store).await;
    assert_eq!(versions(&store, 0, 100).await, ((1..=12).collect(), false));
    assert_eq!(versions(&store, 8, 100).await, (vec![9, 10, 11, 12], false));
    assert_eq!(versions(&store, 12, 100).await, (vec![], false));
}

async fn a_page_says_exactly_whether_more_follow(store: impl Store) {
    twelve(&store).await;
    assert_eq!(versions(&store, 8, 3).await, (vec![9, 10, 11], true));
    assert_eq!(versions(&store, 8, 4).await, (vec![9, 10, 11, 12], false));
    assert_eq!(versions(&store, 8, 5).await, (vec![9, 10, 11, 12], false));
}

/// DynamoDB answers a query with at most 1 MB.
async fn a_log_longer_than_one_answer_of_the_table_is_read(store: impl Store) {
    const EDITS: u64 = 560;
    let mut meeting = created(&store, "m1", "ada", at(60)).await;
    for n in 0..EDITS {
        let description = Description::new(format!("{n:03}{}", "🦀".repeat(497))).unwrap();
        let edit = MeetingEdit { description: Some(description), ..MeetingEdit::default() };
        let decision = decided(&meeting, "ada", Command::Edit(edit));
        store.commit(&decision).await.unwrap();
        meeting = decision.meeting;
    }
    const { assert!(EDITS * 497 * 4 > 1024 * 1024) };
    assert_eq!(versions(&store, 0, 1000).await, ((1..=EDITS + 1).collect(), false));
    assert_eq!(versions(&store, 0, EDITS as u32).await, ((1..=EDITS).collect(), true));
}

/// The version comes from a client, as the offset that it has seen.
async fn any_number_is_a_version(store: impl Store) {
    twelve(&store).await;
    assert_eq!(versions(&store, u64::MAX, 100).await, (vec![], false));
    assert_eq!(versions(&store, u64::MAX - 1, 100).await, (vec![], false));
}
