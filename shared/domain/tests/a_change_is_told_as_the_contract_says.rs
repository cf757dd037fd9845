//! The events of each role change, with exactly the payloads of the front ends' contract.
#![allow(clippy::unwrap_used, missing_docs)]

use dais_domain::{
    Change, DisplayName, LogEntry, Role, Timestamp, UserId, Version,
    wire::{ServerEvent, told},
};
use serde_json::json;

fn told_of(from: Role, to: Role, by_name: Option<&str>) -> (serde_json::Value, Option<ServerEvent>) {
    let user = UserId::new("user_bo").unwrap();
    let entry = LogEntry {
        version: Version(2),
        at: Timestamp::from_ms(1),
        by: UserId::new("user_ada").unwrap(),
        by_name: by_name.map(|name| DisplayName::new(name).unwrap()),
        change: Change::Role { user: user.clone(), name: None, from, to, invitation: None, rights: Vec::new() },
    };
    let told = told(&entry);
    let [updated] = told.to_all.as_slice() else { unreachable!("one event to all") };
    assert_eq!(updated.name, "participant-updated");
    assert_eq!(updated.payload["participantId"], "user_bo");
    let to_user = told.to_user.map(|(id, mut events)| {
        assert_eq!((id, events.len()), (user, 1));
        events.remove(0)
    });
    (updated.payload["updates"].clone(), to_user)
}

#[test]
fn host_granted() {
    let (updates, notice) = told_of(Role::Participant, Role::Host, Some("Ada"));
    assert_eq!(updates, json!({"isHost": true}));
    assert_eq!(notice, Some(ServerEvent { name: "host-granted", payload: json!({"by": "Ada"}) }));
}

#[test]
fn host_revoked() {
    let (updates, notice) = told_of(Role::Host, Role::Participant, Some("Ada"));
    assert_eq!(updates, json!({"isHost": false}));
    assert_eq!(notice, Some(ServerEvent { name: "host-revoked", payload: json!({"by": "Ada"}) }));
}

#[test]
fn cohost_granted_and_revoked() {
    let (updates, notice) = told_of(Role::Participant, Role::CoHost, Some("Ada"));
    assert_eq!(updates, json!({"isCoHost": true}));
    assert_eq!(notice.unwrap().name, "cohost-granted");
    let (updates, notice) = told_of(Role::CoHost, Role::Participant, Some("Ada"));
    assert_eq!(updates, json!({"isCoHost": false}));
    assert_eq!(notice.unwrap().name, "cohost-revoked");
}

#[test]
fn a_cohost_who_becomes_host_loses_the_lesser_badge() {
    let (updates, notice) = told_of(Role::CoHost, Role::Host, Some("Ada"));
    assert_eq!(updates, json!({"isHost": true, "isCoHost": false}));
    assert_eq!(notice.unwrap().name, "host-granted");
}

#[test]
fn a_nameless_actor_is_called_host() {
    let (_, notice) = told_of(Role::Participant, Role::Host, None);
    assert_eq!(notice.unwrap().payload, json!({"by": "Host"}));
}
