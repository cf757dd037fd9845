//! Who may do what with an invitation, and what it does then. Pure rules; the function's tests try them over the wire.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::time::Duration;

use dais_domain::{
    Actor, Change, Claimant, Command, Description, DisplayName, EmailAddress, Invitation, InvitationId,
    InvitationRefusal as Refused, InvitationState, MailId, Meeting, MeetingId, Refusal, Role, Terms, Timestamp,
    TokenHash, UserId, invitation::OVER_AFTER_START,
};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn now() -> Timestamp {
    Timestamp::from_ms(2_000_000_000_000)
}

fn later(days: u32) -> Timestamp {
    now().plus(DAY * days)
}

fn user(id: &str) -> UserId {
    UserId::new(id).unwrap()
}

fn actor(id: &str) -> Actor {
    Actor { user_id: user(id), name: DisplayName::new(id).ok() }
}

/// A user with one verified address.
fn who(id: &str, email: &str) -> Claimant {
    Claimant { actor: actor(id), emails: vec![EmailAddress::new(email).unwrap()] }
}

fn bo() -> Claimant {
    who("bo", "bo@example.com")
}

fn meeting() -> Meeting {
    let description = Description::new("Stand-up").unwrap();
    Meeting::create(MeetingId::new("m").unwrap(), user("ada"), None, description, now(), now()).0
}

fn done(meeting: &Meeting, by: &str, command: Command) -> Meeting {
    meeting.decide(&actor(by), &command, None, now()).unwrap().unwrap().meeting
}

fn terms(role: Role, mail: &str) -> Terms {
    Terms { inviter: actor("ada"), inviter_email: None, role, expires_at: later(7), mail: MailId::new(mail).unwrap() }
}

fn token(text: &str) -> TokenHash {
    TokenHash::new(text).unwrap()
}

/// For bo@example.com, with the token `t`.
fn invitation(role: Role) -> Invitation {
    let email = EmailAddress::new("bo@example.com").unwrap();
    let id = InvitationId::new("i").unwrap();
    let new = Invitation::new(id, MeetingId::new("m").unwrap(), email, None, false, terms(role, "x1"), now());
    new.with_token(&MailId::new("x1").unwrap(), token("t"), now()).unwrap()
}

fn accepted(invitation: &Invitation, meeting: &Meeting, who: &Claimant) -> Result<(Invitation, Meeting), Refused> {
    let done = invitation.accepted(Some(meeting), &token("t"), who, now())?;
    let meeting = done.decision.map_or_else(|| meeting.clone(), |decision| decision.meeting);
    Ok((done.invitation.unwrap(), meeting))
}

#[test]
fn the_owner_of_the_address_becomes_host() {
    let done = invitation(Role::Host).accepted(Some(&meeting()), &token("t"), &bo(), now()).unwrap();
    let decision = done.decision.unwrap();
    assert_eq!(decision.meeting.role_of(&user("bo")), Role::Host);
    assert_eq!(decision.entry.by, user("ada"));
    let Change::Role { user: of, from, to, invitation, name, .. } = &decision.entry.change else { panic!() };
    assert_eq!((of, *from, *to), (&user("bo"), Role::Participant, Role::Host));
    assert_eq!(invitation.as_ref().unwrap().as_str(), "i");
    assert_eq!(name.as_ref().unwrap().as_str(), "bo");
    let after = done.invitation.unwrap();
    assert_eq!((after.state_at(now()), after.revision), (InvitationState::Accepted, 3));
}

#[test]
fn the_invited_user_may_accept_with_another_address() {
    let invitation = Invitation { user_id: Some(user("bo")), ..invitation(Role::Host) };
    assert!(accepted(&invitation, &meeting(), &who("bo", "other@example.com")).is_ok());
    assert!(accepted(&invitation, &meeting(), &Claimant { actor: actor("bo"), emails: Vec::new() }).is_ok());
}

#[test]
fn somebody_else_is_told_only_which_account_is_needed() {
    let refused = accepted(&invitation(Role::Host), &meeting(), &who("eve", "eve@example.com"));
    assert_eq!(refused, Err(Refused::WrongAccount { hint: "b…@example.com".to_owned() }));
}

/// Defect 53: the shortcut for hosts ran before the check of who asks.
#[test]
fn a_host_whom_it_is_not_for_is_refused_as_all_others() {
    let refused = accepted(&invitation(Role::Host), &meeting(), &who("ada", "ada@example.com"));
    assert!(matches!(refused, Err(Refused::WrongAccount { .. })), "{refused:?}");
}

#[test]
fn somebody_else_never_learns_that_it_has_ended() {
    let open = invitation(Role::Host);
    let eve = who("eve", "eve@example.com");
    let ended = [
        open.revoked(&user("ada"), now()).unwrap().unwrap(),
        open.bounced(now()).unwrap(),
        open.declined(&token("t"), &bo(), now()).unwrap().unwrap(),
        accepted(&open, &meeting(), &bo()).unwrap().0,
        Invitation { expires_at: now(), ..open.clone() },
        open.renewed(terms(Role::Host, "x2"), now()).unwrap(),
    ];
    for invitation in ended {
        for meeting in [Some(meeting()), None] {
            let refused = invitation.accepted(meeting.as_ref(), &token("t"), &eve, now());
            assert_eq!(refused, Err(Refused::NotFound), "{invitation:?}");
            assert_eq!(invitation.shown(meeting.as_ref(), &token("t"), &eve, now()), Err(Refused::NotFound));
            assert_eq!(invitation.declined(&token("t"), &eve, now()), Err(Refused::NotFound));
        }
    }
    let over = done(&meeting(), "ada", Command::End);
    assert_eq!(open.accepted(Some(&over), &token("t"), &eve, now()), Err(Refused::NotFound));
}

#[test]
fn its_owner_is_told_why_it_can_no_longer_be_accepted() {
    let open = invitation(Role::Host);
    let cases = [
        (open.revoked(&user("ada"), now()).unwrap().unwrap(), Refused::Revoked),
        (open.bounced(now()).unwrap(), Refused::Bounced),
        (open.declined(&token("t"), &bo(), now()).unwrap().unwrap(), Refused::Declined),
        (Invitation { expires_at: now(), ..open.clone() }, Refused::Expired),
        (open.renewed(terms(Role::Host, "x2"), now()).unwrap(), Refused::Replaced),
    ];
    for (invitation, refusal) in cases {
        assert_eq!(accepted(&invitation, &meeting(), &bo()), Err(refusal));
    }
    assert_eq!(open.accepted(None, &token("t"), &bo(), now()), Err(Refused::MeetingGone));
    assert_eq!(accepted(&open, &done(&meeting(), "ada", Command::End), &bo()), Err(Refused::MeetingOver));
}

#[test]
fn it_works_until_the_moment_when_it_expires() {
    let open = invitation(Role::Host);
    let last = Timestamp::from_ms(open.expires_at.as_ms() - 1);
    assert!(open.accepted(Some(&meeting()), &token("t"), &bo(), last).is_ok());
    assert_eq!(open.accepted(Some(&meeting()), &token("t"), &bo(), open.expires_at), Err(Refused::Expired));
}

/// Defect 54.
#[test]
fn it_is_void_when_its_inviter_is_no_host_any_more() {
    let others = done(&meeting(), "ada", Command::MakeHost(user("cy")));
    let without = done(&others, "cy", Command::RemoveHost(user("ada")));
    assert_eq!(accepted(&invitation(Role::Host), &without, &bo()), Err(Refused::InviterNotHost));
}

/// Defect 54.
#[test]
fn removing_a_host_does_not_revive_his_invitation() {
    let (invitation, with_bo) = accepted(&invitation(Role::Host), &meeting(), &bo()).unwrap();
    let without = done(&with_bo, "ada", Command::RemoveHost(user("bo")));
    assert_eq!(accepted(&invitation, &without, &bo()), Err(Refused::Used));
}

#[test]
fn it_works_once_but_the_same_acceptance_may_come_twice() {
    let (invitation, with_bo) = accepted(&invitation(Role::Host), &meeting(), &bo()).unwrap();
    let again = invitation.accepted(Some(&with_bo), &token("t"), &bo(), now()).unwrap();
    assert_eq!((again.invitation, again.decision), (None, None));
    let other_account = who("bo2", "bo@example.com");
    assert_eq!(accepted(&invitation, &with_bo, &other_account), Err(Refused::Used));
    assert_eq!(invitation.shown(Some(&with_bo), &token("t"), &bo(), now()), Ok(()));
    assert_eq!(invitation.shown(Some(&with_bo), &token("t"), &other_account, now()), Err(Refused::Used));
}

#[test]
fn a_meeting_that_was_to_start_long_ago_is_over_for_those_invited_before() {
    let open = invitation(Role::Host);
    let planned = Meeting { starts_at: later(1), ..meeting() };
    let end = planned.starts_at.plus(OVER_AFTER_START);
    let before_end = Timestamp::from_ms(end.as_ms() - 1);
    assert!(open.accepted(Some(&planned), &token("t"), &bo(), before_end).is_ok());
    assert_eq!(open.accepted(Some(&planned), &token("t"), &bo(), end), Err(Refused::MeetingOver));
    assert!(open.accepted(Some(&meeting()), &token("t"), &bo(), later(6)).is_ok(), "it had started before");
}

#[test]
fn a_cohost_invitation_makes_a_cohost_and_never_less() {
    let cohost = invitation(Role::CoHost);
    let (_, after) = accepted(&cohost, &meeting(), &bo()).unwrap();
    assert_eq!(after.role_of(&user("bo")), Role::CoHost);

    let with_bo = done(&meeting(), "ada", Command::MakeHost(user("bo")));
    let (invitation, after) = accepted(&cohost, &with_bo, &bo()).unwrap();
    assert_eq!(after, with_bo);
    assert_eq!(invitation.state_at(now()), InvitationState::Accepted);
}

#[test]
fn a_host_invitation_promotes_a_cohost() {
    let with_bo = done(&meeting(), "ada", Command::MakeCohost(user("bo")));
    let (_, after) = accepted(&invitation(Role::Host), &with_bo, &bo()).unwrap();
    assert_eq!(after.role_of(&user("bo")), Role::Host);
}

#[test]
fn a_full_meeting_takes_nobody_more_but_promotes() {
    let mut full = meeting();
    for n in 1..Meeting::MAX_ROLES {
        full = done(&full, "ada", Command::MakeCohost(user(&format!("u{n}"))));
    }
    let refused = accepted(&invitation(Role::Host), &full, &bo());
    assert_eq!(refused, Err(Refusal::TooManyRoles { max: Meeting::MAX_ROLES }.into()));
    let cohost = Claimant { actor: actor("u1"), ..bo() };
    assert!(accepted(&invitation(Role::Host), &full, &cohost).is_ok());
}

#[test]
fn declining_ends_it_and_may_come_twice() {
    let declined = invitation(Role::Host).declined(&token("t"), &bo(), now()).unwrap().unwrap();
    assert_eq!(declined.state_at(now()), InvitationState::Declined);
    assert_eq!(declined.declined(&token("t"), &bo(), now()), Ok(None));
    let refused = invitation(Role::Host).declined(&token("t"), &who("eve", "eve@example.com"), now());
    assert!(matches!(refused, Err(Refused::WrongAccount { .. })));
}

#[test]
fn revoking_may_come_twice_and_does_not_undo_an_answer() {
    let revoked = invitation(Role::Host).revoked(&user("ada"), now()).unwrap().unwrap();
    assert_eq!(revoked.revoked(&user("ada"), now()), Ok(None));
    let (accepted, _) = accepted(&invitation(Role::Host), &meeting(), &bo()).unwrap();
    let refused = accepted.revoked(&user("ada"), now());
    assert_eq!(refused, Err(Refused::NotPending { state: InvitationState::Accepted }));
    assert!(Invitation { expires_at: now(), ..invitation(Role::Host) }.revoked(&user("ada"), now()).unwrap().is_some());
}

#[test]
fn a_new_mail_kills_the_token_of_the_one_before_and_revives_what_has_expired() {
    let expired = Invitation { expires_at: now(), ..invitation(Role::Host) };
    let renewed = expired.renewed(terms(Role::CoHost, "x2"), now()).unwrap();
    assert_eq!((renewed.state_at(now()), renewed.role), (InvitationState::Pending, Role::CoHost));
    assert_eq!(accepted(&renewed, &meeting(), &bo()), Err(Refused::Replaced));
    let (first, second) = (MailId::new("x1").unwrap(), MailId::new("x2").unwrap());
    assert_eq!(renewed.with_token(&first, token("t2"), now()), None, "the mail before is not sent any more");
    assert_eq!(renewed.with_token(&second, token("t2"), now()).unwrap().token, Some(token("t2")));

    let declined = invitation(Role::Host).declined(&token("t"), &bo(), now()).unwrap().unwrap();
    let refused = declined.renewed(terms(Role::Host, "x2"), now());
    assert_eq!(refused, Err(Refused::NotPending { state: InvitationState::Declined }));
    assert_eq!(declined.with_token(&first, token("t2"), now()), None);
}

#[test]
fn hosts_invite_and_nobody_else() {
    let with_bo = done(&meeting(), "ada", Command::MakeCohost(user("bo")));
    assert_eq!(with_bo.may_invite(&user("ada")), Ok(()));
    for other in ["bo", "eve"] {
        let refused = with_bo.may_invite(&user(other)).unwrap_err();
        assert_eq!((refused.code(), refused.to_string().as_str()), ("only-hosts", "Only hosts can invite other hosts"));
    }
    let over = done(&with_bo, "ada", Command::End);
    assert_eq!(over.may_invite(&user("ada")), Err(Refusal::MeetingEnded));
    assert_eq!(over.may_see_invitations(&user("ada")), Ok(()));
}

#[test]
fn a_log_with_an_acceptance_leads_to_the_same_meeting() {
    let description = Description::new("Stand-up").unwrap();
    let (start, first) = Meeting::create(MeetingId::new("m").unwrap(), user("ada"), None, description, now(), now());
    let done = invitation(Role::Host).accepted(Some(&start), &token("t"), &bo(), now()).unwrap().decision.unwrap();
    assert_eq!(Meeting::replay(start.id, &[first, done.entry]), Some(done.meeting));
}

#[test]
fn an_inviter_who_is_gone_is_not_named_and_gives_nothing() {
    let named = Invitation { inviter_email: EmailAddress::new("ada@example.com").ok(), ..invitation(Role::Host) };
    let (done, meeting) = accepted(&named, &meeting(), &bo()).unwrap();
    assert_eq!(meeting.role_of(&user("bo")), Role::Host);
    for (before, state) in [(&named, InvitationState::Revoked), (&done, InvitationState::Accepted)] {
        let after = before.without_inviter(&user("ada"), later(8)).unwrap();
        assert_eq!((&after.inviter_name, &after.inviter_email), (&None, &None));
        assert_eq!((after.state_at(later(8)), after.revision), (state, before.revision + 1));
        assert_eq!(after.without_inviter(&user("ada"), later(9)), None, "it is so already");
        assert_eq!(before.without_inviter(&user("bo"), later(8)), None, "somebody else's");
    }
}
