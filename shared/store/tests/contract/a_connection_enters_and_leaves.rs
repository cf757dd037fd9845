//! `enter`, `leave`, `set_media`, `forget_room`: a presence belongs to exactly one connection that is open.

use dais_domain::{DisplayName, ImageUrl, MediaChange, MediaState, Presence, Version};
use dais_store::{Connection, Store};

use crate::support::*;

on_both_tables! {
    entering_writes_the_presence_and_the_room,
    a_presence_comes_back_with_all_it_has,
    entering_twice_changes_nothing,
    entering_again_keeps_what_the_connection_sends,
    entering_again_after_leaving_starts_anew,
    leaving_takes_exactly_that_connection_out,
    leaving_twice_is_done_once,
    a_closed_connection_does_not_enter,
    an_unknown_connection_does_not_enter,
    a_guest_does_not_enter,
    a_connection_that_closes_while_it_enters_leaves_presence_and_room_together,
    media_is_set_where_the_connection_is,
    changes_of_different_media_both_count,
    a_room_is_forgotten_only_if_it_is_still_that_room,
    a_room_is_not_forgotten_by_a_connection_that_has_come_again,
    entering_another_room_takes_the_connection_out_of_the_first,
    a_connection_is_in_one_room_at_a_time,
}

const ON_AIR: MediaState =
    MediaState { is_audio_muted: false, is_video_paused: false, audio_as_of: Version(7), video_as_of: Version(7) };

async fn entering_writes_the_presence_and_the_room(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    let connection = opened(&store, "c1", "ada").await;
    store.enter(&connection, &meeting.id, &presence(&connection)).await.unwrap();
    assert_eq!(present(&store, &meeting.id).await, [presence(&connection)]);
    let stored = store.connection(&connection.id).await.unwrap();
    assert_eq!(stored, Some(Connection { room: Some(meeting.id), ..connection }));
}

async fn a_presence_comes_back_with_all_it_has(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    let connection = opened(&store, "c1", "ada").await;
    let full = Presence {
        name: DisplayName::new("Zoë \"Zed\" 🦀").unwrap(),
        image_url: Some(ImageUrl::new("https://img.example.com/zoe.png").unwrap()),
        media: ON_AIR,
        ..presence(&connection)
    };
    store.enter(&connection, &meeting.id, &full).await.unwrap();
    assert_eq!(present(&store, &meeting.id).await, [full]);
}

async fn entering_twice_changes_nothing(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    let connection = opened(&store, "c1", "ada").await;
    for _ in 0..2 {
        store.enter(&connection, &meeting.id, &presence(&connection)).await.unwrap();
        assert_eq!(present(&store, &meeting.id).await, [presence(&connection)]);
    }
}

/// Front ends join more than once, and an event may be delivered twice.
async fn entering_again_keeps_what_the_connection_sends(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    let connection = opened(&store, "c1", "ada").await;
    store.enter(&connection, &meeting.id, &presence(&connection)).await.unwrap();
    store.set_media(&meeting.id, &connection.id, ON_AIR.into()).await.unwrap();
    let renamed = DisplayName::new("Robert").unwrap();
    let again = Presence { name: renamed.clone(), joined_at: at(20), ..presence(&connection) };
    store.enter(&connection, &meeting.id, &again).await.unwrap();
    let expected = Presence { name: renamed, media: ON_AIR, ..presence(&connection) };
    assert_eq!(present(&store, &meeting.id).await, [expected]);
}

async fn entering_again_after_leaving_starts_anew(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    let connection = opened(&store, "c1", "ada").await;
    store.enter(&connection, &meeting.id, &presence(&connection)).await.unwrap();
    store.set_media(&meeting.id, &connection.id, ON_AIR.into()).await.unwrap();
    store.leave(&meeting.id, &connection.id).await.unwrap();
    store.enter(&connection, &meeting.id, &presence(&connection)).await.unwrap();
    assert_eq!(present(&store, &meeting.id).await, [presence(&connection)]);
}

async fn leaving_takes_exactly_that_connection_out(store: impl Store) {
    let (one, two) = (created(&store, "m1", "ada", at(60)).await.id, created(&store, "m2", "ada", at(60)).await.id);
    let [old, new, other] =
        [opened(&store, "old", "ada").await, opened(&store, "new", "ada").await, opened(&store, "other", "ada").await];
    for (connection, room) in [(&old, &one), (&new, &one), (&other, &two)] {
        store.enter(connection, room, &presence(connection)).await.unwrap();
    }
    assert!(store.leave(&one, &old.id).await.unwrap());
    assert_eq!(present(&store, &one).await, [presence(&new)]);
    assert_eq!(present(&store, &two).await, [presence(&other)]);
}

async fn entering_another_room_takes_the_connection_out_of_the_first(store: impl Store) {
    let (one, two) = (created(&store, "m1", "ada", at(60)).await.id, created(&store, "m2", "ada", at(60)).await.id);
    let connection = opened(&store, "c1", "ada").await;
    store.enter(&connection, &one, &presence(&connection)).await.unwrap();
    let inside = Connection { room: Some(one.clone()), ..connection };
    store.enter(&inside, &two, &presence(&inside)).await.unwrap();
    assert_eq!(present(&store, &one).await, []);
    assert_eq!(present(&store, &two).await, [presence(&inside)]);
    assert_eq!(store.connection(&inside.id).await.unwrap().unwrap().room, Some(two));
}

/// Two joins of one connection to two rooms at the same time: it ends up in one of them.
async fn a_connection_is_in_one_room_at_a_time(store: impl Store) {
    let (one, two) = (created(&store, "m1", "ada", at(60)).await.id, created(&store, "m2", "ada", at(60)).await.id);
    for n in 0..10 {
        let connection = opened(&store, &format!("c{n}"), "ada").await;
        let presence = presence(&connection);
        let (first, second) =
            futures::join!(store.enter(&connection, &one, &presence), store.enter(&connection, &two, &presence));
        assert!(first.is_ok() && second.is_ok());
        let room = store.connection(&connection.id).await.unwrap().unwrap().room.unwrap();
        for meeting in [&one, &two] {
            assert_eq!(store.leave(meeting, &connection.id).await.unwrap(), room == *meeting);
        }
    }
}

async fn leaving_twice_is_done_once(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    let connection = opened(&store, "c1", "ada").await;
    assert!(!store.leave(&meeting.id, &connection.id).await.unwrap());
    store.enter(&connection, &meeting.id, &presence(&connection)).await.unwrap();
    let (one, other) =
        futures::join!(store.leave(&meeting.id, &connection.id), store.leave(&meeting.id, &connection.id));
    assert_ne!(one.unwrap(), other.unwrap());
    assert!(!store.leave(&meeting.id, &connection.id).await.unwrap());
}

async fn a_closed_connection_does_not_enter(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    for recoverable in [true, false] {
        let connection = opened(&store, &format!("c-{recoverable}"), "ada").await;
        store.close(&connection.id, at(5), recoverable).await.unwrap();
        store.enter(&connection, &meeting.id, &presence(&connection)).await.unwrap();
        assert_eq!(present(&store, &meeting.id).await, []);
        assert_eq!(store.connection(&connection.id).await.unwrap().unwrap().room, None);
    }
}

async fn an_unknown_connection_does_not_enter(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    let connection = connection("c1", "ada");
    store.enter(&connection, &meeting.id, &presence(&connection)).await.unwrap();
    assert_eq!(present(&store, &meeting.id).await, []);
    assert_eq!(store.connection(&connection.id).await.unwrap(), None);
}

async fn a_guest_does_not_enter(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    let connection = connection("c1", "ada");
    store.open_guest(&connection.id, at(300)).await.unwrap();
    store.enter(&connection, &meeting.id, &presence(&connection)).await.unwrap();
    assert_eq!(present(&store, &meeting.id).await, []);
}

async fn a_connection_that_closes_while_it_enters_leaves_presence_and_room_together(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    for n in 0..20 {
        let connection = opened(&store, &format!("c{n}"), "ada").await;
        let presence = presence(&connection);
        let enter = store.enter(&connection, &meeting.id, &presence);
        let (entered, closed) = futures::join!(enter, store.close(&connection.id, at(5), true));
        assert!(entered.is_ok() && closed.unwrap());
        // Whoever closed it finds the room in the connection, or there is nothing to take out.
        let room = store.connection(&connection.id).await.unwrap().unwrap().room;
        assert_eq!(store.leave(&meeting.id, &connection.id).await.unwrap(), room.is_some());
    }
}

async fn media_is_set_where_the_connection_is(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    let (ada, bo) = (opened(&store, "c1", "ada").await, opened(&store, "c2", "bo").await);
    assert!(!store.set_media(&meeting.id, &ada.id, ON_AIR.into()).await.unwrap());
    assert_eq!(present(&store, &meeting.id).await, []);
    for connection in [&ada, &bo] {
        store.enter(connection, &meeting.id, &presence(connection)).await.unwrap();
    }
    let half = MediaState { is_video_paused: true, ..ON_AIR };
    assert!(store.set_media(&meeting.id, &ada.id, half.into()).await.unwrap());
    let expected = [Presence { media: half, ..presence(&ada) }, presence(&bo)];
    assert_eq!(present(&store, &meeting.id).await, expected);
}

async fn changes_of_different_media_both_count(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    let ada = opened(&store, "c1", "ada").await;
    assert!(!store.set_media(&meeting.id, &ada.id, MediaChange::default()).await.unwrap());
    store.enter(&ada, &meeting.id, &presence(&ada)).await.unwrap();
    let audio = MediaChange { is_audio_muted: Some(false), as_of: Version(7), ..MediaChange::default() };
    let video = MediaChange { is_video_paused: Some(false), as_of: Version(7), ..MediaChange::default() };
    for change in [audio, MediaChange::default(), video] {
        assert!(store.set_media(&meeting.id, &ada.id, change).await.unwrap());
    }
    assert_eq!(present(&store, &meeting.id).await, [Presence { media: ON_AIR, ..presence(&ada) }]);
}

async fn a_room_is_forgotten_only_if_it_is_still_that_room(store: impl Store) {
    let connection = opened(&store, "c1", "ada").await;
    let (old, new) = (created(&store, "m1", "ada", at(60)).await.id, created(&store, "m2", "ada", at(60)).await.id);
    store.enter(&connection, &old, &presence(&connection)).await.unwrap();
    store.leave(&old, &connection.id).await.unwrap();
    let left = Connection { room: Some(old.clone()), ..connection.clone() };
    store.enter(&left, &new, &presence(&connection)).await.unwrap();
    store.forget_room(&connection.id, &old).await.unwrap();
    assert_eq!(store.connection(&connection.id).await.unwrap().unwrap().room, Some(new.clone()));
    store.leave(&new, &connection.id).await.unwrap();
    store.forget_room(&connection.id, &new).await.unwrap();
    assert_eq!(store.connection(&connection.id).await.unwrap(), Some(connection));
    store.forget_room(&connection_id("unknown"), &new).await.unwrap();
    assert_eq!(store.connection(&connection_id("unknown")).await.unwrap(), None);
}

/// A client that leaves and joins at once: the end of the leaving must not undo the joining.
async fn a_room_is_not_forgotten_by_a_connection_that_has_come_again(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    let connection = opened(&store, "c1", "ada").await;
    store.enter(&connection, &meeting.id, &presence(&connection)).await.unwrap();
    store.leave(&meeting.id, &connection.id).await.unwrap();
    store.enter(&connection, &meeting.id, &presence(&connection)).await.unwrap();
    store.forget_room(&connection.id, &meeting.id).await.unwrap();
    assert_eq!(store.connection(&connection.id).await.unwrap().unwrap().room, Some(meeting.id));
}
