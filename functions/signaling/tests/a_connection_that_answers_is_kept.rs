//! The heartbeat ends connections that do not answer, and only those: what it read may be out of date.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::time::{Duration, SystemTime};

use dais_heartbeat::{Heartbeat, Round};
use dais_store::Connections;
use support::{
    at,
    executor::{run, step},
    house::House,
    settings,
};

const HOUR_MS: u64 = 3_600_000;

fn soon() -> SystemTime {
    SystemTime::now() + Duration::from_secs(60)
}

#[test]
fn an_answer_that_comes_while_the_heartbeat_runs_counts() {
    let house = House::new(&["Ada"]);
    let heartbeat =
        Heartbeat::new(house.store.clone(), house.sockets.clone(), house.rooms.announcer().clone(), settings());
    let ada = house.sender("Ada").connection_id;
    assert_eq!(run(heartbeat.run(at(HOUR_MS), soon())).unwrap(), Round { pinged: 1, ended: 0 });
    let mut second = std::pin::pin!(heartbeat.run(at(2 * HOUR_MS), soon()));
    house.sky.state().happened.clear();
    while !house.sky.happened("due") {
        assert!(step(second.as_mut()).is_none());
    }
    run(house.store.ponged(&ada, at(3 * HOUR_MS))).unwrap();
    assert_eq!(run(second).unwrap(), Round::default());
    assert!(house.sockets.is_open(&ada));
    assert!(house.view().presence(&ada).is_some());
}

#[test]
fn who_does_not_answer_is_gone_for_everybody() {
    let house = House::new(&["Ada", "Bo"]);
    let heartbeat =
        Heartbeat::new(house.store.clone(), house.sockets.clone(), house.rooms.announcer().clone(), settings());
    let [ada, bo] = ["Ada", "Bo"].map(|name| house.sender(name).connection_id);
    assert_eq!(run(heartbeat.run(at(HOUR_MS), soon())).unwrap(), Round { pinged: 2, ended: 0 });
    run(house.store.ponged(&ada, at(3 * HOUR_MS))).unwrap();
    assert_eq!(run(heartbeat.run(at(2 * HOUR_MS), soon())).unwrap(), Round { pinged: 0, ended: 1 });
    assert!(house.sockets.is_open(&ada) && !house.sockets.is_open(&bo));
    assert_eq!(house.heard("Ada"), ["participant-left", "participant-list-update"]);
    assert_eq!(run(heartbeat.run(at(2 * HOUR_MS), soon())).unwrap(), Round::default());
}

/// Its `$disconnect` was lost: the ping finds out.
#[test]
fn who_is_gone_is_found_by_the_ping() {
    let house = House::new(&["Ada", "Bo"]);
    let heartbeat =
        Heartbeat::new(house.store.clone(), house.sockets.clone(), house.rooms.announcer().clone(), settings());
    house.sockets.lose(&house.sender("Bo").connection_id);
    assert_eq!(run(heartbeat.run(at(HOUR_MS), soon())).unwrap(), Round { pinged: 1, ended: 1 });
    assert_eq!(house.heard("Ada"), ["participant-left", "participant-list-update"]);
}

/// The goodbye died between taking out and telling; the end of the connection, which comes after it, leaves the telling to it.
#[test]
fn a_departure_that_died_is_told_by_the_heartbeat() {
    let house = House::new(&["Ada", "Bo"]);
    let heartbeat =
        Heartbeat::new(house.store.clone(), house.sockets.clone(), house.rooms.announcer().clone(), settings());
    let bo = house.sender("Bo").connection_id;
    house.sockets.lose(&bo);
    {
        let mut goodbye = std::pin::pin!(house.rooms.announcer().depart(&bo, at(1_000), false));
        while !house.sky.happened("leave") {
            assert!(step(goodbye.as_mut()).is_none());
        }
    }
    run(house.rooms.announcer().depart(&bo, at(1_001), true)).unwrap();
    assert_eq!(house.heard("Ada"), [""; 0]);
    assert_eq!(run(heartbeat.run(at(HOUR_MS), soon())).unwrap(), Round { pinged: 1, ended: 1 });
    assert_eq!(house.heard("Ada"), ["participant-left", "participant-list-update"]);
}
