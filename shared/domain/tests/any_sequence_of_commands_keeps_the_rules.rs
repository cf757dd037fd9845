//! Random commands by random people: whatever they are, the log leads to the meeting, a host is left, and rights are what a
//! plain model says they are.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};

use dais_domain::{
    Actor, Change, Command, Description, LogEntry, MediaState, Meeting, MeetingId, Role, Source, Timestamp, UserId,
    Version, permission,
};
use proptest::{collection::vec, prelude::*};

fn user(number: usize) -> UserId {
    UserId::new(format!("user_{}", number % 5)).unwrap()
}

fn source() -> impl Strategy<Value = Source> {
    prop_oneof![Just(Source::Microphone), Just(Source::Camera), Just(Source::Screen)]
}

fn command() -> impl Strategy<Value = Command> {
    let who = || (0..5_usize).prop_map(user);
    prop_oneof![
        who().prop_map(Command::MakeHost),
        who().prop_map(Command::RemoveHost),
        who().prop_map(Command::MakeCohost),
        who().prop_map(Command::RemoveCohost),
        (who(), source(), any::<bool>()).prop_map(|(user, source, allowed)| Command::Restrict {
            user,
            source,
            allowed
        }),
        (source(), any::<bool>()).prop_map(|(source, allowed)| Command::RoomWide { source, allowed }),
        who().prop_map(Command::Remove),
        who().prop_map(Command::Readmit),
    ]
}

/// What the rules say in words, kept as plainly as possible.
#[derive(Default)]
struct Model {
    off: BTreeSet<Source>,
    locked: BTreeSet<(UserId, Source)>,
    allowed: BTreeSet<(UserId, Source)>,
    removed: BTreeSet<UserId>,
    /// Whose microphone and camera are on: switched on by himself, and not forbidden since.
    on: BTreeSet<(UserId, Source)>,
    /// When he last switched it on.
    said: BTreeMap<(UserId, Source), Version>,
}

impl Model {
    fn may(&self, meeting: &Meeting, user: &UserId, source: Source) -> bool {
        let key = (user.clone(), source);
        let exempt = meeting.role_of(user) != Role::Participant;
        !self.locked.contains(&key) && (exempt || !self.off.contains(&source) || self.allowed.contains(&key))
    }

    fn after(&mut self, before: &Meeting, command: &Command) {
        match command.clone() {
            Command::Restrict { user, source, allowed } => {
                let key = (user.clone(), source);
                if allowed {
                    self.locked.remove(&key);
                    if self.off.contains(&source) && before.role_of(&user) == Role::Participant {
                        self.allowed.insert(key);
                    }
                } else {
                    self.allowed.remove(&key);
                    self.locked.insert(key);
                }
            }
            Command::RoomWide { source, allowed } => {
                let keeps = |(user, of): &(UserId, Source)| *of != source || before.role_of(user) != Role::Participant;
                self.allowed.retain(keeps);
                if allowed {
                    self.off.remove(&source);
                    self.locked.retain(keeps);
                } else {
                    self.off.insert(source);
                }
            }
            Command::MakeHost(user) | Command::MakeCohost(user) => self.allowed.retain(|(of, _)| *of != user),
            Command::Remove(user) => drop(self.removed.insert(user)),
            Command::Readmit(user) => drop(self.removed.remove(&user)),
            Command::RemoveHost(_) | Command::RemoveCohost(_) | Command::Edit(_) | Command::End => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_rules_hold(steps in vec((0..5_usize, command(), any::<u8>()), 1..60)) {
        let id = MeetingId::new("m").unwrap();
        let description = Description::new("x").unwrap();
        let (mut meeting, first) =
            Meeting::create(id.clone(), user(0), None, description, Timestamp::from_ms(1), Timestamp::from_ms(1));
        let mut log: Vec<LogEntry> = vec![first];
        let mut model = Model::default();
        for (by, command, speaks) in steps {
            let actor = Actor { user_id: user(by), name: None };
            // Who was removed is not in the room: nobody asks in his name.
            if meeting.moderation.has_removed(&actor.user_id) {
                continue;
            }
            let roles = (meeting.role_of(&actor.user_id), command.target().map_or(Role::Participant, |user| meeting.role_of(user)));
            let decided = meeting.decide(&actor, &command, None, Timestamp::from_ms(2));
            if decided.is_ok() {
                prop_assert!(permission::allows(roles.0, command.action(), roles.1));
            }
            if let Ok(Some(decision)) = decided {
                model.after(&meeting, &command);
                meeting = decision.meeting;
                let text = serde_json::to_string(&decision.entry).unwrap();
                let entry: LogEntry = serde_json::from_str(&text).unwrap();
                prop_assert_eq!(&entry, &decision.entry);
                if let Change::Removed { user, .. } = &entry.change {
                    prop_assert_eq!(meeting.role_of(user), Role::Participant);
                }
                log.push(entry);
            }
            prop_assert!(!meeting.hosts().is_empty());
            prop_assert!(meeting.roles.keys().all(|user| !meeting.moderation.has_removed(user)));
            for person in (0..5).map(user) {
                prop_assert_eq!(meeting.moderation.has_removed(&person), model.removed.contains(&person));
                for source in Source::ALL {
                    let may = model.may(&meeting, &person, source);
                    prop_assert_eq!(meeting.may_publish(&person, source).is_ok(), may, "{} {:?}", person, source);
                    let key = (person.clone(), source);
                    if !may {
                        model.on.remove(&key);
                    } else if speaks % 3 == 0 && model.on.insert(key.clone()) {
                        model.said.insert(key, meeting.version);
                    }
                }
                for source in [Source::Microphone, Source::Camera] {
                    let key = (person.clone(), source);
                    let Some(as_of) = model.said.get(&key).copied() else { continue };
                    let said = MediaState { is_audio_muted: false, is_video_paused: false, audio_as_of: as_of, video_as_of: as_of };
                    let shown = meeting.shown(&person, said);
                    let off = if source == Source::Microphone { shown.is_audio_muted } else { shown.is_video_paused };
                    prop_assert_eq!(off, !model.on.contains(&key), "{} {:?} said so at {}", person, source, as_of);
                }
            }
        }
        prop_assert_eq!(Meeting::replay(id, &log), Some(meeting));
    }
}
