//! `due_mails`, `claim`, `mail_sent`, `reschedule`, `bounced`: a mail is sent by one at a time, with one token that counts.

use dais_domain::{Invitation, InvitationState, MailId, MessageId};
use dais_store::{Mail, MailKind, SentMessage, Store};
use futures::future::join_all;

use crate::support::*;

on_both_tables! {
    a_mail_is_due_at_once_and_the_oldest_first,
    of_many_who_claim_a_mail_one_does,
    a_claimed_mail_is_due_again_when_the_claim_has_run_out,
    a_claim_changes_nothing_when_the_invitation_has_changed,
    a_mail_without_a_token_is_claimed_too,
    a_sent_mail_is_due_no_more_and_its_message_is_known,
    a_mail_that_was_claimed_again_waits_although_the_first_claim_ends,
    a_mail_can_be_tried_later_or_never,
    a_bounce_ends_an_invitation_that_is_pending,
    a_bounce_leaves_an_answer_alone,
    an_unknown_message_is_unknown,
}

fn sent(mail: &Mail) -> SentMessage {
    SentMessage {
        message_id: MessageId::new("0102-abc").unwrap(),
        mail_id: mail.id.clone(),
        meeting_id: mail.meeting_id.clone(),
        invitation_id: mail.invitation_id.clone(),
        kind: MailKind::Invitation,
        sent_at: at(2),
    }
}

async fn due(store: &impl Store, seconds: u64) -> Vec<MailId> {
    store.due_mails(at(seconds), 100).await.unwrap()
}

fn with_token(invitation: &Invitation, hash: &str) -> Invitation {
    invitation.with_token(&invitation.mail, token(hash), at(0)).unwrap()
}

async fn a_mail_is_due_at_once_and_the_oldest_first(store: impl Store) {
    let mut expected = Vec::new();
    for n in 0..20_u64 {
        let new = invitation(&format!("i{}", (n * 7) % 20), &format!("bo{n}@example.com"));
        store.invite(&new, &[], &Mail { due: Some(at(n)), ..mail(&new) }).await.unwrap();
        expected.push(new.mail);
    }
    assert_eq!(due(&store, 9).await, expected[..10]);
    assert_eq!(store.due_mails(at(100), 3).await.unwrap(), expected[..3]);
    assert_eq!(store.due(at(100), 100).await.unwrap(), [], "it is no lease of a connection");
}

async fn of_many_who_claim_a_mail_one_does(store: impl Store) {
    let invitation = invited(&store, "i1", "bo@example.com").await;
    let mail = &mail(&invitation);
    let claims = (0..8).map(|n| {
        let (store, with_token) = (&store, with_token(&invitation, &format!("t{n}")));
        async move { store.claim(mail, at(60), Some(&with_token)).await.unwrap().map(|_| with_token) }
    });
    let won: Vec<Invitation> = join_all(claims).await.into_iter().flatten().collect();
    assert_eq!(won.len(), 1);
    let stored = store.invitation(&invitation.meeting_id, &invitation.id).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&won[0]));
    for n in 0..8 {
        let found = store.invitation_by_token(&token(&format!("t{n}"))).await.unwrap();
        assert_eq!(found.is_some(), won[0].token == Some(token(&format!("t{n}"))));
    }
}

async fn a_claimed_mail_is_due_again_when_the_claim_has_run_out(store: impl Store) {
    let invitation = invited(&store, "i1", "bo@example.com").await;
    let first = with_token(&invitation, "t1");
    let claimed = store.claim(&mail(&invitation), at(60), Some(&first)).await.unwrap().unwrap();
    assert_eq!((claimed.attempt, claimed.due), (1, Some(at(60))));
    assert_eq!(store.mail(&claimed.id).await.unwrap(), Some(claimed.clone()));
    assert_eq!((due(&store, 59).await, due(&store, 60).await), (vec![], vec![claimed.id.clone()]));

    let second = with_token(&first, "t2");
    assert_eq!(store.claim(&mail(&invitation), at(120), Some(&second)).await.unwrap(), None, "an old reading");
    assert!(store.claim(&claimed, at(120), Some(&second)).await.unwrap().is_some());
    let found = store.invitation_by_token(&token("t1")).await.unwrap().unwrap();
    assert_eq!(found.invitation.token, Some(token("t2")), "only the latest counts");
}

async fn a_claim_changes_nothing_when_the_invitation_has_changed(store: impl Store) {
    let invitation = invited(&store, "i1", "bo@example.com").await;
    store.end(&invitation.revoked(&user("ada"), at(1)).unwrap().unwrap()).await.unwrap();
    let claim = store.claim(&mail(&invitation), at(60), Some(&with_token(&invitation, "t1"))).await;
    assert_eq!(claim.unwrap(), None);
    assert_eq!(store.mail(&invitation.mail).await.unwrap(), Some(mail(&invitation)));
    assert_eq!(store.invitation_by_token(&token("t1")).await.unwrap(), None);
}

async fn a_mail_without_a_token_is_claimed_too(store: impl Store) {
    let invitation = invited(&store, "i1", "bo@example.com").await;
    assert!(store.claim(&mail(&invitation), at(60), None).await.unwrap().is_some());
    assert_eq!(store.claim(&mail(&invitation), at(60), None).await.unwrap(), None);
    assert_eq!(store.invitation(&invitation.meeting_id, &invitation.id).await.unwrap(), Some(invitation));
}

async fn a_sent_mail_is_due_no_more_and_its_message_is_known(store: impl Store) {
    let invitation = invited(&store, "i1", "bo@example.com").await;
    let claimed = store.claim(&mail(&invitation), at(60), None).await.unwrap().unwrap();
    store.mail_sent(&claimed, &sent(&claimed)).await.unwrap();
    assert_eq!(due(&store, 100_000).await, []);
    assert_eq!(store.mail(&claimed.id).await.unwrap().unwrap().due, None);
    assert_eq!(store.message(&sent(&claimed).message_id).await.unwrap(), Some(sent(&claimed)));
    assert_eq!(store.claim(&claimed, at(200), None).await.unwrap(), None, "it is not sent again");
}

async fn a_mail_that_was_claimed_again_waits_although_the_first_claim_ends(store: impl Store) {
    let invitation = invited(&store, "i1", "bo@example.com").await;
    let first = store.claim(&mail(&invitation), at(60), None).await.unwrap().unwrap();
    let second = store.claim(&first, at(120), None).await.unwrap().unwrap();
    store.mail_sent(&first, &sent(&first)).await.unwrap();
    assert!(!store.reschedule(&first, None).await.unwrap());
    assert_eq!(due(&store, 120).await, [second.id]);
    assert!(store.message(&sent(&first).message_id).await.unwrap().is_some(), "what was sent is known all the same");
}

async fn a_mail_can_be_tried_later_or_never(store: impl Store) {
    let invitation = invited(&store, "i1", "bo@example.com").await;
    let claimed = store.claim(&mail(&invitation), at(60), None).await.unwrap().unwrap();
    assert!(store.reschedule(&claimed, Some(at(900))).await.unwrap());
    assert_eq!((due(&store, 899).await, due(&store, 900).await), (vec![], vec![claimed.id.clone()]));
    assert!(store.reschedule(&claimed, None).await.unwrap());
    assert_eq!(due(&store, 100_000).await, []);
    assert!(!store.reschedule(&claimed, Some(at(900))).await.unwrap(), "never is never");
}

async fn a_bounce_ends_an_invitation_that_is_pending(store: impl Store) {
    let invitation = invited(&store, "i1", "bo@example.com").await;
    let message = sent(&mail(&invitation));
    assert!(store.bounced(&message, at(3)).await.unwrap());
    assert!(!store.bounced(&message, at(4)).await.unwrap(), "feedback comes at least once");
    let stored = store.invitation(&invitation.meeting_id, &invitation.id).await.unwrap().unwrap();
    assert_eq!(stored, invitation.bounced(at(3)).unwrap());
    assert_eq!(stored.state_at(at(3)), InvitationState::Bounced);
}

async fn a_bounce_leaves_an_answer_alone(store: impl Store) {
    let invitation = invited(&store, "i1", "bo@example.com").await;
    let revoked = invitation.revoked(&user("ada"), at(1)).unwrap().unwrap();
    store.end(&revoked).await.unwrap();
    assert!(!store.bounced(&sent(&mail(&invitation)), at(3)).await.unwrap());
    assert_eq!(store.invitation(&invitation.meeting_id, &invitation.id).await.unwrap(), Some(revoked));
    let elsewhere = SentMessage { meeting_id: meeting_id("m9"), ..sent(&mail(&invitation)) };
    assert!(!store.bounced(&elsewhere, at(3)).await.unwrap());
}

async fn an_unknown_message_is_unknown(store: impl Store) {
    assert_eq!(store.message(&MessageId::new("0102-zzz").unwrap()).await.unwrap(), None);
}
