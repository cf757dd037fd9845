//! Of a deleted user no invitation holds the name or an address, whether he got it or sent it.

use std::sync::Arc;

use dais_domain::{Claimant, EmailAddress, Invitation, InvitationState, Role, Timestamp, TokenHash, Version};
use dais_store::{Directory, Invitations, KnownUser, Meetings, NewsSource, memory::Fate};

use crate::support::{ADA, BO, CY, DI, NOW_MS, Rough, Script, World, deleted};

const WORK: &str = "bo@work.example";
const HOME: &str = "bo@example.com";

fn now() -> Timestamp {
    Timestamp::from_ms(NOW_MS)
}

fn bo() -> Claimant {
    let actor = dais_domain::Actor { user_id: BO.user_id(), name: None };
    Claimant { actor, emails: vec![EmailAddress::new(HOME).unwrap()] }
}

/// What is left of Ada and Bo.
async fn traces(world: &World) -> usize {
    let ada = world.store.traces(&ADA.user_id(), 100).await.unwrap();
    ada.len() + world.store.traces(&BO.user_id(), 100).await.unwrap().len()
}

async fn state(world: &World, invitation: &Invitation) -> Option<InvitationState> {
    world.invitation(invitation).await.map(|invitation| invitation.state_at(now()))
}

fn names(invitation: &Invitation) -> bool {
    invitation.inviter_name.is_some() || invitation.inviter_email.is_some()
}

/// Bo is known by two addresses.
async fn with_bo(world: &World) {
    let bo = KnownUser {
        id: BO.user_id(),
        name: None,
        image_url: None,
        emails: [HOME, WORK].map(|email| EmailAddress::new(email).unwrap()).to_vec(),
        source: NewsSource::Provider,
        updated_at: now(),
    };
    assert!(world.store.learn(&bo).await.unwrap());
}

#[tokio::test]
async fn those_to_any_of_his_addresses_or_to_himself_go() {
    let world = World::new();
    let before_he_came = world.invite("i1", "m1", ADA, HOME, None).await;
    with_bo(&world).await;
    let at_work = world.invite("i2", "m2", ADA, WORK, Some(BO)).await;
    let long_ago = world.invite("i3", "m3", ADA, "bo@old.example", Some(BO)).await;
    let of_cy = world.invite("i4", "m1", ADA, "cy@example.com", None).await;
    world.told("msg_1", &deleted(BO, 1)).await.assert_taken();
    for gone in [before_he_came, at_work, long_ago] {
        assert_eq!(world.invitation(&gone).await, None);
        assert_eq!(world.store.invitation_by_token(&TokenHash::new(gone.id.as_str()).unwrap()).await.unwrap(), None);
    }
    assert_eq!(world.invitation(&of_cy).await, Some(of_cy));
}

#[tokio::test]
async fn those_that_he_sent_do_not_name_him_and_give_nothing() {
    let world = World::new();
    world.meeting("m1", "Stand-up", ADA, &[CY]).await;
    world.meeting("m2", "Review", ADA, &[]).await;
    let first = world.invite("i1", "m1", ADA, HOME, None).await;
    let by_the_last_host = world.invite("i2", "m2", ADA, HOME, None).await;
    let by_cy = world.invite("i3", "m1", CY, "di@example.com", None).await;
    world.told("msg_1", &deleted(ADA, 1)).await.assert_taken();
    for sent in [&first, &by_the_last_host] {
        let left = world.invitation(sent).await.unwrap();
        assert_eq!((left.state_at(now()), names(&left)), (InvitationState::Revoked, false));
        assert_eq!(left.email.as_str(), HOME, "it is for somebody else");
    }
    assert_eq!(world.invitation(&by_cy).await, Some(by_cy));
    assert_eq!(traces(&world).await, 0);
}

#[tokio::test]
async fn what_became_of_those_that_were_answered_stays() {
    let world = World::new();
    world.meeting("m1", "Stand-up", ADA, &[CY]).await;
    let sent = world.invite("i1", "m1", ADA, HOME, None).await;
    accept(&world, &sent).await;
    world.told("msg_1", &deleted(ADA, 1)).await.assert_taken();
    let left = world.invitation(&sent).await.unwrap();
    assert_eq!((left.state_at(now()), names(&left)), (InvitationState::Accepted, false));
    assert_eq!(world.read("m1").await.role_of(&BO.user_id()), Role::Host);
}

#[tokio::test]
async fn wherever_it_dies_it_is_finished_when_it_comes_again() {
    for operation in ["forget", "traces", "invitation", "end", "erase", "handled"] {
        for (fate, nth) in
            [Fate::FailBefore, Fate::FailAfter].into_iter().flat_map(|fate| (0..3).map(move |n| (fate, n)))
        {
            let fates = std::iter::repeat_n(Fate::Proceed, nth).chain([fate]);
            let world = World::with_weather(Arc::new(Script::then_fair(operation, fates)));
            with_bo(&world).await;
            let got = world.invite("i1", "m1", ADA, HOME, None).await;
            let sent = [
                world.invite("i2", "m2", BO, "cy@example.com", None).await,
                world.invite("i3", "m3", BO, "cy@example.com", None).await,
                world.invite("i4", "m4", BO, "cy@example.com", None).await,
            ];
            // As often as it takes, which is twice at most.
            let first = world.told("msg_1", &deleted(BO, 1)).await;
            if first.status != 200 {
                first.assert_error(503, "unavailable");
                world.told("msg_1", &deleted(BO, 1)).await.assert_taken();
            }
            let context = format!("{operation} {fate:?} {nth}");
            assert_eq!(state(&world, &got).await, None, "{context}");
            for sent in &sent {
                assert!(!names(&world.invitation(sent).await.unwrap()), "{context}");
            }
            assert_eq!(traces(&world).await, 0, "{context}");
        }
    }
}

#[tokio::test]
async fn more_than_are_found_at_once_all_go() {
    let world = World::new();
    with_bo(&world).await;
    for n in 0..230 {
        world.invite(&format!("got{n}"), &format!("m{n}"), DI, HOME, None).await;
        world.invite(&format!("sent{n}"), &format!("m{n}"), BO, &format!("cy{n}@example.com"), None).await;
    }
    world.told("msg_1", &deleted(BO, 1)).await.assert_taken();
    assert_eq!(traces(&world).await, 0);
}

#[tokio::test]
async fn who_is_invited_at_his_address_afterwards_keeps_that() {
    let world = World::new();
    with_bo(&world).await;
    world.invite("i1", "m1", ADA, HOME, Some(BO)).await;
    world.told("msg_1", &deleted(BO, 1)).await.assert_taken();
    let again = world.invite("i2", "m1", ADA, HOME, None).await;
    world.told("msg_1", &deleted(BO, 1)).await.assert_taken();
    world.told("msg_2", &deleted(BO, 1)).await.assert_taken();
    assert_eq!(world.invitation(&again).await, Some(again));
}

/// An acceptance at the same time comes before it, with the inviter's name in the log until that is cleaned, or not at all.
#[tokio::test]
async fn an_acceptance_at_the_same_time_does_not_bring_his_name_back() {
    let mut accepted = 0;
    for seed in 0..200_u32 {
        let numbers = (0..64_u32).map(|n| (seed.wrapping_mul(2_654_435_761).wrapping_add(n * 40_503) >> 7) as u8);
        let weather = Arc::new(Rough::new(numbers.collect()));
        let world = World::with_weather(weather.clone());
        world.meeting("m1", "Stand-up", ADA, if seed % 2 == 0 { &[CY] } else { &[] }).await;
        let sent = world.invite("i1", "m1", ADA, HOME, None).await;
        weather.begin();
        let deletion = async { while world.told("msg_1", &deleted(ADA, 1)).await.status != 200 {} };
        let acceptance = async {
            for _ in 0..seed % 50 {
                tokio::task::yield_now().await;
            }
            accept(&world, &sent).await;
        };
        futures::join!(deletion, acceptance);
        let left = world.invitation(&sent).await.unwrap();
        accepted += usize::from(left.state_at(now()) == InvitationState::Accepted);
        assert!(!names(&left), "{seed}");
        let log = world.store.log(&left.meeting_id, Version(0), 100).await.unwrap().entries;
        assert!(!format!("{log:?}").contains("\"Ada\""), "{seed}: {log:#?}");
    }
    assert!((1..200).contains(&accepted), "both happen: {accepted}");
}

/// Bo accepts, if he can.
async fn accept(world: &World, invitation: &Invitation) {
    let token = TokenHash::new(invitation.id.as_str()).unwrap();
    loop {
        let found = world.store.invitation_by_token(&token).await.unwrap().unwrap();
        let Ok(acceptance) = found.invitation.accepted(found.meeting.as_ref(), &token, &bo(), now()) else { return };
        let version = found.meeting.unwrap().version;
        if world.store.accept(&acceptance, version, None).await.is_ok() {
            return;
        }
    }
}
