//! `room`: the meeting and everybody in its room, and nothing else.

use dais_domain::{Command, ConnectionId, DisplayName, ImageUrl, Presence, SocketId};
use dais_store::{Connection, Store};
use futures::{StreamExt, stream};

use crate::support::*;

on_both_tables! {
    meeting_and_presences_come_together,
    an_unknown_room_is_none,
    a_room_without_a_meeting_is_none,
    a_thousand_presences_with_long_names_are_read,
    expired_presences_are_left_out,
    log_entries_are_never_in_the_room,
}

async fn meeting_and_presences_come_together(store: impl Store) {
    created(&store, "m1", "ada", at(60)).await;
    created(&store, "m2", "ada", at(60)).await;
    let meeting = changed(&store, "m1", "ada", Command::MakeHost(user("bo"))).await;
    let mut expected = Vec::new();
    // Ids that sort before, between and after everything else in the partition.
    for (n, id) in ["+/a=", "LAbcd=", "zz="].into_iter().enumerate() {
        let connection = Connection { socket_id: SocketId::new("s").unwrap(), ..connection("c", "bo") };
        let connection = Connection { id: connection_id(id), ..connection };
        store.open(&connection, at(300)).await.unwrap();
        let presence = Presence { joined_at: at(n as u64), ..presence(&connection) };
        store.enter(&connection, &meeting.id, &presence).await.unwrap();
        expected.push(presence);
    }
    let elsewhere = opened(&store, "elsewhere", "cy").await;
    store.enter(&elsewhere, &meeting_id("m2"), &presence(&elsewhere)).await.unwrap();

    let view = store.room(&meeting.id, at(0)).await.unwrap().unwrap();
    assert_eq!(view.meeting, meeting);
    assert_eq!(view.presences, expected);
}

async fn an_unknown_room_is_none(store: impl Store) {
    created(&store, "m1", "ada", at(60)).await;
    assert_eq!(store.room(&meeting_id("m2"), at(0)).await.unwrap(), None);
}

async fn a_room_without_a_meeting_is_none(store: impl Store) {
    let connection = opened(&store, "c1", "ada").await;
    store.enter(&connection, &meeting_id("m1"), &presence(&connection)).await.unwrap();
    assert_eq!(store.room(&meeting_id("m1"), at(0)).await.unwrap(), None);
}

/// DynamoDB answers a query with at most 1 MB.
async fn a_thousand_presences_with_long_names_are_read(store: impl Store) {
    const PEOPLE: usize = 1000;
    let meeting = created(&store, "m1", "ada", at(60)).await;
    let long = |n: usize| {
        let connection = Connection {
            id: ConnectionId::new(format!("{n:0>127}=")).unwrap(),
            ..connection(&format!("c{n}"), &format!("{n:u>128}"))
        };
        let name = DisplayName::new(format!("{n:04}{}", "🦀".repeat(96))).unwrap();
        let image_url = ImageUrl::new(format!("https://img.example.com/{n:0>488}")).unwrap();
        let presence = Presence { name, image_url: Some(image_url), ..presence(&connection) };
        (connection, presence)
    };
    stream::iter((0..PEOPLE).map(long))
        .for_each_concurrent(32, |(connection, presence)| {
            let (store, room) = (store.clone(), meeting.id.clone());
            async move {
                store.open(&connection, at(300)).await.unwrap();
                store.enter(&connection, &room, &presence).await.unwrap();
            }
        })
        .await;

    let expected: Vec<Presence> = (0..PEOPLE).map(|n| long(n).1).collect();
    let bytes = |presence: &Presence| presence.name.as_str().len() + presence.user_id.as_str().len() + 512 + 128;
    assert!(expected.iter().map(bytes).sum::<usize>() > 1024 * 1024);
    assert_eq!(present(&store, &meeting.id).await, expected);
}

async fn expired_presences_are_left_out(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    for (id, expires_at) in [("gone", at(100)), ("here", at(101))] {
        let connection = opened(&store, id, "ada").await;
        let presence = Presence { expires_at, ..presence(&connection) };
        store.enter(&connection, &meeting.id, &presence).await.unwrap();
    }
    let view = store.room(&meeting.id, at(100)).await.unwrap().unwrap();
    let ids: Vec<&str> = view.presences.iter().map(|presence| presence.connection_id.as_str()).collect();
    assert_eq!(ids, ["here"]);
}

async fn log_entries_are_never_in_the_room(store: impl Store) {
    created(&store, "m1", "ada", at(60)).await;
    for n in 0..20 {
        changed(&store, "m1", "ada", moved_to(at(100 + n))).await;
    }
    let connection = opened(&store, "c1", "ada").await;
    store.enter(&connection, &meeting_id("m1"), &presence(&connection)).await.unwrap();
    assert_eq!(present(&store, &meeting_id("m1")).await, [presence(&connection)]);
}
