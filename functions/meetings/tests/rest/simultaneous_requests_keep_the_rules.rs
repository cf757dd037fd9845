//! Creations of one id and removals of hosts at the same instant, in any interleaving, on good days and bad ones.

use std::sync::Arc;

use dais_domain::{Actor, Command, Meeting, MeetingId, Timestamp, UserId, Version};
use dais_store::{Meetings, MemoryStore};
use futures::future::join_all;
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Value, json};

use crate::support::{NOW_MS, Person, Rough, World};

const PEOPLE: [Person; 6] = [
    Person { id: "user_0", name: Some("Nought") },
    Person { id: "user_1", name: Some("One") },
    Person { id: "user_2", name: Some("Two") },
    Person { id: "user_3", name: Some("Three") },
    Person { id: "user_4", name: Some("Four") },
    Person { id: "user_5", name: Some("Five") },
];

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

fn check<T: std::fmt::Debug>(cases: u32, strategy: impl Strategy<Value = T>, test: impl Fn(T)) {
    let mut runner = TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() });
    runner
        .run(&strategy, |input| {
            test(input);
            Ok(())
        })
        .unwrap();
}

/// The meeting, after its log has been found gap-free and to lead to it.
async fn audited(store: &MemoryStore, id: &MeetingId) -> Option<Meeting> {
    let meeting = store.meeting(id).await.unwrap()?;
    let entries = store.log(id, Version(0), 1_000).await.unwrap().entries;
    let versions: Vec<u64> = entries.iter().map(|entry| entry.version.0).collect();
    assert_eq!(versions, (1..=meeting.version.0).collect::<Vec<_>>());
    assert_eq!(Meeting::replay(id.clone(), &entries).as_ref(), Some(&meeting));
    Some(meeting)
}

#[test]
fn of_all_who_create_one_id_one_is_its_creator() {
    check(
        48,
        (prop::collection::vec(any::<u8>(), 1..40), prop::collection::vec(0..6_usize, 2..12)),
        |(weather, who)| {
            block_on(async {
                let weather = Arc::new(Rough::new(weather));
                let world = World::with_weather(weather.clone());
                weather.begin();
                let create = |at: usize| world.by(PEOPLE[at]).post("/api/meetings", json!({ "roomId": "one" }));
                let replies = join_all(who.iter().map(|at| create(*at))).await;

                let Some(meeting) = audited(&world.store, &MeetingId::new("one").unwrap()).await else {
                    // On a day on which no write arrives nobody is told that one did.
                    assert!(replies.iter().all(|reply| reply.status == 503), "{replies:?}");
                    return;
                };
                assert_eq!((meeting.version, meeting.hosts().len()), (Version::FIRST, 1));
                for (at, reply) in who.iter().zip(&replies) {
                    match reply.status {
                        201 => assert_eq!(PEOPLE[*at].id, meeting.created_by.as_str()),
                        409 => assert_ne!(PEOPLE[*at].id, meeting.created_by.as_str()),
                        503 => {}
                        other => panic!("{other}"),
                    }
                }
                let created: Vec<&Value> =
                    replies.iter().filter(|reply| reply.status == 201).map(|reply| &reply.body).collect();
                assert!(
                    created.windows(2).all(|pair| pair[0] == pair[1]),
                    "the same answer to all of the creator's requests"
                );
            });
        },
    );
}

#[test]
fn one_key_that_is_used_many_times_at_once_creates_one_meeting() {
    check(32, (prop::collection::vec(any::<u8>(), 1..40), 2..10_usize), |(weather, times)| {
        block_on(async {
            let weather = Arc::new(Rough::new(weather));
            let world = World::with_weather(weather.clone());
            weather.begin();
            let create = || world.by(PEOPLE[0]).header("idempotency-key", "k").post("/api/meetings", json!({}));
            let replies = join_all((0..times).map(|_| create())).await;
            let created: Vec<&Value> =
                replies.iter().filter(|reply| reply.status == 201).map(|reply| &reply.body["id"]).collect();
            assert!(created.windows(2).all(|pair| pair[0] == pair[1]), "{created:?}");
            let listed = world.by(PEOPLE[0]).get("/api/meetings").await.body["meetings"].as_array().unwrap().len();
            assert!(listed <= 1 && listed >= usize::from(!created.is_empty()));
        });
    });
}

/// A meeting of which the first `hosts` people are hosts.
async fn hosted(world: &World, hosts: usize) -> MeetingId {
    let id = MeetingId::new("m").unwrap();
    let now = Timestamp::from_ms(NOW_MS);
    let description = dais_domain::Description::new("Meeting").unwrap();
    let (mut meeting, first) = Meeting::create(id.clone(), PEOPLE[0].user_id(), None, description, now, now);
    world.store.create(&meeting, &first, None).await.unwrap();
    let actor = Actor { user_id: PEOPLE[0].user_id(), name: None };
    for person in &PEOPLE[1..hosts] {
        let decision = meeting.decide(&actor, &Command::MakeHost(person.user_id()), None, now).unwrap().unwrap();
        world.store.commit(&decision).await.unwrap();
        meeting = decision.meeting;
    }
    id
}

#[test]
fn hosts_who_remove_each_other_at_once_leave_one() {
    let removals = prop::collection::vec((0..6_usize, 0..6_usize), 1..14);
    check(64, (prop::collection::vec(any::<u8>(), 1..60), 1..=6_usize, removals), |(weather, hosts, removals)| {
        block_on(async {
            let weather = Arc::new(Rough::new(weather));
            let world = World::with_weather(weather.clone());
            let id = hosted(&world, hosts).await;
            weather.begin();
            let remove = async |by: usize, target: usize| {
                world.by(PEOPLE[by]).delete(&format!("/api/meetings/m/hosts/user_{target}")).await
            };
            let replies = join_all(removals.iter().map(|(by, target)| remove(*by, *target))).await;

            let meeting = audited(&world.store, &id).await.unwrap();
            assert!(!meeting.hosts().is_empty());
            let left: Vec<&UserId> = meeting.hosts().into_iter().map(|(user, _)| user).collect();
            for ((_, target), reply) in removals.iter().zip(&replies) {
                assert!([200, 403, 409, 503].contains(&reply.status), "{reply:?}");
                if reply.status == 200 {
                    assert!(!left.contains(&&PEOPLE[*target].user_id()), "who was removed is not there any more");
                }
            }
        });
    });
}
