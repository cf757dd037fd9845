//! A mail is sent only while what it tells is so.

use dais_courier::Delivery;
use dais_domain::{Claimant, Command, MailId};
use dais_store::{Directory, Invitations, KnownUser};

use crate::support::{House, actor, ada, at, mail_of, terms};

async fn assert_dropped(house: &House, mail: &MailId, seconds: u64) {
    assert_eq!(house.deliver(mail, seconds).await, Delivery::Dropped);
    assert_eq!((house.due(mail).await, house.post.asked()), (None, 0));
}

#[tokio::test]
async fn a_revoked_invitation() {
    let house = House::new().await;
    let mail = house.invite("bo").await;
    let revoked = house.invitation("bo").await.revoked(&ada().user_id, at(1)).unwrap().unwrap();
    house.store.end(&revoked).await.unwrap();
    assert_dropped(&house, &mail, 2).await;
}

#[tokio::test]
async fn a_declined_invitation() {
    let house = House::new().await;
    let mail = house.invite("bo").await;
    house.deliver(&mail, 0).await;
    let hash = house.post.hashes().remove(0);
    let invitation = house.invitation("bo").await;
    let renewed = invitation.renewed(terms("again", 1), at(1)).unwrap();
    let again = mail_of(&renewed, 1);
    let bo = Claimant { actor: actor("bo"), emails: vec![invitation.email.clone()] };
    house.store.end(&invitation.declined(&hash, &bo, at(1)).unwrap().unwrap()).await.unwrap();
    assert!(house.store.renew(&renewed, &again).await.is_err(), "no mail without a pending invitation");
    assert_eq!((house.deliver(&again.id, 1).await, house.post.asked()), (Delivery::Taken, 1));
}

#[tokio::test]
async fn an_expired_invitation() {
    let house = House::new().await;
    let mail = house.invite("bo").await;
    assert_dropped(&house, &mail, 7 * 24 * 3600).await;
}

#[tokio::test]
async fn an_invitation_that_a_later_mail_tells_of() {
    let house = House::new().await;
    let mail = house.invite("bo").await;
    let renewed = house.invitation("bo").await.renewed(terms("again", 1), at(1)).unwrap();
    let again = mail_of(&renewed, 1);
    house.store.renew(&renewed, &again).await.unwrap();
    assert_dropped(&house, &mail, 2).await;
    assert_eq!((house.deliver(&again.id, 2).await, house.post.letters()), (Delivery::Sent, 1));
}

#[tokio::test]
async fn an_invitation_of_somebody_who_is_no_host_any_more() {
    let house = House::new().await;
    let mail = house.invite("bo").await;
    house.command(&ada(), Command::MakeHost(actor("cy").user_id)).await;
    house.command(&actor("cy"), Command::RemoveHost(ada().user_id)).await;
    assert_dropped(&house, &mail, 2).await;
}

#[tokio::test]
async fn an_invitation_to_a_meeting_that_has_ended() {
    let house = House::new().await;
    let mail = house.invite("bo").await;
    house.command(&ada(), Command::End).await;
    assert_dropped(&house, &mail, 2).await;
}

#[tokio::test]
async fn to_somebody_whose_account_is_gone() {
    let house = House::new().await;
    let (mail, bo) = (house.invite("bo").await, actor("bo").user_id);
    let known = KnownUser::by_token(bo.clone(), None, None, Some("bo@example.com"), at(0));
    house.store.learn(&known).await.unwrap();
    house.store.forget(&bo, at(1)).await.unwrap();
    for trace in house.store.traces(&bo, 100).await.unwrap() {
        house.store.erase(&bo, &trace).await.unwrap();
    }
    assert_dropped(&house, &mail, 2).await;
}
