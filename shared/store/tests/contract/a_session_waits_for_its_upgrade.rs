//! `keep`, `upgrade`, `upgraded`: sessions that begin with long-polling.

use dais_domain::{DisplayName, ImageUrl, SocketId};
use dais_store::{PollingSession, Store};

use crate::support::*;

on_both_tables! {
    a_kept_session_is_found_by_the_socket_that_upgrades_it,
    either_may_come_first,
    a_socket_that_upgrades_nothing_finds_nothing,
    a_session_kept_again_is_replaced,
}

fn bare(sid: &str) -> PollingSession {
    PollingSession {
        sid: SocketId::new(sid).unwrap(),
        user_id: user("ada"),
        name: None,
        image_url: None,
        email: None,
        recover: None,
        offset: None,
        expires_at: at(60),
    }
}

fn full(sid: &str) -> PollingSession {
    PollingSession {
        name: Some(DisplayName::new("Ada").unwrap()),
        image_url: Some(ImageUrl::new("https://img.example.com/a.png").unwrap()),
        email: None,
        recover: Some(recovery_id("pid")),
        offset: Some("17".to_owned()),
        ..bare(sid)
    }
}

async fn a_kept_session_is_found_by_the_socket_that_upgrades_it(store: impl Store) {
    for (connection, session) in [("c1", bare("s1")), ("c2", full("s2"))] {
        store.keep(&session).await.unwrap();
        store.upgrade(&connection_id(connection), &session.sid, at(60)).await.unwrap();
        assert_eq!(store.upgraded(&connection_id(connection)).await.unwrap(), Some(session));
    }
}

async fn either_may_come_first(store: impl Store) {
    let (connection, session) = (connection_id("c1"), full("s1"));
    store.upgrade(&connection, &session.sid, at(60)).await.unwrap();
    assert_eq!(store.upgraded(&connection).await.unwrap(), None);
    store.keep(&session).await.unwrap();
    assert_eq!(store.upgraded(&connection).await.unwrap(), Some(session));
}

async fn a_socket_that_upgrades_nothing_finds_nothing(store: impl Store) {
    store.keep(&full("s1")).await.unwrap();
    store.upgrade(&connection_id("c1"), &full("s1").sid, at(60)).await.unwrap();
    assert_eq!(store.upgraded(&connection_id("c2")).await.unwrap(), None);
}

async fn a_session_kept_again_is_replaced(store: impl Store) {
    store.keep(&bare("s1")).await.unwrap();
    store.keep(&full("s1")).await.unwrap();
    store.upgrade(&connection_id("c1"), &full("s1").sid, at(60)).await.unwrap();
    assert_eq!(store.upgraded(&connection_id("c1")).await.unwrap(), Some(full("s1")));
}
