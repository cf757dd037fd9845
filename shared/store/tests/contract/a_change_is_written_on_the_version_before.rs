//! `commit`: what was decided on an old state is not written.

use dais_domain::{Command, LogEntry, Meeting, MeetingEdit, Policy, Role, Source, Version};
use dais_store::{CommitError, Store};
use futures::future::join_all;

use crate::support::*;

on_both_tables! {
    a_change_and_its_log_entry_are_written_together,
    a_decision_on_an_old_version_is_a_conflict_and_leaves_nothing,
    a_decision_on_an_unknown_meeting_is_a_conflict,
    of_two_commits_at_the_same_time_one_wins,
    a_commit_repeated_is_a_conflict,
    many_committers_who_retry_leave_no_gap,
    two_hosts_who_remove_each_other_leave_one,
    every_kind_of_change_comes_back_as_it_was,
}

async fn a_change_and_its_log_entry_are_written_together(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    let decision = decided(&meeting, "ada", Command::MakeHost(user("bo")));
    store.commit(&decision).await.unwrap();
    assert_eq!(store.meeting(&meeting.id).await.unwrap(), Some(decision.meeting));
    assert_eq!(whole_log(&store, "m1").await.last(), Some(&decision.entry));
}

async fn a_decision_on_an_old_version_is_a_conflict_and_leaves_nothing(store: impl Store) {
    let old = created(&store, "m1", "ada", at(60)).await;
    let now = changed(&store, "m1", "ada", Command::MakeHost(user("bo"))).await;
    let late = decided(&old, "ada", Command::MakeCohost(user("cy")));
    assert!(matches!(store.commit(&late).await, Err(CommitError::Conflict)));
    assert_eq!(store.meeting(&old.id).await.unwrap(), Some(now));
    assert_eq!(whole_log(&store, "m1").await.len(), 2);
}

async fn a_decision_on_an_unknown_meeting_is_a_conflict(store: impl Store) {
    let (meeting, _) = new_meeting("m1", "ada", at(60));
    let decision = decided(&meeting, "ada", Command::End);
    assert!(matches!(store.commit(&decision).await, Err(CommitError::Conflict)));
    assert_eq!(store.meeting(&meeting.id).await.unwrap(), None);
    assert_eq!(whole_log(&store, "m1").await, []);
}

async fn of_two_commits_at_the_same_time_one_wins(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    let (bo, cy) = (Command::MakeHost(user("bo")), Command::MakeHost(user("cy")));
    let (bo, cy) = (decided(&meeting, "ada", bo), decided(&meeting, "ada", cy));
    let (first, second) = futures::join!(store.commit(&bo), store.commit(&cy));
    let (winner, loser) = if first.is_ok() { (bo, second) } else { (cy, first) };
    assert!(matches!(loser, Err(CommitError::Conflict)));
    assert_eq!(store.meeting(&meeting.id).await.unwrap(), Some(winner.meeting));
    assert_eq!(whole_log(&store, "m1").await[1..], [winner.entry]);
}

async fn a_commit_repeated_is_a_conflict(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    let decision = decided(&meeting, "ada", Command::MakeHost(user("bo")));
    store.commit(&decision).await.unwrap();
    assert!(matches!(store.commit(&decision).await, Err(CommitError::Conflict)));
}

async fn many_committers_who_retry_leave_no_gap(store: impl Store) {
    const COMMITTERS: u64 = 32;
    created(&store, "m1", "ada", at(60)).await;
    join_all((0..COMMITTERS).map(|n| {
        let store = store.clone();
        async move { changed(&store, "m1", "ada", Command::MakeCohost(user(&format!("u{n}")))).await }
    }))
    .await;
    let meeting = store.meeting(&meeting_id("m1")).await.unwrap().unwrap();
    assert_eq!(meeting.version, Version(1 + COMMITTERS));
    assert_eq!(meeting.cohosts().len() as u64, COMMITTERS);

    let log = whole_log(&store, "m1").await;
    let versions: Vec<u64> = log.iter().map(|entry| entry.version.0).collect();
    assert_eq!(versions, (1..=1 + COMMITTERS).collect::<Vec<_>>());
    assert_eq!(Meeting::replay(meeting.id.clone(), &log), Some(meeting));
}

async fn two_hosts_who_remove_each_other_leave_one(store: impl Store) {
    created(&store, "m1", "ada", at(60)).await;
    let meeting = changed(&store, "m1", "ada", Command::MakeHost(user("bo"))).await;
    let of_bo = decided(&meeting, "ada", Command::RemoveHost(user("bo")));
    let of_ada = decided(&meeting, "bo", Command::RemoveHost(user("ada")));
    let (first, second) = futures::join!(store.commit(&of_bo), store.commit(&of_ada));
    assert_ne!(first.is_ok(), second.is_ok());
    assert_eq!(store.meeting(&meeting.id).await.unwrap().unwrap().hosts().len(), 1);
}

async fn every_kind_of_change_comes_back_as_it_was(store: impl Store) {
    created(&store, "m1", "ada", at(60)).await;
    let commands = [
        Command::MakeHost(user("bo")),
        Command::MakeCohost(user("cy")),
        Command::RemoveCohost(user("cy")),
        moved_to(at(90)),
        Command::RoomWide { source: Source::Microphone, allowed: false },
        Command::Restrict { user: user("di"), source: Source::Microphone, allowed: true },
        Command::Restrict { user: user("bo"), source: Source::Screen, allowed: false },
        Command::MakeCohost(user("ed")),
        Command::RemoveCohost(user("ed")),
        Command::Edit(MeetingEdit {
            policy: Some(Policy { may_share_screen: false, ..Policy::default() }),
            ..MeetingEdit::default()
        }),
        Command::MakeHost(user("flo")),
        Command::Remove(user("flo")),
        Command::Remove(user("gil")),
        Command::Readmit(user("gil")),
        Command::End,
    ];
    let mut meeting = store.meeting(&meeting_id("m1")).await.unwrap().unwrap();
    let mut entries: Vec<LogEntry> = whole_log(&store, "m1").await;
    for command in commands {
        let decision = decided(&meeting, "ada", command);
        store.commit(&decision).await.unwrap();
        entries.push(decision.entry);
        meeting = decision.meeting;
    }
    assert_eq!(meeting.role_of(&user("bo")), Role::Host);
    assert_eq!(store.meeting(&meeting.id).await.unwrap(), Some(meeting));
    assert_eq!(whole_log(&store, "m1").await, entries);
}
