//! People come and go at the same time, messages overtake each other, and the clients are simple ones that believe what they
//! hear last: when all is quiet, everybody in the room sees who is in it.
//!
//! It fails without the look that ends a fan-out, with one that only looks at the version, with one that only sends lists, and when of
//! two tabs that come at once each leaves it to the other to tell.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::{collections::BTreeSet, sync::Arc};

use dais_domain::ConnectionId;
use dais_realtime::{LIST_UPDATE_MAX, Sockets};
use futures::future::BoxFuture;
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, FileFailurePersistence},
};
use support::{
    at,
    executor::step,
    house::{House, join_room},
    room,
    sky::Choices,
    sockets::event,
};

const NAMES: [&str; 4] = ["Ada", "Bo", "Cy", "Di"];

#[derive(Debug, Clone, Copy)]
enum Act {
    Join { name: usize, tab: usize },
    Leave { name: usize, tab: usize },
    Disconnect { name: usize, tab: usize },
}

#[derive(Debug, Clone)]
struct Script {
    /// Who is in the room when it begins, with his first tab.
    inside: Vec<bool>,
    acts: Vec<Act>,
    delays: Vec<u8>,
    schedule: Vec<u8>,
}

fn script() -> impl Strategy<Value = Script> {
    let who = (0..NAMES.len(), 0..2_usize);
    let act = prop_oneof![
        3 => who.clone().prop_map(|(name, tab)| Act::Join { name, tab }),
        1 => who.clone().prop_map(|(name, tab)| Act::Leave { name, tab }),
        1 => who.prop_map(|(name, tab)| Act::Disconnect { name, tab }),
    ];
    (vec(any::<bool>(), NAMES.len()), vec(act, 2..=5), vec(any::<u8>(), 0..60), vec(any::<u8>(), 0..120))
        .prop_map(|(inside, acts, delays, schedule)| Script { inside, acts, delays, schedule })
}

/// An invocation with what follows from it: the sender's frames, and then the fan-out, as the engine does it.
fn invocation(house: &Arc<House>, act: Act, now_ms: u64) -> BoxFuture<'static, ()> {
    let house = house.clone();
    Box::pin(async move {
        let tab = |name: usize, tab| dais_realtime::Sender { now: at(now_ms), ..house.tab(NAMES[name], tab) };
        let (sender, outcome) = match act {
            Act::Join { name, tab: number } => {
                let sender = tab(name, number);
                let outcome = house.rooms.join(&sender, join_room()).await;
                (sender, outcome)
            }
            Act::Leave { name, tab: number } => {
                let sender = tab(name, number);
                let outcome = house.rooms.leave(&sender, &room()).await;
                (sender, outcome)
            }
            Act::Disconnect { name, tab: number } => {
                let sender = tab(name, number);
                house.sockets.lose(&sender.connection_id);
                house.rooms.announcer().depart(&sender.connection_id, sender.now, true).await.unwrap();
                return;
            }
        };
        let Ok(outcome) = outcome else { return };
        for frame in &outcome.frames {
            let _ = house.sockets.post(&sender.connection_id, frame).await;
        }
        if let Some(later) = outcome.later {
            later.await;
        }
    })
}

/// Who a simple client shows.
fn shown(house: &House, connection: &ConnectionId) -> BTreeSet<String> {
    let mut people = BTreeSet::new();
    let id = |participant: &serde_json::Value, field: &str| participant[field].as_str().unwrap().to_owned();
    let state = house.sockets.state();
    for (_, frame) in state.posted.iter().filter(|(to, _)| to == connection) {
        let (name, payload, _) = event(frame);
        match name.as_str() {
            "existing-participants" | "participant-list-update" => {
                people = payload.as_array().unwrap().iter().map(|one| id(one, "id")).collect();
            }
            "participant-joined" => drop(people.insert(id(&payload, "id"))),
            "participant-left" => drop(people.remove(&id(&payload, "userId"))),
            other => panic!("nobody asked for {other}"),
        }
    }
    people
}

fn play(script: &Script, crowd: usize) -> Result<(), String> {
    let house = Arc::new(House::empty(NAMES[0]));
    for n in 0..crowd {
        house.place(&format!("crowd{n}-"), 0);
    }
    for (name, inside) in NAMES.iter().zip(&script.inside) {
        for tab in 0..2 {
            house.connect(name, tab);
        }
        if *inside {
            house.enter(name, 0);
        }
    }
    house.sockets.state().delays = Choices::new(&script.delays);
    let acts = script.acts.iter().enumerate();
    let mut live: Vec<_> = acts.map(|(n, act)| invocation(&house, *act, 1_000 + 10 * n as u64)).collect();
    let mut schedule = Choices::new(&script.schedule);
    while !live.is_empty() {
        let chosen = schedule.take() % live.len();
        if step(live[chosen].as_mut()).is_some() {
            drop(live.remove(chosen));
        }
    }
    let view = house.view();
    let there: BTreeSet<String> = view.participants().into_iter().map(|one| one.id.to_string()).collect();
    for presence in view.presences.iter().filter(|presence| NAMES.contains(&presence.name.as_str())) {
        let seen = shown(&house, &presence.connection_id);
        if seen != there {
            return Err(format!("{} sees {seen:?}, there are {there:?}", presence.connection_id));
        }
    }
    Ok(())
}

fn config(cases: u32) -> Config {
    let seeds = FileFailurePersistence::Direct("tests/everybody_ends_up_seeing_the_same_room.regressions");
    Config { cases, failure_persistence: Some(Box::new(seeds)), max_shrink_iters: 5_000, ..Config::default() }
}

proptest! {
    #![proptest_config(config(5_000))]

    /// By lists and by who came and went.
    #[test]
    fn everybody_in_a_small_room_ends_up_seeing_the_same(script in script()) {
        play(&script, 0).map_err(TestCaseError::fail)?;
    }
}

proptest! {
    #![proptest_config(config(300))]

    /// Only by who came and went: there are too many for lists.
    #[test]
    fn everybody_in_a_large_room_ends_up_seeing_the_same(script in script()) {
        play(&script, LIST_UPDATE_MAX).map_err(TestCaseError::fail)?;
    }
}
