//! Couriers die at any point and run beside each other.

use std::sync::Arc;

use dais_courier::Delivery;
use dais_domain::{Claimant, InvitationRefusal};
use dais_store::{
    Invitations, Meetings, MemoryStore,
    memory::{Fate, Pause, Weather},
};
use futures::FutureExt;

use crate::support::{House, Luck, actor, at, room};

#[tokio::test]
async fn one_that_dies_between_claim_and_sending_is_followed_by_another_with_a_new_token() {
    let house = House::new().await;
    let mail = house.invite("bo").await;
    house.post.next(Luck::DeathBefore);
    assert_eq!(house.courier.deliver_one(&mail, at(0)).now_or_never().map(Result::ok), None);
    let lost = house.invitation("bo").await.token;
    assert!(lost.is_some());
    assert_eq!(house.deliver(&mail, 59).await, Delivery::Taken, "the claim still holds");
    assert_eq!(house.deliver(&mail, 60).await, Delivery::Sent);
    let token = house.invitation("bo").await.token;
    assert_ne!(token, lost);
    assert_eq!(house.post.hashes(), [token.unwrap()]);
}

#[tokio::test]
async fn one_that_dies_after_sending_is_followed_too_and_only_the_later_link_works() {
    let house = House::new().await;
    let mail = house.invite("bo").await;
    house.post.next(Luck::DeathAfter);
    assert_eq!(house.courier.deliver_one(&mail, at(0)).now_or_never().map(Result::ok), None);
    assert_eq!(house.deliver(&mail, 60).await, Delivery::Sent);
    assert_eq!(house.due(&mail).await, None);

    let [first, second] = &house.post.hashes()[..] else { panic!("not two letters") };
    let invitation = house.invitation("bo").await;
    let meeting = house.store.meeting(&room()).await.unwrap();
    let bo = Claimant { actor: actor("bo"), emails: vec![invitation.email.clone()] };
    let dead = invitation.accepted(meeting.as_ref(), first, &bo, at(60));
    assert_eq!(dead, Err(InvitationRefusal::Replaced));
    let found = house.store.invitation_by_token(second).await.unwrap().unwrap();
    assert!(found.invitation.accepted(meeting.as_ref(), second, &bo, at(60)).is_ok());
}

/// Lets others run before and after every operation.
struct Turns;

impl Weather for Turns {
    fn before(&self, _: &'static str) -> Pause<'_, Fate> {
        Box::pin(tokio::task::yield_now().map(|()| Fate::Proceed))
    }

    fn after(&self, _: &'static str) -> Pause<'_, ()> {
        Box::pin(tokio::task::yield_now())
    }
}

#[tokio::test]
async fn two_at_once_send_once() {
    let house = House::over(MemoryStore::with_weather(Arc::new(Turns))).await;
    let mail = house.invite("bo").await;
    let (one, other) = futures::join!(house.deliver(&mail, 0), house.deliver(&mail, 0));
    assert!([one, other].contains(&Delivery::Sent) && [one, other].contains(&Delivery::Taken), "{one:?} {other:?}");
    assert_eq!(house.post.hashes(), [house.invitation("bo").await.token.unwrap()]);
}
