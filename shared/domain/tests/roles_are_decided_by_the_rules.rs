//! Each role command: what it does, when it is refused, and that doing it twice is doing it once.
#![allow(clippy::unwrap_used, missing_docs)]

use dais_domain::{
    Actor, Change, Command, Description, Meeting, MeetingEdit, MeetingId, Refusal, Role, Timestamp, UserId, Version,
};

fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

fn actor(name: &str) -> Actor {
    Actor { user_id: user(name), name: None }
}

fn meeting() -> Meeting {
    let now = Timestamp::from_ms(1_000);
    Meeting::create(
        MeetingId::new("room-1").unwrap(),
        user("ada"),
        None,
        Description::new("Stand-up").unwrap(),
        now,
        now,
    )
    .0
}

/// Gives a command and returns the meeting after it.
fn done(meeting: &Meeting, by: &str, command: Command) -> Meeting {
    let decided = meeting.decide(&actor(by), &command, None, Timestamp::from_ms(2_000)).unwrap();
    decided.map_or_else(|| meeting.clone(), |decision| decision.meeting)
}

fn refused(meeting: &Meeting, by: &str, command: Command) -> Refusal {
    meeting.decide(&actor(by), &command, None, Timestamp::from_ms(2_000)).unwrap_err()
}

#[test]
fn the_creator_is_the_first_host() {
    let meeting = meeting();
    assert_eq!(meeting.role_of(&user("ada")), Role::Host);
    assert_eq!(meeting.role_of(&user("bo")), Role::Participant);
    assert_eq!(meeting.version, Version::FIRST);
}

#[test]
fn a_host_makes_hosts_and_they_are_equal() {
    let two = done(&meeting(), "ada", Command::MakeHost(user("bo")));
    assert_eq!(two.role_of(&user("bo")), Role::Host);
    let without_creator = done(&two, "bo", Command::RemoveHost(user("ada")));
    assert_eq!(without_creator.role_of(&user("ada")), Role::Participant);
    assert_eq!(without_creator.created_by, user("ada"));
}

#[test]
fn a_host_makes_and_removes_cohosts() {
    let with = done(&meeting(), "ada", Command::MakeCohost(user("bo")));
    assert_eq!(with.role_of(&user("bo")), Role::CoHost);
    let without = done(&with, "ada", Command::RemoveCohost(user("bo")));
    assert_eq!(without.role_of(&user("bo")), Role::Participant);
}

#[test]
fn a_cohost_can_become_a_host_and_holds_one_role() {
    let cohost = done(&meeting(), "ada", Command::MakeCohost(user("bo")));
    let host = done(&cohost, "ada", Command::MakeHost(user("bo")));
    assert_eq!(host.role_of(&user("bo")), Role::Host);
    assert_eq!(host.roles.len(), 2);
}

#[test]
fn nobody_but_a_host_changes_roles() {
    let with_cohost = done(&meeting(), "ada", Command::MakeCohost(user("bo")));
    for by in ["bo", "cy"] {
        for command in [
            Command::MakeHost(user("di")),
            Command::RemoveHost(user("ada")),
            Command::MakeCohost(user("di")),
            Command::RemoveCohost(user("bo")),
            Command::Edit(MeetingEdit::default()),
            Command::End,
        ] {
            let action = command.action();
            assert_eq!(refused(&with_cohost, by, command), Refusal::NotAllowed(action));
        }
    }
}

#[test]
fn nobody_promotes_himself() {
    assert_eq!(refused(&meeting(), "ada", Command::MakeHost(user("ada"))), Refusal::CannotTargetSelf);
    assert_eq!(refused(&meeting(), "ada", Command::MakeCohost(user("ada"))), Refusal::CannotTargetSelf);
}

#[test]
fn the_last_host_stays() {
    assert_eq!(refused(&meeting(), "ada", Command::RemoveHost(user("ada"))), Refusal::LastHost);
}

#[test]
fn a_host_may_step_down_when_another_stays() {
    let two = done(&meeting(), "ada", Command::MakeHost(user("bo")));
    let one = done(&two, "ada", Command::RemoveHost(user("ada")));
    assert_eq!(one.hosts().len(), 1);
    assert_eq!(refused(&one, "bo", Command::RemoveHost(user("bo"))), Refusal::LastHost);
}

#[test]
fn cohost_commands_do_not_touch_hosts() {
    let two = done(&meeting(), "ada", Command::MakeHost(user("bo")));
    assert_eq!(refused(&two, "ada", Command::MakeCohost(user("bo"))), Refusal::TargetAlreadyHost);
    assert_eq!(refused(&two, "ada", Command::RemoveCohost(user("bo"))), Refusal::TargetIsHost);
}

#[test]
fn doing_it_twice_is_doing_it_once() {
    let mut meeting = meeting();
    for command in [
        Command::MakeHost(user("bo")),
        Command::RemoveHost(user("bo")),
        Command::MakeCohost(user("cy")),
        Command::RemoveCohost(user("cy")),
    ] {
        meeting = done(&meeting, "ada", command.clone());
        let again = meeting.decide(&actor("ada"), &command, None, Timestamp::from_ms(3_000)).unwrap();
        assert_eq!(again, None, "{command:?}");
    }
}

#[test]
fn a_cohost_is_not_touched_by_remove_host() {
    let with = done(&meeting(), "ada", Command::MakeCohost(user("bo")));
    assert_eq!(done(&with, "ada", Command::RemoveHost(user("bo"))), with);
}

#[test]
fn an_ended_meeting_changes_no_more() {
    let ended = done(&meeting(), "ada", Command::End);
    assert!(ended.ended_at.is_some());
    assert_eq!(refused(&ended, "ada", Command::MakeHost(user("bo"))), Refusal::MeetingEnded);
    assert_eq!(done(&ended, "ada", Command::End), ended);
}

#[test]
fn an_edit_changes_only_what_differs() {
    let edit = MeetingEdit { description: Some(Description::new("Stand-up").unwrap()), ..MeetingEdit::default() };
    let same = meeting().decide(&actor("ada"), &Command::Edit(edit), None, Timestamp::from_ms(2_000)).unwrap();
    assert_eq!(same, None);
    let edit = MeetingEdit { description: Some(Description::new("Retro").unwrap()), ..MeetingEdit::default() };
    let decision =
        meeting().decide(&actor("ada"), &Command::Edit(edit.clone()), None, Timestamp::from_ms(2_000)).unwrap();
    assert_eq!(decision.map(|decision| decision.entry.change), Some(Change::Edited { edit, switched: Vec::new() }));
}

#[test]
fn roles_are_bounded() {
    let mut full = meeting();
    for n in 1..Meeting::MAX_ROLES {
        full = done(&full, "ada", Command::MakeCohost(user(&format!("u{n}"))));
    }
    let refusal = refused(&full, "ada", Command::MakeCohost(user("one-more")));
    assert_eq!(refusal, Refusal::TooManyRoles { max: Meeting::MAX_ROLES });
    assert_eq!(done(&full, "ada", Command::MakeHost(user("u1"))).hosts().len(), 2, "no new entry is needed");
}

#[test]
fn whose_account_is_deleted_steps_down_unless_he_is_the_last_host() {
    let now = Timestamp::from_ms(3_000);
    let two = done(&meeting(), "ada", Command::MakeHost(user("bo")));
    let three = done(&two, "ada", Command::MakeCohost(user("cy")));
    let gone = |meeting: &Meeting, name: &str| meeting.forget(&user(name), now);

    let without_cohost = gone(&three, "cy").unwrap();
    assert_eq!(without_cohost.meeting.role_of(&user("cy")), Role::Participant);
    let without_ada = gone(&three, "ada").unwrap();
    assert_eq!(without_ada.meeting.role_of(&user("ada")), Role::Participant);
    let (from, to) = (Role::Host, Role::Participant);
    let expected = Change::Role { user: user("ada"), name: None, from, to, invitation: None, rights: Vec::new() };
    assert_eq!((without_ada.entry.change, without_ada.entry.by), (expected, user("ada")));

    assert_eq!(gone(&three, "di"), None);
    assert_eq!(gone(&meeting(), "ada"), None, "the last host, of whom there is no name");
    let ended = done(&two, "ada", Command::End);
    assert_eq!(gone(&ended, "bo").unwrap().meeting.role_of(&user("bo")), Role::Participant);
}

#[test]
fn of_the_last_host_whose_account_is_deleted_only_the_name_goes() {
    let mut named = meeting();
    named.roles.get_mut(&user("ada")).unwrap().name = dais_domain::DisplayName::new("Ada").ok();
    let decision = named.forget(&user("ada"), Timestamp::from_ms(3_000)).unwrap();
    assert_eq!(decision.entry.change, Change::Forgotten { user: user("ada") });
    assert_eq!(decision.entry.version, named.version.next());
    let hosts = decision.meeting.hosts();
    assert_eq!((hosts.len(), hosts[0].0, &hosts[0].1.name), (1, &user("ada"), &None));
    assert_eq!(decision.meeting.forget(&user("ada"), Timestamp::from_ms(4_000)), None);
    let told = dais_domain::wire::told(&decision.entry);
    assert!(told.to_all.is_empty() && told.to_user.is_none());
}
