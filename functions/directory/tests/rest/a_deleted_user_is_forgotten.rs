//! A deleted user loses his roles, his name and his traces; no meeting loses its last host.

use std::sync::Arc;

use dais_domain::{Command, MeetingId, Role, Source, Version};
use dais_store::{Attendance, Directory, Meetings, memory::Fate};

use crate::support::{ADA, BO, CY, DI, Person, Script, World, deleted, user};

async fn role(world: &World, id: &str, person: Person) -> Role {
    world.read(id).await.role_of(&person.user_id())
}

/// What is left of somebody.
async fn traces(world: &World, person: Person) -> usize {
    world.store.traces(&person.user_id(), 100).await.unwrap().len()
}

async fn log_of(world: &World, id: &str) -> String {
    let log = world.store.log(&MeetingId::new(id).unwrap(), Version(0), 100).await.unwrap();
    format!("{:?}", log.entries)
}

#[tokio::test]
async fn he_is_host_and_cohost_no_more_where_others_are_host() {
    let world = World::new();
    world.meeting("m1", "Stand-up", ADA, &[BO]).await;
    world.meeting("m2", "Review", BO, &[]).await;
    world.command("m2", BO, Command::MakeCohost(ADA.user_id()), None).await;
    world.told("msg_1", &deleted(ADA, 1)).await.assert_taken();
    assert_eq!(role(&world, "m1", ADA).await, Role::Participant);
    assert_eq!(role(&world, "m1", BO).await, Role::Host);
    assert_eq!(role(&world, "m2", ADA).await, Role::Participant);
    assert_eq!(world.read("m1").await.created_by, ADA.user_id());
}

#[tokio::test]
async fn the_last_host_stays_host_without_his_name() {
    let world = World::new();
    world.meeting("m1", "Stand-up", ADA, &[]).await;
    world.command("m1", ADA, Command::MakeCohost(BO.user_id()), None).await;
    world.told("msg_1", &deleted(ADA, 1)).await.assert_taken();
    let meeting = world.read("m1").await;
    let hosts = meeting.hosts();
    assert_eq!((hosts.len(), hosts[0].0, &hosts[0].1.name), (1, &ADA.user_id(), &None));
    assert_eq!(meeting.cohosts().len(), 1);
    assert!(!log_of(&world, "m1").await.contains("\"Ada\""));
    assert_eq!(traces(&world, ADA).await, 0);
}

#[tokio::test]
async fn two_hosts_who_are_deleted_at_once_leave_one() {
    for _ in 0..50 {
        let world = World::new();
        world.meeting("m1", "Stand-up", ADA, &[BO]).await;
        let (ada, bo) = (deleted(ADA, 1), deleted(BO, 1));
        let (one, other) = futures::join!(world.told("msg_1", &ada), world.told("msg_2", &bo));
        one.assert_taken();
        other.assert_taken();
        let meeting = world.read("m1").await;
        assert_eq!(meeting.hosts().len(), 1);
        assert_eq!(meeting.hosts()[0].1.name, None);
    }
}

#[tokio::test]
async fn a_meeting_that_has_ended_forgets_him_too() {
    let world = World::new();
    world.meeting("m1", "Stand-up", ADA, &[BO]).await;
    world.command("m1", ADA, Command::End, None).await;
    world.told("msg_1", &deleted(ADA, 1)).await.assert_taken();
    assert_eq!(role(&world, "m1", ADA).await, Role::Participant);
    assert!(world.read("m1").await.ended_at.is_some());
}

#[tokio::test]
async fn his_room_is_told() {
    let world = World::new();
    world.meeting("m1", "Stand-up", ADA, &[BO]).await;
    world.enter("m1", BO).await;
    world.enter("m1", ADA).await;
    world.told("msg_1", &deleted(ADA, 1)).await.assert_taken();
    assert!(world.sockets.take_names(BO.id).is_empty(), "after the answer");
    world.settle().await;
    assert!(world.sockets.take_names(BO.id).contains(&"participant-updated".to_owned()));
    assert!(world.sockets.take_names(ADA.id).contains(&"host-revoked".to_owned()));
}

#[tokio::test]
async fn nobody_meets_him_or_finds_him_any_more() {
    let world = World::new();
    world.told("msg_1", &user("user.created", ADA, &["ada@example.com"], 0)).await.assert_taken();
    world.meeting("m1", "Stand-up", CY, &[]).await;
    world.attended("m1", ADA, 1).await;
    world.attended("m1", BO, 1).await;
    world.told("msg_2", &deleted(ADA, 1)).await.assert_taken();
    assert_eq!(world.known(ADA).await, None);
    assert_eq!(world.owner("ada@example.com").await, None);
    let network = world.store.network(&BO.user_id()).await.unwrap();
    assert_eq!(network.iter().map(|met| &met.id).collect::<Vec<_>>(), [&CY.user_id()]);
    assert_eq!(traces(&world, ADA).await, 0);
    assert_eq!(traces(&world, BO).await, 1);
}

#[tokio::test]
async fn wherever_it_dies_it_is_finished_when_it_comes_again() {
    for operation in ["forget", "traces", "meeting", "commit", "erase", "handled"] {
        for fate in [Fate::FailBefore, Fate::FailAfter] {
            // Making the first meeting reads and writes it once.
            let before = if matches!(operation, "meeting" | "commit") { vec![Fate::Proceed] } else { Vec::new() };
            let fates = before.into_iter().chain([fate]);
            let world = World::with_weather(Arc::new(Script::then_fair(operation, fates)));
            world.meeting("m1", "Stand-up", ADA, &[BO]).await;
            world.meeting("m2", "Review", ADA, &[]).await;
            world.attended("m1", ADA, 1).await;
            world.told("msg_1", &deleted(ADA, 1)).await.assert_error(503, "unavailable");
            world.told("msg_1", &deleted(ADA, 1)).await.assert_taken();
            assert_eq!(traces(&world, ADA).await, 0, "{operation} {fate:?}");
            assert_eq!(role(&world, "m1", ADA).await, Role::Participant);
            assert_eq!(role(&world, "m2", ADA).await, Role::Host);
            assert_eq!(world.read("m2").await.hosts()[0].1.name, None);
        }
    }
}

#[tokio::test]
async fn more_traces_than_are_read_at_once_all_go() {
    let world = World::new();
    world.meeting("m", "Stand-up", DI, &[]).await;
    for n in 0..230 {
        world.attended(&format!("m{n}"), ADA, n).await;
    }
    world.told("msg_1", &deleted(ADA, 1)).await.assert_taken();
    assert_eq!(traces(&world, ADA).await, 0);
}

#[tokio::test]
async fn somebody_who_was_created_again_since_keeps_what_he_has() {
    let world = World::new();
    world.told("msg_2", &user("user.created", ADA, &["ada@example.com"], 9)).await.assert_taken();
    world.meeting("m1", "Stand-up", ADA, &[BO]).await;
    world.told("msg_1", &deleted(ADA, 1)).await.assert_taken();
    assert!(world.known(ADA).await.is_some());
    assert_eq!(role(&world, "m1", ADA).await, Role::Host);
}

#[tokio::test]
async fn the_media_node_hears_of_what_he_may_no_longer_send() {
    let world = World::new();
    for id in ["m1", "m2"] {
        world.meeting(id, "Stand-up", ADA, &[BO]).await;
    }
    let muted = Command::RoomWide { source: Source::Microphone, allowed: false };
    world.command("m2", BO, muted, None).await;
    world.enter("m2", BO).await;
    world.told("msg_1", &deleted(ADA, 1)).await.assert_taken();
    world.settle().await;
    assert_eq!(world.media.take(), [4], "in the room where participants may not speak, and in no other");
    assert_eq!(world.sockets.take_names(BO.id), ["participant-updated", "participant-state-changed"]);
}
