//! `renew_node`, `retire_node`, `nodes`, `node`: the register of media nodes.

use dais_store::{MediaNodeRecord, NodeLoad, Store};

use crate::support::*;

on_both_tables! {
    a_node_is_read_as_it_was_written,
    a_late_write_replaces_no_later_one,
    a_node_that_has_retired_does_not_come_back,
    many_nodes_are_listed,
}

async fn a_node_is_read_as_it_was_written(store: impl Store) {
    assert_eq!(store.node(&node_id("n1")).await.unwrap(), None);
    assert_eq!(store.nodes().await.unwrap(), []);
    let load = NodeLoad { rooms: 3, transports: 14, producers: 15, consumers: 92, packets_per_second: 65_358 };
    let record = MediaNodeRecord { load, draining: true, ..node("n1", 2) };
    assert!(store.renew_node(&record).await.unwrap());
    assert_eq!(store.node(&node_id("n1")).await.unwrap(), Some(record.clone()));
    assert_eq!(store.nodes().await.unwrap(), [record]);
}

async fn a_late_write_replaces_no_later_one(store: impl Store) {
    let draining = MediaNodeRecord { draining: true, ..node("n1", 4) };
    assert!(store.renew_node(&node("n1", 2)).await.unwrap());
    assert!(store.renew_node(&draining).await.unwrap());
    assert!(!store.renew_node(&node("n1", 3)).await.unwrap());
    assert_eq!(store.node(&node_id("n1")).await.unwrap(), Some(draining.clone()));
    assert!(store.renew_node(&draining).await.unwrap(), "the same again");
}

async fn a_node_that_has_retired_does_not_come_back(store: impl Store) {
    for id in ["n1", "n2"] {
        store.renew_node(&node(id, 2)).await.unwrap();
    }
    store.retire_node(&node_id("n1"), at(0)).await.unwrap();
    store.retire_node(&node_id("unheard-of"), at(0)).await.unwrap();
    for id in ["n1", "unheard-of"] {
        assert!(!store.renew_node(&node(id, 9)).await.unwrap());
        assert_eq!(store.node(&node_id(id)).await.unwrap(), None);
    }
    assert_eq!(store.nodes().await.unwrap(), [node("n2", 2)]);
}

async fn many_nodes_are_listed(store: impl Store) {
    let mut all: Vec<MediaNodeRecord> = (0..30).map(|n| node(&format!("n{n:02}"), 2 + n)).collect();
    for record in &all {
        store.renew_node(record).await.unwrap();
    }
    let mut found = store.nodes().await.unwrap();
    for nodes in [&mut found, &mut all] {
        nodes.sort_by(|a, b| a.id.cmp(&b.id));
    }
    assert_eq!(found, all);
}

#[test]
fn its_key_is_shown_nowhere() {
    assert!(!format!("{:?}", node("n1", 2)).contains("n1-key"));
}
