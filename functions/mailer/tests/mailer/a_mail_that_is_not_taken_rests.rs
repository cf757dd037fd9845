//! What becomes of a mail that the mail service does not take.

use dais_courier::Delivery;
use dais_domain::InvitationState;
use dais_mail::MailError;

use crate::support::{House, Luck, at, later};

#[tokio::test]
async fn a_throttled_mail_rests_longer_each_time_and_is_sent_at_last() {
    let house = House::new().await;
    let mail = house.invite("bo").await;
    let mut now = 0;
    for pause in [30, 60, 120, 240, 480, 960, 1920, 3600, 3600] {
        house.post.next(later());
        assert_eq!(house.deliver(&mail, now).await, Delivery::Later);
        assert_eq!(house.due(&mail).await, Some(now + pause));
        assert_eq!(house.deliver(&mail, now + pause - 1).await, Delivery::Taken, "it rests");
        now += pause;
    }
    assert_eq!((house.deliver(&mail, now).await, house.post.letters()), (Delivery::Sent, 1));
    assert_eq!((house.due(&mail).await, house.deliver(&mail, now + 9999).await), (None, Delivery::Taken));
    assert_eq!(house.invitation("bo").await.token, house.post.hashes().pop());
}

#[tokio::test]
async fn a_refused_mail_ends_its_invitation_and_is_not_sent_again() {
    let house = House::new().await;
    let mail = house.invite("bo").await;
    house.post.next(Luck::Trouble(MailError::Refused { reason: "MessageRejected".to_owned() }));
    assert_eq!(house.deliver(&mail, 0).await, Delivery::Bounced);
    assert_eq!(house.invitation("bo").await.state_at(at(0)), InvitationState::Bounced);
    assert_eq!(house.due(&mail).await, None);
    assert_eq!((house.deliver(&mail, 9999).await, house.post.asked()), (Delivery::Taken, 1));
}

#[tokio::test]
async fn mails_wait_for_a_deployer_who_has_something_to_mend() {
    let house = House::new().await;
    let mail = house.invite("bo").await;
    for round in 0..20 {
        house.post.next(Luck::Trouble(MailError::NotSetUp { reason: "sending is paused".to_owned() }));
        assert_eq!(house.deliver(&mail, round * 600).await, Delivery::Later);
        assert_eq!(house.due(&mail).await, Some(round * 600 + 600));
    }
    assert_eq!(house.invitation("bo").await.state_at(at(12_000)), InvitationState::Pending);
    assert_eq!((house.deliver(&mail, 12_000).await, house.post.letters()), (Delivery::Sent, 1));
}
