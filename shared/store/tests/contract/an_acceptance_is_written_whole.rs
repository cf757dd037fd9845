//! `accept`, and the way from a token to its invitation.

use dais_domain::{Acceptance, Actor, Claimant, Command, Invitation, InvitationState, Meeting, Role, Version};
use dais_store::{CommitError, Invitations, ListQuery, Mail, MailKind, Period, Store};

use crate::support::*;

on_both_tables! {
    meeting_log_invitation_mail_and_list_change_together,
    of_two_who_accept_one_invitation_one_does,
    a_meeting_that_changed_meanwhile_is_not_changed,
    it_is_written_for_a_host_too_if_the_meeting_is_the_same,
    what_was_accepted_before_writes_nothing,
    a_token_leads_to_its_invitation_and_its_meeting,
    a_dead_token_still_leads_to_it,
    a_token_leads_there_although_the_meeting_is_gone,
    an_unknown_token_leads_nowhere,
}

fn claimant(id: &str) -> Claimant {
    let actor = Actor { user_id: user(id), name: None };
    Claimant { actor, emails: vec![address("bo@example.com")] }
}

fn answer(invitation: &Invitation) -> Mail {
    Mail { id: terms("x-answer").mail, kind: MailKind::Accepted, ..mail(invitation) }
}

/// A meeting, and an invitation to it whose token is t1.
async fn invited_to_m1(store: &impl Store) -> (Meeting, Invitation) {
    let meeting = created(store, "m1", "ada", at(60)).await;
    let invitation = told(store, &invited(store, "i1", "bo@example.com").await, "t1").await;
    (meeting, invitation)
}

fn accepted(meeting: &Meeting, invitation: &Invitation, by: &str) -> Acceptance {
    invitation.accepted(Some(meeting), &token("t1"), &claimant(by), at(1)).unwrap()
}

async fn state(store: &impl Store) -> InvitationState {
    let invitation = invitation("i1", "bo@example.com");
    store.invitation(&invitation.meeting_id, &invitation.id).await.unwrap().unwrap().state_at(at(1))
}

async fn meeting_log_invitation_mail_and_list_change_together(store: impl Store) {
    let (meeting, invitation) = invited_to_m1(&store).await;
    let acceptance = accepted(&meeting, &invitation, "bo");
    store.accept(&acceptance, meeting.version, Some(&answer(&invitation))).await.unwrap();

    let after = store.meeting(&meeting.id).await.unwrap().unwrap();
    assert_eq!((after.role_of(&user("bo")), after.version), (Role::Host, Version(2)));
    assert_eq!(whole_log(&store, "m1").await.last(), Some(&acceptance.decision.unwrap().entry));
    assert_eq!(state(&store).await, InvitationState::Accepted);
    assert_eq!(store.mail(&answer(&invitation).id).await.unwrap(), Some(answer(&invitation)));
    let query = ListQuery { period: Period::All, hosting: true, now: at(0), limit: 10, after: None };
    assert_eq!(store.meetings_of(&user("bo"), &query).await.unwrap().meetings.len(), 1);
}

async fn of_two_who_accept_one_invitation_one_does(store: impl Store) {
    let (meeting, invitation) = invited_to_m1(&store).await;
    let (bo, cy) = (accepted(&meeting, &invitation, "bo"), accepted(&meeting, &invitation, "cy"));
    let (one, other) =
        futures::join!(store.accept(&bo, meeting.version, None), store.accept(&cy, meeting.version, None));
    assert_ne!(one.is_ok(), other.is_ok());
    let after = store.meeting(&meeting.id).await.unwrap().unwrap();
    assert_eq!((after.hosts().len(), after.version), (2, Version(2)));
}

async fn a_meeting_that_changed_meanwhile_is_not_changed(store: impl Store) {
    let (meeting, invitation) = invited_to_m1(&store).await;
    let acceptance = accepted(&meeting, &invitation, "bo");
    changed(&store, "m1", "ada", Command::End).await;
    let outcome = store.accept(&acceptance, meeting.version, Some(&answer(&invitation))).await;
    assert!(matches!(outcome, Err(CommitError::Conflict)));
    let outcome = store.accept(&acceptance, Version(2), Some(&answer(&invitation))).await;
    assert!(matches!(outcome, Err(CommitError::Conflict)), "it was decided on another version");
    assert_eq!(state(&store).await, InvitationState::Pending);
    assert_eq!(store.mail(&answer(&invitation).id).await.unwrap(), None);
    assert!(store.meeting(&meeting.id).await.unwrap().unwrap().ended_at.is_some());
}

async fn it_is_written_for_a_host_too_if_the_meeting_is_the_same(store: impl Store) {
    let (before, invitation) = invited_to_m1(&store).await;
    let meeting = changed(&store, "m1", "ada", Command::MakeHost(user("bo"))).await;
    let acceptance = accepted(&meeting, &invitation, "bo");
    assert_eq!(acceptance.decision, None);
    let outcome = store.accept(&acceptance, before.version, None).await;
    assert!(matches!(outcome, Err(CommitError::Conflict)));
    assert_eq!(state(&store).await, InvitationState::Pending);
    store.accept(&acceptance, meeting.version, None).await.unwrap();
    assert_eq!(state(&store).await, InvitationState::Accepted);
    assert_eq!(store.meeting(&meeting.id).await.unwrap(), Some(meeting));
}

async fn what_was_accepted_before_writes_nothing(store: impl Store) {
    let (meeting, invitation) = invited_to_m1(&store).await;
    let again = Acceptance { invitation: None, decision: None };
    store.accept(&again, meeting.version, Some(&answer(&invitation))).await.unwrap();
    assert_eq!(store.mail(&answer(&invitation).id).await.unwrap(), None);
}

async fn a_token_leads_to_its_invitation_and_its_meeting(store: impl Store) {
    let (meeting, invitation) = invited_to_m1(&store).await;
    let found = store.invitation_by_token(&token("t1")).await.unwrap().unwrap();
    assert_eq!((found.invitation, found.meeting), (invitation, Some(meeting)));
}

async fn a_dead_token_still_leads_to_it(store: impl Store) {
    let (_, invitation) = invited_to_m1(&store).await;
    let renewed = invitation.renewed(terms("x-again"), at(1)).unwrap();
    store.renew(&renewed, &Mail { id: renewed.mail.clone(), ..mail(&renewed) }).await.unwrap();
    let found = store.invitation_by_token(&token("t1")).await.unwrap().unwrap();
    assert_eq!(found.invitation, renewed);
}

async fn a_token_leads_there_although_the_meeting_is_gone(store: impl Store) {
    let invitation = told(&store, &invited(&store, "i1", "bo@example.com").await, "t1").await;
    let found = store.invitation_by_token(&token("t1")).await.unwrap().unwrap();
    assert_eq!((found.invitation, found.meeting), (invitation, None));
}

async fn an_unknown_token_leads_nowhere(store: impl Store) {
    invited_to_m1(&store).await;
    assert_eq!(store.invitation_by_token(&token("t2")).await.unwrap(), None);
}

/// The time that an answer takes must not say whether there was an invitation.
#[tokio::test]
async fn a_token_that_is_unknown_costs_what_a_known_one_does() {
    let table = Table::new().await;
    invited_to_m1(&table.store).await;
    table.tap.take_seen();
    for hash in ["t1", "t2"] {
        table.store.invitation_by_token(&token(hash)).await.unwrap();
        assert_eq!(table.tap.take_seen(), ["GetItem", "BatchGetItem"], "{hash}");
    }
}

#[tokio::test]
async fn an_acceptance_is_one_transaction() {
    let table = Table::new().await;
    let (meeting, invitation) = invited_to_m1(&table.store).await;
    table.tap.take_seen();
    let acceptance = accepted(&meeting, &invitation, "bo");
    table.store.accept(&acceptance, meeting.version, Some(&answer(&invitation))).await.unwrap();
    assert_eq!(table.tap.take_seen(), ["TransactWriteItems"]);
}
