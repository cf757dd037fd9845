//! Invitations are found from everybody whom they name, and go with all that leads to them. Nothing that comes late brings
//! one back.

use dais_domain::{
    Actor, Claimant, Command, DisplayName, Invitation, InvitationId, InvitationState, Meeting, MessageId, Terms,
};
use dais_store::{
    AddressHash, CommitError, Directory, Invitations, Invitee, Mail, Mails, Party, SentMessage, Store, Trace,
};

use crate::support::*;

on_both_tables! {
    who_is_invited_and_who_invites_is_a_party,
    an_address_leads_there_once_its_user_is_gone,
    whoever_renews_is_a_party_too,
    whoever_accepts_is_a_party_too,
    an_invitation_that_was_got_goes_with_what_leads_to_it,
    one_that_was_sent_stays_and_names_nobody,
    what_another_has_renewed_stays_as_it_is,
    a_later_invitation_of_the_same_person_stays,
    nothing_that_comes_late_brings_it_back,
    traces_come_in_portions_and_end,
    an_erasure_that_meets_a_new_invitation_leaves_that,
}

const BO: &str = "bo@example.com";

fn trace(party: Party, id: &str) -> Trace {
    let Invitation { id, meeting_id, .. } = invitation(id, BO);
    Trace::Invitation { party, meeting_id, invitation_id: id }
}

fn by(id: &str) -> Party {
    Party::Inviter(user(id))
}

fn of_user(id: &str) -> Party {
    Party::Invitee(user(id))
}

fn at_address(email: &str) -> Party {
    Party::Address(AddressHash::of(&address(email)))
}

async fn traces(store: &impl Store, id: &str) -> Vec<Trace> {
    store.traces(&user(id), 100).await.unwrap()
}

/// An invitation of Bo, who is known by then.
async fn of_bo(store: &impl Store, id: &str) -> Invitation {
    let new = Invitation { user_id: Some(user("bo")), ..invitation(id, BO) };
    store.invite(&new, &[], &mail(&new)).await.unwrap();
    new
}

async fn stored(store: &impl Store, invitation: &Invitation) -> Option<Invitation> {
    store.invitation(&invitation.meeting_id, &invitation.id).await.unwrap()
}

/// As the webhook does it.
async fn delete(store: &impl Store, id: &str) {
    store.forget(&user(id), at(10)).await.unwrap();
    for trace in traces(store, id).await {
        store.erase(&user(id), &trace).await.unwrap();
    }
}

fn conflict(outcome: Result<(), CommitError>) -> bool {
    matches!(outcome, Err(CommitError::Conflict))
}

fn renewed(invitation: &Invitation, by: &str) -> Invitation {
    let inviter = Actor { user_id: user(by), name: None };
    invitation.renewed(Terms { inviter, ..terms("x-again") }, at(1)).unwrap()
}

async fn who_is_invited_and_who_invites_is_a_party(store: impl Store) {
    of_bo(&store, "i1").await;
    invited(&store, "i2", "cy@example.com").await;
    assert_eq!(traces(&store, "bo").await, [trace(of_user("bo"), "i1")]);
    assert_eq!(traces(&store, "ada").await, [trace(by("ada"), "i1"), trace(by("ada"), "i2")]);
    assert_eq!(traces(&store, "cy").await, []);
}

async fn an_address_leads_there_once_its_user_is_gone(store: impl Store) {
    invited(&store, "i1", BO).await;
    store.learn(&news("bo", &["bo@work.example", BO], 1)).await.unwrap();
    assert_eq!(traces(&store, "bo").await, []);
    store.forget(&user("bo"), at(10)).await.unwrap();
    for _ in 0..2 {
        assert_eq!(traces(&store, "bo").await, [trace(at_address(BO), "i1")]);
        // A repetition, as long as it is not done.
        store.forget(&user("bo"), at(10)).await.unwrap();
    }
    store.erase(&user("bo"), &trace(at_address(BO), "i1")).await.unwrap();
    assert_eq!(traces(&store, "bo").await, [Trace::PastAddresses]);
    store.erase(&user("bo"), &Trace::PastAddresses).await.unwrap();
    store.erase(&user("bo"), &Trace::PastAddresses).await.unwrap();
    assert_eq!(traces(&store, "bo").await, []);

    let new = invited(&store, "i2", BO).await;
    store.forget(&user("bo"), at(10)).await.unwrap();
    assert_eq!(traces(&store, "bo").await, [], "he is gone, and who is invited there now is somebody else");
    assert_eq!(stored(&store, &new).await, Some(new));
}

async fn whoever_renews_is_a_party_too(store: impl Store) {
    let first = invited(&store, "i1", BO).await;
    let renewed = renewed(&first, "cy");
    store.renew(&renewed, &Mail { id: renewed.mail.clone(), ..mail(&renewed) }).await.unwrap();
    assert_eq!(traces(&store, "cy").await, [trace(by("cy"), "i1")]);
}

async fn whoever_accepts_is_a_party_too(store: impl Store) {
    let meeting = created(&store, "m1", "cy", at(60)).await;
    let meeting = made_host(&store, &meeting, "ada").await;
    let invitation = told(&store, &invited(&store, "i1", BO).await, "t1").await;
    let acceptance = invitation.accepted(Some(&meeting), &token("t1"), &bo(), at(1)).unwrap();
    store.accept(&acceptance, meeting.version, None).await.unwrap();
    assert!(traces(&store, "bo").await.contains(&trace(of_user("bo"), "i1")));
    // By whatever address he is known now.
    delete(&store, "bo").await;
    assert_eq!(stored(&store, &invitation).await, None);
    assert_eq!(traces(&store, "bo").await, []);
}

fn bo() -> Claimant {
    Claimant { actor: Actor { user_id: user("bo"), name: None }, emails: vec![address(BO)] }
}

async fn made_host(store: &impl Store, meeting: &Meeting, id: &str) -> Meeting {
    changed(store, meeting.id.as_str(), "cy", Command::MakeHost(user(id))).await
}

async fn an_invitation_that_was_got_goes_with_what_leads_to_it(store: impl Store) {
    let invitation = told(&store, &of_bo(&store, "i1").await, "t1").await;
    delete(&store, "bo").await;
    assert_eq!(stored(&store, &invitation).await, None);
    assert_eq!(store.invitation_by_token(&token("t1")).await.unwrap(), None);
    assert_eq!(store.invitations(&meeting_id("m1"), None, 10).await.unwrap().invitations, []);
    assert_eq!((traces(&store, "bo").await, traces(&store, "ada").await), (vec![], vec![]));
    // He, or whoever has the address next, can be invited anew.
    let (again, of_him) = (of_bo(&store, "i2").await, Invitee::User(user("bo")));
    let latest = store.latest_invitations(&again.meeting_id, std::slice::from_ref(&of_him)).await.unwrap();
    assert_eq!(latest[&of_him], again);
}

async fn one_that_was_sent_stays_and_names_nobody(store: impl Store) {
    let first = told(&store, &invited(&store, "i1", BO).await, "t1").await;
    delete(&store, "ada").await;
    assert_eq!(traces(&store, "ada").await, [trace(by("ada"), "i1")], "as long as it names her");
    let nameless = first.without_inviter(&user("ada"), at(11)).unwrap();
    store.end(&nameless).await.unwrap();
    delete(&store, "ada").await;
    assert_eq!(traces(&store, "ada").await, []);
    let left = store.invitation_by_token(&token("t1")).await.unwrap().unwrap().invitation;
    assert_eq!((&left.inviter_name, &left.inviter_email), (&None, &None));
    assert_eq!((left.state_at(at(11)), left.email.as_str()), (InvitationState::Revoked, BO));
}

async fn what_another_has_renewed_stays_as_it_is(store: impl Store) {
    let first = invited(&store, "i1", BO).await;
    let renewed = renewed(&first, "cy");
    store.renew(&renewed, &Mail { id: renewed.mail.clone(), ..mail(&renewed) }).await.unwrap();
    delete(&store, "ada").await;
    assert_eq!((traces(&store, "ada").await, stored(&store, &first).await), (vec![], Some(renewed)));
}

async fn a_later_invitation_of_the_same_person_stays(store: impl Store) {
    let first = invited(&store, "i1", BO).await;
    let revoked = first.revoked(&user("ada"), at(1)).unwrap().unwrap();
    store.end(&revoked).await.unwrap();
    let second = invitation("i2", BO);
    store.invite(&second, std::slice::from_ref(&revoked), &mail(&second)).await.unwrap();
    store.erase(&user("bo"), &trace(at_address(BO), "i1")).await.unwrap();
    assert_eq!((stored(&store, &first).await, stored(&store, &second).await), (None, Some(second.clone())));
    let latest = store.latest_invitations(&second.meeting_id, &[Invitee::Email(address(BO))]).await.unwrap();
    assert_eq!(latest.len(), 1, "the later one is found");
}

async fn nothing_that_comes_late_brings_it_back(store: impl Store) {
    let meeting = created(&store, "m1", "ada", at(60)).await;
    let invitation = told(&store, &of_bo(&store, "i1").await, "t1").await;
    let (first_mail, claimed) = (mail(&invitation), store.mail(&invitation.mail).await.unwrap().unwrap());
    delete(&store, "bo").await;

    let late_token = invitation.with_token(&invitation.mail, token("t2"), at(61)).unwrap();
    assert_eq!(store.claim(&claimed, at(120), Some(&late_token)).await.unwrap(), None, "a courier");
    let acceptance = invitation.accepted(Some(&meeting), &token("t1"), &bo(), at(1)).unwrap();
    assert!(conflict(store.accept(&acceptance, meeting.version, None).await), "an acceptance");
    assert!(conflict(store.end(&invitation.bounced(at(1)).unwrap()).await), "a bounce");
    let renewed = renewed(&invitation, "ada");
    assert!(conflict(store.renew(&renewed, &Mail { id: renewed.mail.clone(), ..first_mail }).await), "a resending");
    let another = Invitation { id: InvitationId::new("i2").unwrap(), ..invitation.clone() };
    let another_mail = Mail { id: terms("x-i2").mail, ..mail(&another) };
    assert!(conflict(store.invite(&another, std::slice::from_ref(&invitation), &another_mail).await), "a successor");
    assert_eq!(stored(&store, &invitation).await, None);
    assert_eq!(store.meeting(&meeting.id).await.unwrap(), Some(meeting));
    assert_eq!(store.invitation_by_token(&token("t2")).await.unwrap(), None);
}

async fn traces_come_in_portions_and_end(store: impl Store) {
    store.learn(&news("bo", &[BO, "bo@work.example"], 1)).await.unwrap();
    for n in 0..9 {
        let to = if n % 2 == 0 { BO } else { "bo@work.example" };
        let new = Invitation { meeting_id: meeting_id(&format!("m{n}")), ..invitation(&format!("i{n}"), to) };
        store.invite(&new, &[], &mail(&new)).await.unwrap();
    }
    store.forget(&user("bo"), at(10)).await.unwrap();
    assert_eq!(erased_in_portions(&store, "bo").await, 10, "nine, and which addresses were his");
    assert_eq!(traces(&store, "ada").await, []);
}

async fn an_erasure_that_meets_a_new_invitation_leaves_that(store: impl Store) {
    let first = invited(&store, "i0", BO).await;
    let mut ended = first.revoked(&user("ada"), at(1)).unwrap().unwrap();
    store.end(&ended).await.unwrap();
    for n in 1..20 {
        let next = invitation(&format!("i{n}"), BO);
        let (user, trace) = (user("bo"), trace(at_address(BO), ended.id.as_str()));
        let (next_mail, erasure) = (mail(&next), store.erase(&user, &trace));
        let (invited, erased) = futures::join!(store.invite(&next, std::slice::from_ref(&ended), &next_mail), erasure);
        erased.unwrap();
        assert_eq!(stored(&store, &ended).await, None);
        if conflict(invited) {
            store.invite(&next, &[], &next_mail).await.unwrap();
        }
        let latest = store.latest_invitations(&next.meeting_id, &[Invitee::Email(address(BO))]).await.unwrap();
        assert_eq!(latest.into_values().collect::<Vec<_>>(), std::slice::from_ref(&next));
        ended = next.revoked(&user, at(1)).unwrap().unwrap();
        store.end(&ended).await.unwrap();
    }
}

/// In the whole table, of somebody who was invited, invited others and got mails.
#[tokio::test]
async fn nothing_holds_his_name_or_his_address() {
    let table = Table::new().await;
    let store = &table.store;
    store.learn(&news("bo", &[BO], 1)).await.unwrap();
    let got = told(store, &of_bo(store, "i1").await, "t1").await;
    let claimed = store.mail(&got.mail).await.unwrap().unwrap();
    let message = SentMessage {
        message_id: MessageId::new("0102-abc").unwrap(),
        mail_id: got.mail.clone(),
        meeting_id: got.meeting_id.clone(),
        invitation_id: got.id.clone(),
        kind: claimed.kind,
        sent_at: at(2),
    };
    store.mail_sent(&claimed, &message).await.unwrap();
    let bo = Actor { user_id: user("bo"), name: DisplayName::new("Bo Weaver").ok() };
    let terms = Terms { inviter: bo, inviter_email: Some(address(BO)), ..terms("x-i2") };
    let sent = invitation("i2", "cy@example.com");
    let sent = Invitation::new(sent.id, sent.meeting_id, sent.email, None, false, terms, at(0));
    store.invite(&sent, &[], &mail(&sent)).await.unwrap();

    store.end(&sent.without_inviter(&user("bo"), at(11)).unwrap()).await.unwrap();
    while !traces(store, "bo").await.is_empty() {
        delete(store, "bo").await;
    }
    delete(store, "bo").await;
    assert_eq!(traces(store, "bo").await, []);
    let items = table.client.scan().table_name(&table.name).send().await.unwrap().items.unwrap_or_default();
    // echo -n bo@example.com | openssl dgst -sha256 -binary | basenc --base64url
    for held in [BO, "Bo Weaver", "yCjWuTtqOenZYy6GP2LnzAjJJ4qlEgovD_hNJEkxDSY"] {
        let left: Vec<_> = items.iter().filter(|item| format!("{item:?}").contains(held)).collect();
        assert!(left.is_empty(), "{held}: {left:?}");
    }
}

#[tokio::test]
async fn inviting_stays_one_transaction() {
    let table = Table::new().await;
    table.tap.take_seen();
    of_bo(&table.store, "i1").await;
    assert_eq!(table.tap.take_seen(), ["TransactWriteItems"]);
}
