//! Rights of one and of all, removal and readmission: what each does, to whom, and when it is refused.
#![allow(clippy::unwrap_used, missing_docs)]

use dais_domain::{
    Actor, Command, Description, MediaState, Meeting, MeetingEdit, MeetingId, Moderation, Refusal, Restriction, Role,
    Source, Timestamp, UserId, permission,
};

fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

fn decide(meeting: &Meeting, by: &str, command: &Command) -> Result<Option<Meeting>, Refusal> {
    let actor = Actor { user_id: user(by), name: None };
    let decided = meeting.decide(&actor, command, None, Timestamp::from_ms(2_000));
    decided.map(|decision| decision.map(|decision| decision.meeting))
}

fn done(meeting: &Meeting, by: &str, command: Command) -> Meeting {
    decide(meeting, by, &command).unwrap().unwrap_or_else(|| meeting.clone())
}

fn refused(meeting: &Meeting, by: &str, command: Command) -> Refusal {
    decide(meeting, by, &command).unwrap_err()
}

/// Ada and Al are hosts, Bo and Ben co-hosts, everybody else has no role.
fn meeting() -> Meeting {
    let now = Timestamp::from_ms(1_000);
    let id = MeetingId::new("room-1").unwrap();
    let (meeting, _) = Meeting::create(id, user("ada"), None, Description::new("Stand-up").unwrap(), now, now);
    let meeting = done(&meeting, "ada", Command::MakeHost(user("al")));
    let meeting = done(&meeting, "ada", Command::MakeCohost(user("bo")));
    done(&meeting, "ada", Command::MakeCohost(user("ben")))
}

fn restrict(name: &str, source: Source, allowed: bool) -> Command {
    Command::Restrict { user: user(name), source, allowed }
}

fn all(source: Source, allowed: bool) -> Command {
    Command::RoomWide { source, allowed }
}

fn may(meeting: &Meeting, name: &str, source: Source) -> bool {
    meeting.may_publish(&user(name), source).is_ok()
}

/// Whether somebody who has said at that version that both are on is shown as off: microphone and camera.
fn shown_off(meeting: &Meeting, name: &str, said_at: dais_domain::Version) -> (bool, bool) {
    let said = MediaState { is_audio_muted: false, is_video_paused: false, audio_as_of: said_at, video_as_of: said_at };
    let shown = meeting.shown(&user(name), said);
    (shown.is_audio_muted, shown.is_video_paused)
}

const MIC: Source = Source::Microphone;
const CAMERA: Source = Source::Camera;
const SCREEN: Source = Source::Screen;

#[test]
fn every_cell_of_the_table_is_obeyed() {
    let meeting = meeting();
    let (host, cohost, nobody) = (["ada", "al"], ["bo", "ben"], ["cy", "di"]);
    for [actor, _] in [host, cohost, nobody] {
        for [_, target] in [host, cohost, nobody] {
            for command in [
                restrict(target, MIC, false),
                restrict(target, MIC, true),
                restrict(target, CAMERA, false),
                restrict(target, CAMERA, true),
                restrict(target, SCREEN, false),
                restrict(target, SCREEN, true),
                all(MIC, false),
                all(CAMERA, false),
                all(SCREEN, false),
                all(MIC, true),
                Command::Remove(user(target)),
            ] {
                let roles = (meeting.role_of(&user(actor)), meeting.role_of(&user(target)));
                let allowed = permission::allows(roles.0, command.action(), roles.1);
                let outcome = decide(&meeting, actor, &command);
                assert_eq!(outcome.is_ok(), allowed, "{actor} {command:?}: {outcome:?}");
                let expected = match roles.0 {
                    Role::Participant => Refusal::NotAllowed(command.action()),
                    _ => Refusal::NotOver { action: command.action(), target: roles.1 },
                };
                if !allowed {
                    assert_eq!(outcome, Err(expected), "{actor} {command:?}");
                }
            }
        }
    }
}

#[test]
fn nobody_moderates_himself() {
    let commands = |name: &str| {
        [
            restrict(name, MIC, false),
            restrict(name, CAMERA, true),
            restrict(name, SCREEN, true),
            Command::Remove(user(name)),
        ]
    };
    for name in ["ada", "bo"] {
        for command in commands(name) {
            assert_eq!(refused(&meeting(), name, command), Refusal::CannotModerateSelf);
        }
    }
}

#[test]
fn a_room_wide_switch_counts_for_participants_and_for_those_who_come_later() {
    for source in Source::ALL {
        let off = done(&meeting(), "bo", all(source, false));
        for exempt in ["ada", "al", "bo", "ben"] {
            assert!(may(&off, exempt, source), "{exempt}");
        }
        for name in ["cy", "who-has-never-been-here"] {
            assert_eq!(off.may_publish(&user(name), source), Err(Restriction { source, room_wide: true }));
        }
        for other in Source::ALL.into_iter().filter(|other| *other != source) {
            assert!(may(&off, "cy", other), "{source:?} has nothing to do with {other:?}");
        }
        let on = done(&off, "ada", all(source, true));
        assert!(may(&on, "cy", source));
    }
}

#[test]
fn a_lock_holds_for_one_person_and_one_source_whatever_his_role() {
    for (source, name) in Source::ALL.into_iter().flat_map(|source| [(source, "al"), (source, "ben"), (source, "cy")]) {
        let locked = done(&meeting(), "ada", restrict(name, source, false));
        assert_eq!(locked.may_publish(&user(name), source), Err(Restriction { source, room_wide: false }));
        for other in Source::ALL.into_iter().filter(|other| *other != source) {
            assert!(may(&locked, name, other));
        }
        assert!(may(&locked, "di", source));
        assert!(may(&done(&locked, "ada", restrict(name, source, true)), name, source));
    }
}

#[test]
fn one_person_can_be_allowed_what_participants_may_not() {
    let off = done(&meeting(), "ada", all(MIC, false));
    let cy_may = done(&off, "bo", restrict("cy", MIC, true));
    assert!(may(&cy_may, "cy", MIC) && !may(&cy_may, "di", MIC));
    let again = done(&cy_may, "ada", all(MIC, false));
    assert!(!may(&again, "cy", MIC), "muting all mutes all");
    let on = done(&done(&cy_may, "ada", all(MIC, true)), "ada", all(MIC, false));
    assert!(!may(&on, "cy", MIC), "nothing of it is left after a switch");
}

#[test]
fn unmuting_all_lifts_the_locks_of_participants_and_no_others() {
    let mut locked = meeting();
    for name in ["ben", "cy"] {
        locked = done(&locked, "ada", restrict(name, MIC, false));
        locked = done(&locked, "ada", restrict(name, CAMERA, false));
    }
    // A co-host who was muted by a host does not help himself.
    let on = done(&locked, "ben", all(MIC, true));
    assert!(may(&on, "cy", MIC) && !may(&on, "ben", MIC));
    assert!(!may(&on, "cy", CAMERA), "cameras are another matter");
}

#[test]
fn a_role_exempts_and_its_loss_does_not() {
    let off = done(&meeting(), "ada", all(SCREEN, false));
    let promoted = done(&off, "ada", Command::MakeCohost(user("cy")));
    assert!(may(&promoted, "cy", SCREEN));
    let demoted = done(&promoted, "ada", Command::RemoveCohost(user("cy")));
    assert!(!may(&demoted, "cy", SCREEN));
    let former_host = done(&off, "ada", Command::RemoveHost(user("al")));
    assert!(!may(&former_host, "al", SCREEN));
    let locked = done(&meeting(), "ada", restrict("cy", MIC, false));
    assert!(!may(&done(&locked, "ada", Command::MakeHost(user("cy"))), "cy", MIC), "his own lock stays");
}

#[test]
fn an_allowance_ends_with_a_promotion() {
    let cy_may = done(&done(&meeting(), "ada", all(MIC, false)), "ada", restrict("cy", MIC, true));
    let promoted = done(&cy_may, "ada", Command::MakeCohost(user("cy")));
    assert!(!may(&done(&promoted, "ada", Command::RemoveCohost(user("cy"))), "cy", MIC));
}

#[test]
fn whoever_lost_a_right_is_shown_as_silent_also_when_he_has_it_back() {
    let before = meeting();
    assert_eq!(shown_off(&before, "cy", before.version), (false, false));
    for (off, on) in [
        (all(MIC, false), all(MIC, true)),
        (restrict("cy", MIC, false), restrict("cy", MIC, true)),
        (restrict("cy", MIC, false), all(MIC, true)),
        (all(MIC, false), restrict("cy", MIC, true)),
        (all(MIC, false), Command::MakeHost(user("cy"))),
    ] {
        let without = done(&before, "ada", off.clone());
        assert_eq!(shown_off(&without, "cy", before.version), (true, false), "{off:?}");
        let with = done(&without, "ada", on.clone());
        assert!(may(&with, "cy", MIC));
        assert_eq!(shown_off(&with, "cy", before.version), (true, false), "{off:?}, {on:?}");
        assert_eq!(shown_off(&with, "cy", with.version), (false, false), "what he says now counts");
    }
}

#[test]
fn nobody_else_is_silenced_in_what_is_shown() {
    let before = meeting();
    let cycle = done(&done(&before, "ada", all(MIC, false)), "ada", all(MIC, true));
    assert_eq!(shown_off(&cycle, "bo", before.version), (false, false), "a co-host was never muted");
    let demoted = done(&cycle, "ada", Command::RemoveCohost(user("bo")));
    assert_eq!(shown_off(&demoted, "bo", before.version), (false, false), "and goes on speaking");

    let cy_locked = done(&before, "ada", restrict("cy", MIC, false));
    let lifted = done(&cy_locked, "ada", all(MIC, true));
    assert_eq!(shown_off(&lifted, "di", before.version), (false, false), "nothing was done to Di");

    let off = done(&before, "ada", all(MIC, false));
    let cy_may = done(&off, "ada", restrict("cy", MIC, true));
    let all_may = done(&cy_may, "ada", all(MIC, true));
    assert_eq!(shown_off(&all_may, "cy", cy_may.version), (false, false), "he spoke in between and goes on");
}

#[test]
fn a_demotion_silences_where_participants_may_not() {
    let off = done(&meeting(), "ada", all(MIC, false));
    let demoted = done(&off, "ada", Command::RemoveCohost(user("bo")));
    let on = done(&demoted, "ada", all(MIC, true));
    assert_eq!(shown_off(&on, "bo", off.version), (true, false), "he was silent until he switches it on");
}

#[test]
fn a_policy_that_is_edited_switches_as_the_events_do() {
    let policy = dais_domain::Policy { may_unmute: false, ..dais_domain::Policy::default() };
    let edit = MeetingEdit { policy: Some(policy), ..MeetingEdit::default() };
    let edited = done(&meeting(), "ada", Command::Edit(edit));
    let switched = done(&meeting(), "ada", all(MIC, false));
    assert_eq!((&edited.policy, &edited.moderation), (&switched.policy, &switched.moderation));
}

#[test]
fn whoever_is_removed_loses_his_role_and_does_not_come_back() {
    for name in ["al", "bo", "cy"] {
        let without = done(&meeting(), "ada", Command::Remove(user(name)));
        assert_eq!(without.role_of(&user(name)), Role::Participant);
        assert_eq!(without.admits(&user(name)), Err(Refusal::Removed));
        let promotion = refused(&without, "ada", Command::MakeHost(user(name)));
        assert_eq!(promotion, Refusal::ParticipantNotFound, "no role is given to him");
        assert_eq!(decide(&without, "ada", &Command::Remove(user(name))), Ok(None), "once is enough");

        let back = done(&without, "ada", Command::Readmit(user(name)));
        assert_eq!(back.admits(&user(name)), Ok(()));
        assert_eq!(back.role_of(&user(name)), Role::Participant, "without the role that he had");
    }
}

#[test]
fn a_removal_keeps_name_time_and_who_did_it() {
    let actor = Actor { user_id: user("bo"), name: None };
    let name = dais_domain::DisplayName::new("Cy").ok();
    let at = Timestamp::from_ms(9_000);
    let decision = meeting().decide(&actor, &Command::Remove(user("cy")), name.clone(), at).unwrap().unwrap();
    let removed = &decision.meeting.moderation.removed()[&user("cy")];
    assert_eq!((&removed.name, &removed.by, removed.at), (&name, &user("bo"), at));
    let forgotten = decision.meeting.forget(&user("cy"), at).unwrap().meeting;
    assert_eq!(forgotten.moderation.removed()[&user("cy")].name, None, "his account is deleted, he stays removed");
    assert_eq!(forgotten.forget(&user("cy"), at), None);
    assert_eq!(decision.entry.without_name_of(&user("cy")).change.clone(), {
        dais_domain::Change::Removed { user: user("cy"), name: None, from: Role::Participant }
    });
}

#[test]
fn the_creator_is_a_host_like_others() {
    let without = done(&meeting(), "al", Command::Remove(user("ada")));
    assert_eq!(without.hosts().len(), 1);
    assert_eq!(without.created_by, user("ada"));
    assert_eq!(refused(&without, "al", Command::Remove(user("al"))), Refusal::CannotModerateSelf);
}

#[test]
fn an_ended_meeting_is_not_moderated() {
    let ended = done(&meeting(), "ada", Command::End);
    for command in
        [all(MIC, false), restrict("cy", MIC, false), Command::Remove(user("cy")), Command::Readmit(user("cy"))]
    {
        assert_eq!(refused(&ended, "ada", command), Refusal::MeetingEnded);
    }
}

#[test]
fn doing_it_twice_is_doing_it_once() {
    let mut meeting = meeting();
    for command in [
        all(MIC, false),
        all(CAMERA, false),
        restrict("cy", MIC, true),
        restrict("di", MIC, false),
        Command::Remove(user("ed")),
        Command::Readmit(user("ed")),
        all(MIC, true),
        restrict("di", SCREEN, false),
        restrict("di", SCREEN, true),
    ] {
        meeting = decide(&meeting, "ada", &command).unwrap().unwrap();
        assert_eq!(decide(&meeting, "ada", &command), Ok(None), "{command:?}");
    }
}

#[test]
fn restrictions_and_removals_are_bounded() {
    let mut full = meeting();
    let mut count = 0;
    let refusal = loop {
        match decide(&full, "ada", &restrict(&format!("user_{count:0>30}"), MIC, false)) {
            Ok(next) => full = next.unwrap(),
            Err(refusal) => break refusal,
        }
        count += 1;
    };
    assert_eq!(refusal, Refusal::TooManyRestricted);
    assert_eq!(count, Moderation::MAX_PEOPLE);
    let lifted = done(&full, "ada", restrict(&format!("user_{:0>30}", 7), MIC, true));
    assert!(decide(&lifted, "ada", &restrict("one-more", MIC, false)).is_ok(), "who has his right back makes place");
    assert!(may(&done(&full, "ada", all(MIC, true)), &format!("user_{:0>30}", 9), MIC));

    let mut full = meeting();
    let name = dais_domain::DisplayName::new("ü".repeat(100)).ok();
    let ada = Actor { user_id: user("ada"), name: None };
    let removal = |meeting: &Meeting, count: usize| {
        let command = Command::Remove(user(&format!("{count:0>128}")));
        meeting.decide(&ada, &command, name.clone(), Timestamp::from_ms(3_000))
    };
    let mut count = 0;
    while let Ok(Some(decision)) = removal(&full, count) {
        full = decision.meeting;
        count += 1;
    }
    assert_eq!(removal(&full, count), Err(Refusal::TooManyRemoved));
    assert!(count > 100, "{count} of the longest names");
}
