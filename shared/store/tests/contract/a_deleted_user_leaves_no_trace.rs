//! What is kept of a user beside himself can be found and deleted, piece by piece.

use dais_domain::{Command, DisplayName, LogEntry, Meeting};
use dais_store::{CreationKey, Directory, Store, Trace};

use crate::support::*;

on_both_tables! {
    traces_are_his_meetings_his_attendances_and_his_requests,
    traces_come_in_portions,
    an_erased_trace_is_gone,
    traces_of_others_stay,
    his_name_goes_from_the_logs,
}

async fn traces(store: &impl Store, id: &str) -> Vec<Trace> {
    let mut traces = store.traces(&user(id), 100).await.unwrap();
    traces.sort();
    traces
}

fn own(id: &str) -> Trace {
    Trace::OwnMeeting(meeting_id(id))
}

fn was_in(id: &str) -> Trace {
    Trace::Attended(meeting_id(id))
}

/// Ada creates two meetings, hosts a third and has been in a fourth; Bo was with her in the first.
async fn history(store: &impl Store) {
    let (meeting, first) = new_meeting("m1", "ada", at(10));
    let key = CreationKey { key: "key#1".to_owned(), fingerprint: "f".to_owned(), expires_at: at(600) };
    store.create(&meeting, &first, Some(&key)).await.unwrap();
    created(store, "m2", "ada", at(20)).await;
    changed(store, "m2", "ada", Command::MakeHost(user("bo"))).await;
    changed(store, "m2", "bo", Command::RemoveHost(user("ada"))).await;
    created(store, "m3", "cy", at(30)).await;
    changed(store, "m3", "cy", Command::MakeCohost(user("ada"))).await;
    created(store, "m4", "cy", at(40)).await;
    store.learn(&news("ada", &["ada@example.com"], 1)).await.unwrap();
    attended(store, "ada", "m1", 11).await;
    attended(store, "bo", "m1", 12).await;
    attended(store, "ada", "m4", 13).await;
}

async fn traces_are_his_meetings_his_attendances_and_his_requests(store: impl Store) {
    history(&store).await;
    let expected = [own("m1"), own("m2"), own("m3"), was_in("m1"), was_in("m4"), Trace::Request("key#1".to_owned())];
    assert_eq!(traces(&store, "ada").await, expected);
    assert_eq!(traces(&store, "di").await, []);
}

async fn traces_come_in_portions(store: impl Store) {
    history(&store).await;
    assert_eq!(erased_in_portions(&store, "ada").await, 6);
}

async fn an_erased_trace_is_gone(store: impl Store) {
    history(&store).await;
    for trace in traces(&store, "ada").await {
        store.erase(&user("ada"), &trace).await.unwrap();
        store.erase(&user("ada"), &trace).await.unwrap();
        assert!(!traces(&store, "ada").await.contains(&trace));
    }
    assert_eq!(store.network(&user("bo")).await.unwrap().iter().filter(|met| met.name == name("ada")).count(), 0);
    // The key can be used again.
    let key = CreationKey { key: "key#1".to_owned(), fingerprint: "g".to_owned(), expires_at: at(600) };
    let (meeting, first) = new_meeting("m9", "ada", at(10));
    store.create(&meeting, &first, Some(&key)).await.unwrap();
}

async fn traces_of_others_stay(store: impl Store) {
    history(&store).await;
    for trace in traces(&store, "ada").await {
        store.erase(&user("ada"), &trace).await.unwrap();
    }
    assert_eq!(traces(&store, "bo").await, [own("m2"), was_in("m1")]);
    let meeting: Option<Meeting> = store.meeting(&meeting_id("m1")).await.unwrap();
    assert!(meeting.is_some());
}

async fn his_name_goes_from_the_logs(store: impl Store) {
    let names = |log: Vec<LogEntry>| format!("{log:?}").matches("DisplayName").count();
    let meeting = created(&store, "m1", "ada", at(0)).await;
    // "Bo" gets a role by the name of Bo, from Ada, of whom the log of this change has no name.
    changed(&store, "m1", "ada", Command::MakeHost(user("bo"))).await;
    attended(&store, "bo", "m1", 3).await;
    assert_eq!(names(whole_log(&store, "m1").await), 2);
    store.erase(&user("bo"), &was_in("m1")).await.unwrap();
    assert_eq!(names(whole_log(&store, "m1").await), 1);
    store.erase(&user("ada"), &own("m1")).await.unwrap();
    let log = whole_log(&store, "m1").await;
    assert_eq!(names(log.clone()), 0);
    // What happened can still be read.
    let replayed = Meeting::replay(meeting.id.clone(), &log).unwrap();
    assert_eq!(replayed.roles.len(), 2);
}

fn name(name: &str) -> Option<DisplayName> {
    DisplayName::new(name).ok()
}

/// Nothing but the tombstone is left in the whole table.
#[tokio::test]
async fn nothing_else_holds_his_id_or_his_address() {
    let table = Table::new().await;
    let store = &table.store;
    created(store, "m4", "cy", at(40)).await;
    attended(store, "ada", "m4", 13).await;
    store.learn(&news("ada", &["ada@example.com"], 1)).await.unwrap();
    for trace in store.traces(&user("ada"), 100).await.unwrap() {
        store.erase(&user("ada"), &trace).await.unwrap();
    }
    store.forget(&user("ada"), at(14)).await.unwrap();
    let items = table.client.scan().table_name(&table.name).send().await.unwrap().items.unwrap_or_default();
    let left: Vec<_> = items.iter().filter(|item| format!("{item:?}").contains("ada")).collect();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["pk"].as_s().unwrap(), "U#ada");
    assert_eq!(left[0]["sk"].as_s().unwrap(), "A");
    assert!(left[0].contains_key("ttl") && !format!("{left:?}").contains("example.com"));
}
