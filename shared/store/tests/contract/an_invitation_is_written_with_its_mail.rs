//! `invite`, `renew`, `end`: an invitation and its mail are there together, and one person has one that is live.

use dais_domain::{Invitation, InvitationId, InvitationState, Timestamp, UserId};
use dais_store::{CommitError, Invitee, Mail, Store};
use futures::future::join_all;

use crate::support::*;

on_both_tables! {
    both_are_there_or_neither,
    one_address_has_one_invitation_in_a_meeting,
    one_user_has_one_invitation_whatever_his_address,
    of_many_who_invite_one_address_at_once_one_does,
    an_ended_invitation_makes_way_for_a_new_one,
    one_that_was_revived_meanwhile_does_not,
    new_terms_come_with_a_new_mail,
    an_invitation_that_another_has_followed_is_not_revived,
    of_two_changes_of_one_revision_one_is_written,
    a_meeting_has_its_invitations_and_no_others,
    pages_have_no_gaps,
    the_latest_are_found_together,
    a_room_is_read_without_invitations,
}

fn invited_user(invitation: Invitation, user_id: &str) -> Invitation {
    Invitation { user_id: Some(user(user_id)), ..invitation }
}

fn conflict(outcome: Result<(), CommitError>) -> bool {
    matches!(outcome, Err(CommitError::Conflict))
}

async fn stored(store: &impl Store, invitation: &Invitation) -> Option<Invitation> {
    store.invitation(&invitation.meeting_id, &invitation.id).await.unwrap()
}

async fn both_are_there_or_neither(store: impl Store) {
    let first = invited(&store, "i1", "bo@example.com").await;
    assert_eq!(stored(&store, &first).await, Some(first.clone()));
    assert_eq!(store.mail(&first.mail).await.unwrap(), Some(mail(&first)));

    let second = invitation("i2", "bo@example.com");
    assert!(conflict(store.invite(&second, &[], &mail(&second)).await));
    assert_eq!(stored(&store, &second).await, None);
    assert_eq!(store.mail(&second.mail).await.unwrap(), None);
}

async fn one_address_has_one_invitation_in_a_meeting(store: impl Store) {
    invited(&store, "i1", "bo@example.com").await;
    let other_meeting = Invitation { meeting_id: meeting_id("m2"), ..invitation("i2", "bo@example.com") };
    store.invite(&other_meeting, &[], &mail(&other_meeting)).await.unwrap();
    let other_address = invitation("i3", "cy@example.com");
    store.invite(&other_address, &[], &mail(&other_address)).await.unwrap();
    let same = invitation("i4", "BO@example.com");
    assert!(conflict(store.invite(&same, &[], &mail(&same)).await));
}

async fn one_user_has_one_invitation_whatever_his_address(store: impl Store) {
    let first = invited_user(invitation("i1", "bo@example.com"), "bo");
    store.invite(&first, &[], &mail(&first)).await.unwrap();
    for (id, address, of) in [("i2", "bo@other.example", "bo"), ("i3", "bo@example.com", "cy")] {
        let same = invited_user(invitation(id, address), of);
        assert!(conflict(store.invite(&same, &[], &mail(&same)).await), "{address} {of}");
    }
}

async fn of_many_who_invite_one_address_at_once_one_does(store: impl Store) {
    let all: Vec<Invitation> = (0..8).map(|n| invitation(&format!("i{n}"), "bo@example.com")).collect();
    let outcomes = join_all(all.iter().map(|new| async { store.invite(new, &[], &mail(new)).await })).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let page = store.invitations(&meeting_id("m1"), None, 100).await.unwrap();
    assert_eq!(page.invitations.len(), 1);
    assert_eq!(store.due_mails(at(0), 100).await.unwrap(), [page.invitations[0].mail.clone()]);
}

async fn an_ended_invitation_makes_way_for_a_new_one(store: impl Store) {
    let first = invited(&store, "i1", "bo@example.com").await;
    let revoked = first.revoked(&user("ada"), at(1)).unwrap().unwrap();
    store.end(&revoked).await.unwrap();
    let second = invitation("i2", "bo@example.com");
    store.invite(&second, std::slice::from_ref(&revoked), &mail(&second)).await.unwrap();
    let third = invitation("i3", "bo@example.com");
    assert!(conflict(store.invite(&third, &[revoked], &mail(&third)).await), "the second is the latest now");
}

async fn one_that_was_revived_meanwhile_does_not(store: impl Store) {
    let first = invited(&store, "i1", "bo@example.com").await;
    store.renew(&first.renewed(terms("x-again"), at(1)).unwrap(), &again(&first)).await.unwrap();
    let second = invitation("i2", "bo@example.com");
    assert!(conflict(store.invite(&second, &[first], &mail(&second)).await));
}

/// The mail of renewed terms.
fn again(invitation: &Invitation) -> Mail {
    Mail { id: terms("x-again").mail, ..mail(invitation) }
}

async fn new_terms_come_with_a_new_mail(store: impl Store) {
    let first = told(&store, &invited(&store, "i1", "bo@example.com").await, "t1").await;
    let renewed = first.renewed(terms("x-again"), at(5)).unwrap();
    store.renew(&renewed, &again(&first)).await.unwrap();
    let found = stored(&store, &first).await.unwrap();
    assert_eq!(found, renewed);
    assert_eq!((found.token, found.revision), (None, 3));
    assert_eq!(store.mail(&terms("x-again").mail).await.unwrap(), Some(again(&first)));
    assert!(conflict(store.renew(&renewed, &again(&first)).await), "the same again");
}

async fn an_invitation_that_another_has_followed_is_not_revived(store: impl Store) {
    let first = invited(&store, "i1", "bo@example.com").await;
    let second = invitation("i2", "bo@example.com");
    store.invite(&second, std::slice::from_ref(&first), &mail(&second)).await.unwrap();
    let renewed = first.renewed(terms("x-again"), at(5)).unwrap();
    assert!(conflict(store.renew(&renewed, &again(&first)).await));
    assert_eq!(store.mail(&terms("x-again").mail).await.unwrap(), None);
}

async fn of_two_changes_of_one_revision_one_is_written(store: impl Store) {
    let first = told(&store, &invited(&store, "i1", "bo@example.com").await, "t1").await;
    let revoked = first.revoked(&user("ada"), at(1)).unwrap().unwrap();
    let bounced = first.bounced(at(1)).unwrap();
    let (one, other) = futures::join!(store.end(&revoked), store.end(&bounced));
    assert_ne!(one.is_ok(), other.is_ok());
    let winner = if one.is_ok() { revoked } else { bounced };
    assert_eq!(stored(&store, &first).await, Some(winner));
    let unknown = invitation("i9", "bo@example.com").bounced(at(1)).unwrap();
    assert!(conflict(store.end(&unknown).await), "it is not there");
}

async fn a_meeting_has_its_invitations_and_no_others(store: impl Store) {
    created(&store, "m1", "ada", at(60)).await;
    let here = invited(&store, "i1", "bo@example.com").await;
    let elsewhere = Invitation { meeting_id: meeting_id("m2"), ..invitation("i2", "bo@example.com") };
    store.invite(&elsewhere, &[], &mail(&elsewhere)).await.unwrap();
    assert_eq!(store.invitations(&meeting_id("m1"), None, 10).await.unwrap().invitations, std::slice::from_ref(&here));
    assert_eq!(store.invitations(&meeting_id("m3"), None, 10).await.unwrap().invitations, []);
    assert_eq!(store.invitation(&meeting_id("m2"), &here.id).await.unwrap(), None);
}

async fn pages_have_no_gaps(store: impl Store) {
    for n in 0..5 {
        invited(&store, &format!("i{n}"), &format!("bo{n}@example.com")).await;
    }
    for limit in [1, 2, 5, 6] {
        let (mut ids, mut after): (Vec<InvitationId>, Option<InvitationId>) = (Vec::new(), None);
        loop {
            let page = store.invitations(&meeting_id("m1"), after.as_ref(), limit).await.unwrap();
            assert!(page.invitations.len() <= limit as usize);
            ids.extend(page.invitations.iter().map(|invitation| invitation.id.clone()));
            after = ids.last().cloned();
            if !page.more {
                break;
            }
        }
        let ids: Vec<&str> = ids.iter().map(InvitationId::as_str).collect();
        assert_eq!(ids, ["i4", "i3", "i2", "i1", "i0"], "limit {limit}");
    }
}

async fn the_latest_are_found_together(store: impl Store) {
    let bo = invited_user(invitation("i1", "bo@example.com"), "bo");
    store.invite(&bo, &[], &mail(&bo)).await.unwrap();
    let cy = invited(&store, "i2", "cy@example.com").await;
    let by_email = |email: &str| Invitee::Email(address(email));
    let by_user = |id: &str| Invitee::User(UserId::new(id).unwrap());
    let asked = [by_email("bo@example.com"), by_user("bo"), by_email("cy@example.com"), by_user("cy")];
    let found = store.latest_invitations(&meeting_id("m1"), &asked).await.unwrap();
    assert_eq!(found.len(), 3);
    assert_eq!([&found[&asked[0]], &found[&asked[1]], &found[&asked[2]]], [&bo, &bo, &cy]);
    let revoked = cy.revoked(&user("ada"), at(1)).unwrap().unwrap();
    store.end(&revoked).await.unwrap();
    let found = store.latest_invitations(&meeting_id("m1"), &asked[2..3]).await.unwrap();
    assert_eq!(found[&asked[2]].state_at(at(1)), InvitationState::Revoked);
    assert_eq!(store.latest_invitations(&meeting_id("m1"), &[]).await.unwrap().len(), 0);

    let many: Vec<Invitee> = (0..150).map(|n| by_email(&format!("u{n}@example.com"))).collect();
    let asked: Vec<Invitee> = many.into_iter().chain(asked).collect();
    assert_eq!(store.latest_invitations(&meeting_id("m1"), &asked).await.unwrap().len(), 3);
}

async fn a_room_is_read_without_invitations(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    invited(&store, "i1", "bo@example.com").await;
    let view = store.room(&meeting.id, Timestamp::from_ms(NOW_MS)).await.unwrap().unwrap();
    assert_eq!((view.meeting, view.presences.len()), (meeting, 0));
}
