//! What happens in one case: who does what, what goes wrong, and in which order everything runs.

use proptest::{collection::vec, prelude::*};

/// One case. Zeros are the simplest choice everywhere, so that failures shrink to short stories.
#[derive(Debug, Clone)]
pub struct Script {
    /// The meeting starts in so many days.
    pub starts_in_days: u64,
    pub events: Vec<Event>,
    /// Invocations that run at the same time.
    pub window: usize,
    /// Of 256 operations on the table, so many fail.
    pub storm: usize,
    pub fates: Vec<u8>,
    /// How the mail service fares, letter by letter.
    pub mail: Vec<u8>,
    pub schedule: Vec<u8>,
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
    /// The same request comes twice at once.
    AtOnce,
    /// And once more when everything else has begun.
    Late,
}

/// Numbers are taken modulo how many there are when it begins.
#[derive(Debug, Clone, Copy)]
pub enum Act {
    Invite {
        by: usize,
        address: usize,
        cohost: bool,
    },
    Resend {
        by: usize,
        invitation: usize,
    },
    Revoke {
        by: usize,
        invitation: usize,
    },
    Accept {
        by: usize,
        letter: usize,
    },
    Decline {
        by: usize,
        letter: usize,
    },
    MakeHost {
        by: usize,
        target: usize,
    },
    RemoveHost {
        by: usize,
        target: usize,
    },
    End {
        by: usize,
    },
    Courier,
    /// What comes after this comes so many days later.
    Wait {
        days: u64,
    },
}

fn act() -> impl Strategy<Value = Act> {
    let (host, person, which) = (0..2_usize, 0..4_usize, 0..6_usize);
    prop_oneof![
        6 => (host.clone(), 0..4_usize, any::<bool>())
            .prop_map(|(by, address, cohost)| Act::Invite { by, address, cohost }),
        3 => (host.clone(), which.clone()).prop_map(|(by, invitation)| Act::Resend { by, invitation }),
        3 => (host.clone(), which.clone()).prop_map(|(by, invitation)| Act::Revoke { by, invitation }),
        8 => (person.clone(), which.clone()).prop_map(|(by, letter)| Act::Accept { by, letter }),
        3 => (person.clone(), which).prop_map(|(by, letter)| Act::Decline { by, letter }),
        2 => (host.clone(), person.clone()).prop_map(|(by, target)| Act::MakeHost { by, target }),
        3 => (host.clone(), person).prop_map(|(by, target)| Act::RemoveHost { by, target }),
        1 => host.prop_map(|by| Act::End { by }),
        4 => Just(Act::Courier),
        1 => (1..=8_u64).prop_map(|days| Act::Wait { days }),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let copy = prop_oneof![6 => Just(Copied::No), 1 => Just(Copied::AtOnce), 1 => Just(Copied::Late)];
    let dies_after = prop_oneof![5 => Just(None), 1 => (0..24_usize).prop_map(Some)];
    (act(), copy, dies_after).prop_map(|(act, copy, dies_after)| Event { act, copy, dies_after })
}

pub fn script() -> impl Strategy<Value = Script> {
    (
        prop_oneof![Just(0_u64), 1..=5_u64],
        vec(event(), 1..=8),
        1..=5_usize,
        prop_oneof![Just(0_usize), 0..48_usize],
        vec(any::<u8>(), 0..40),
        vec(any::<u8>(), 0..8),
        vec(any::<u8>(), 0..120),
    )
        .prop_map(|(starts_in_days, events, window, storm, fates, mail, schedule)| Script {
            starts_in_days,
            events,
            window,
            storm,
            fates,
            mail,
            schedule,
        })
}
