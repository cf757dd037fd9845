//! What happens in one case: who is there, what they do, what goes wrong, and in which order everything runs.

use dais_domain::{Command, Role, UserId};
use proptest::{collection::vec, prelude::*};

/// One case. Zeros are the simplest choice everywhere, so that failures shrink to short stories.
#[derive(Debug, Clone)]
pub struct Script {
    /// The first one is the creator.
    pub people: Vec<Person>,
    pub events: Vec<Event>,
    /// Invocations that run at the same time.
    pub window: usize,
    /// Of 256 operations on the table, so many fail.
    pub storm: usize,
    pub fates: Vec<u8>,
    pub schedule: Vec<u8>,
}

#[derive(Debug, Clone)]
pub struct Person {
    pub role: Role,
    pub tabs: usize,
    /// All tabs are in the room when it begins.
    pub inside: bool,
    /// The leases of the tabs are due when it begins.
    pub due: bool,
}

#[derive(Debug, Clone)]
pub struct Event {
    pub act: Act,
    pub copy: Copied,
    /// The invocation dies when it has been polled so often.
    pub dies_after: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copied {
    No,
    /// The same event comes twice at once.
    AtOnce,
    /// And once more when everything else has begun.
    Late,
}

/// Numbers of tabs and people are taken modulo how many there are.
#[derive(Debug, Clone, Copy)]
pub enum Act {
    Role { tab: usize, verb: Verb, target: usize },
    Join { tab: usize },
    Leave { tab: usize },
    Disconnect { tab: usize, told: bool, deliberate: bool },
    Heartbeat { pongs_lost: bool },
}

#[derive(Debug, Clone, Copy)]
pub enum Verb {
    MakeHost,
    RemoveHost,
    MakeCohost,
    RemoveCohost,
}

impl Verb {
    pub fn name(self) -> &'static str {
        match self {
            Verb::MakeHost => "make-host",
            Verb::RemoveHost => "remove-host",
            Verb::MakeCohost => "make-cohost",
            Verb::RemoveCohost => "remove-cohost",
        }
    }

    pub fn command(self, target: UserId) -> Command {
        match self {
            Verb::MakeHost => Command::MakeHost(target),
            Verb::RemoveHost => Command::RemoveHost(target),
            Verb::MakeCohost => Command::MakeCohost(target),
            Verb::RemoveCohost => Command::RemoveCohost(target),
        }
    }
}

fn verb() -> impl Strategy<Value = Verb> {
    prop_oneof![
        3 => Just(Verb::RemoveHost),
        3 => Just(Verb::MakeHost),
        2 => Just(Verb::MakeCohost),
        2 => Just(Verb::RemoveCohost),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let tab = 0..12_usize;
    prop_oneof![
        10 => (tab.clone(), verb(), 0..6_usize).prop_map(|(tab, verb, target)| Act::Role { tab, verb, target }),
        3 => tab.clone().prop_map(|tab| Act::Join { tab }),
        2 => tab.clone().prop_map(|tab| Act::Leave { tab }),
        2 => (tab, any::<bool>(), any::<bool>())
            .prop_map(|(tab, told, deliberate)| Act::Disconnect { tab, told, deliberate }),
        1 => any::<bool>().prop_map(|pongs_lost| Act::Heartbeat { pongs_lost }),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let copy = prop_oneof![6 => Just(Copied::No), 1 => Just(Copied::AtOnce), 1 => Just(Copied::Late)];
    let dies_after = prop_oneof![5 => Just(None), 1 => (0..14_usize).prop_map(Some)];
    (act(), copy, dies_after).prop_map(|(act, copy, dies_after)| Event { act, copy, dies_after })
}

fn person() -> impl Strategy<Value = Person> {
    let role = prop_oneof![3 => Just(Role::Participant), 3 => Just(Role::Host), 1 => Just(Role::CoHost)];
    let inside = prop_oneof![4 => Just(true), 1 => Just(false)];
    (role, 1..=2_usize, inside, any::<bool>()).prop_map(|(role, tabs, inside, due)| Person { role, tabs, inside, due })
}

pub fn script() -> impl Strategy<Value = Script> {
    (
        vec(person(), 3..=6),
        vec(event(), 1..=9),
        1..=6_usize,
        prop_oneof![Just(0_usize), 0..64_usize],
        vec(any::<u8>(), 0..40),
        vec(any::<u8>(), 0..120),
    )
        .prop_map(|(people, events, window, storm, fates, schedule)| Script {
            people,
            events,
            window,
            storm,
            fates,
            schedule,
        })
}
