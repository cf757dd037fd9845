//! `claim_room`, `release_room`, `claims_of`: at any time one media node has a room.

use dais_domain::{Command, MediaClaim};
use dais_store::{ClaimError, MediaNodeRecord, Store};
use futures::future::join_all;

use crate::support::*;

on_both_tables! {
    a_claim_is_read_with_the_room,
    of_many_who_claim_at_once_one_has_it,
    only_the_claim_that_was_read_is_replaced,
    a_node_that_is_gone_is_given_nothing,
    rooms_that_are_not_there_are_not_claimed,
    a_room_is_released_by_who_has_it,
    a_node_knows_its_rooms,
    a_claim_does_not_mind_renewals,
}

async fn a_claim_is_read_with_the_room(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    let connection = opened(&store, "c1", "ada").await;
    store.enter(&connection, &meeting.id, &presence(&connection)).await.unwrap();
    store.renew_node(&node("n1", 2)).await.unwrap();
    assert_eq!(store.room(&meeting.id, at(0)).await.unwrap().unwrap().media, None);
    let claim = store.claim_room(&meeting.id, &node_id("n1"), None, at(0)).await.unwrap();
    assert_eq!(claim, MediaClaim { node: node_id("n1"), epoch: 1, claimed_at: at(0) });
    let view = store.room(&meeting.id, at(0)).await.unwrap().unwrap();
    assert_eq!(view.media.as_ref(), Some(&claim));
    assert_eq!(store.claim_of(&meeting.id).await.unwrap(), Some(claim));
    assert_eq!(store.claim_of(&meeting_id("m2")).await.unwrap(), None);
    assert_eq!(view.presences, [presence(&connection)]);
}

async fn of_many_who_claim_at_once_one_has_it(store: impl Store) {
    let room = created(&store, "m1", "ada", at(60)).await.id;
    let ids: Vec<_> = (0..8).map(|n| node_id(&format!("n{n}"))).collect();
    for id in &ids {
        store.renew_node(&node(id.as_str(), 2)).await.unwrap();
    }
    let mut replacing = None;
    for epoch in 1..=3 {
        let before = replacing.as_ref();
        let claims = join_all(ids.iter().map(|id| store.claim_room(&room, id, before, at(0)))).await;
        let won: Vec<MediaClaim> = claims.iter().filter_map(|claim| claim.as_ref().ok().cloned()).collect();
        assert_eq!(won.len(), 1, "{claims:?}");
        assert_eq!(won[0].epoch, epoch);
        for claim in claims {
            assert!(matches!(&claim, Ok(has) | Err(ClaimError::Taken(has)) if *has == won[0]), "{claim:?}");
        }
        assert_eq!(store.room(&room, at(0)).await.unwrap().unwrap().media.as_ref(), won.first());
        replacing = won.first().cloned();
    }
}

async fn only_the_claim_that_was_read_is_replaced(store: impl Store) {
    let room = created(&store, "m1", "ada", at(60)).await.id;
    for id in ["n1", "n2"] {
        store.renew_node(&node(id, 9)).await.unwrap();
    }
    let first = store.claim_room(&room, &node_id("n1"), None, at(0)).await.unwrap();
    let second = store.claim_room(&room, &node_id("n2"), Some(&first), at(1)).await.unwrap();
    assert_eq!(second, MediaClaim { node: node_id("n2"), epoch: 2, claimed_at: at(1) });
    for stale in [None, Some(&first)] {
        let refused = store.claim_room(&room, &node_id("n1"), stale, at(2)).await;
        assert!(matches!(&refused, Err(ClaimError::Taken(has)) if *has == second), "{refused:?}");
    }
    assert_eq!(store.claims_of(&node_id("n1"), None, 10).await.unwrap(), []);
    assert_eq!(store.claims_of(&node_id("n2"), None, 10).await.unwrap(), [(room.clone(), second.clone())]);
    let third = store.claim_room(&room, &node_id("n2"), Some(&second), at(2)).await.unwrap();
    assert_eq!(store.claims_of(&node_id("n2"), None, 10).await.unwrap(), [(room.clone(), third.clone())], "its own");
    assert!(store.release_room(&room, &third).await.unwrap());
    let again = store.claim_room(&room, &node_id("n1"), Some(&third), at(3)).await.unwrap();
    assert_eq!(again.epoch, 4, "released since it was read");
}

async fn a_node_that_is_gone_is_given_nothing(store: impl Store) {
    let room = created(&store, "m1", "ada", at(60)).await.id;
    store.renew_node(&node("lapsed", 2)).await.unwrap();
    store.renew_node(&MediaNodeRecord { draining: true, ..node("draining", 9) }).await.unwrap();
    store.renew_node(&node("retired", 9)).await.unwrap();
    store.retire_node(&node_id("retired"), at(0)).await.unwrap();
    for id in ["lapsed", "draining", "retired", "unheard-of"] {
        let refused = store.claim_room(&room, &node_id(id), None, at(2)).await;
        assert!(matches!(refused, Err(ClaimError::NodeGone)), "{id}: {refused:?}");
        assert_eq!(store.claims_of(&node_id(id), None, 10).await.unwrap(), []);
    }
    assert_eq!(store.room(&room, at(0)).await.unwrap().unwrap().media, None);
}

async fn rooms_that_are_not_there_are_not_claimed(store: impl Store) {
    store.renew_node(&node("n1", 9)).await.unwrap();
    created(&store, "over", "ada", at(60)).await;
    changed(&store, "over", "ada", Command::End).await;
    for room in ["over", "unheard-of"] {
        let refused = store.claim_room(&meeting_id(room), &node_id("n1"), None, at(0)).await;
        assert!(matches!(refused, Err(ClaimError::NoRoom)), "{room}: {refused:?}");
    }
    assert_eq!(store.claims_of(&node_id("n1"), None, 10).await.unwrap(), []);
}

async fn a_room_is_released_by_who_has_it(store: impl Store) {
    let room = created(&store, "m1", "ada", at(60)).await.id;
    for id in ["n1", "n2"] {
        store.renew_node(&node(id, 9)).await.unwrap();
    }
    let first = store.claim_room(&room, &node_id("n1"), None, at(0)).await.unwrap();
    let second = store.claim_room(&room, &node_id("n2"), Some(&first), at(1)).await.unwrap();
    assert!(!store.release_room(&room, &first).await.unwrap());
    assert_eq!(store.room(&room, at(0)).await.unwrap().unwrap().media, Some(second.clone()));
    assert!(store.release_room(&room, &second).await.unwrap());
    assert!(!store.release_room(&room, &second).await.unwrap());
    assert_eq!(store.room(&room, at(0)).await.unwrap().unwrap().media, None);
    assert_eq!(store.claims_of(&node_id("n2"), None, 10).await.unwrap(), []);
    let refused = store.claim_room(&room, &node_id("n1"), None, at(60)).await;
    assert!(matches!(refused, Err(ClaimError::NodeGone)), "{refused:?}");
}

async fn a_node_knows_its_rooms(store: impl Store) {
    store.renew_node(&node("n1", 9)).await.unwrap();
    store.renew_node(&node("n11", 9)).await.unwrap();
    let mut expected = Vec::new();
    for n in 0..7 {
        let room = created(&store, &format!("m{n}"), "ada", at(60)).await.id;
        let claim = store.claim_room(&room, &node_id("n1"), None, at(n)).await.unwrap();
        expected.push((room, claim));
    }
    let elsewhere = created(&store, "m9", "ada", at(60)).await.id;
    store.claim_room(&elsewhere, &node_id("n11"), None, at(0)).await.unwrap();
    for limit in [1, 3, 7, 100] {
        let mut found: Vec<_> = Vec::new();
        loop {
            let after = found.last().map(|(room, _)| room).cloned();
            let page = store.claims_of(&node_id("n1"), after.as_ref(), limit).await.unwrap();
            let is_last = page.len() < limit as usize;
            found.extend(page);
            if is_last {
                break;
            }
        }
        assert_eq!(found, expected, "pages of {limit}");
    }
}

async fn a_claim_does_not_mind_renewals(store: impl Store) {
    store.renew_node(&node("n1", 9)).await.unwrap();
    let claims = (0..16).map(|n| {
        let store = store.clone();
        async move {
            let room = created(&store, &format!("m{n}"), "ada", at(60)).await.id;
            store.renew_node(&node("n1", 10 + n)).await.unwrap();
            store.claim_room(&room, &node_id("n1"), None, at(0)).await.unwrap();
        }
    });
    join_all(claims).await;
    assert_eq!(store.claims_of(&node_id("n1"), None, 100).await.unwrap().len(), 16);
}
