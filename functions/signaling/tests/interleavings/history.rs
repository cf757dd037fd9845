//! What was so when, and whether it justifies what somebody was told.

use std::collections::{BTreeMap, BTreeSet};

use dais_domain::{Command, ConnectionId, Refusal, Role, RoomView, UserId, Version};

/// The state of the table from one step on.
#[derive(Debug, Clone)]
pub struct Moment {
    pub step: usize,
    pub version: Version,
    pub roles: BTreeMap<UserId, Role>,
    /// Connections in the room, and whose they are.
    pub inside: BTreeMap<ConnectionId, UserId>,
    pub closed: BTreeSet<ConnectionId>,
}

impl Moment {
    pub fn new(step: usize, view: &RoomView, closed: BTreeSet<ConnectionId>) -> Self {
        let roles = view.meeting.roles.iter().map(|(user, grant)| (user.clone(), grant.role)).collect();
        let inside = view.presences.iter().map(|there| (there.connection_id.clone(), there.user_id.clone())).collect();
        Self { step, version: view.meeting.version, roles, inside, closed }
    }

    pub fn role(&self, user: &UserId) -> Role {
        self.roles.get(user).copied().unwrap_or(Role::Participant)
    }

    pub fn hosts(&self) -> usize {
        self.roles.values().filter(|role| **role == Role::Host).count()
    }

    fn has(&self, user: &UserId) -> bool {
        self.inside.values().any(|inside| inside == user)
    }
}

/// What an invocation was asked to do.
#[derive(Debug, Clone)]
pub enum Asked {
    Join,
    Leave,
    Role(Command),
}

impl Asked {
    fn command(&self) -> Option<&Command> {
        match self {
            Asked::Role(command) => Some(command),
            Asked::Join | Asked::Leave => None,
        }
    }
}

/// One invocation that has answered.
#[derive(Debug, Clone)]
pub struct Run {
    pub connection: ConnectionId,
    pub user: UserId,
    pub asked: Asked,
    /// Copies of an event have the same number.
    pub event: usize,
    pub first_step: usize,
    pub last_step: usize,
    /// Changes of the meeting that it wrote.
    pub writes: usize,
    /// Changes that others wrote meanwhile.
    pub overtaken: usize,
    /// One of those was written by another copy of the same event.
    pub by_copy: bool,
    /// Operations that failed for it.
    pub failures: usize,
    pub refusal: Option<Refusal>,
}

/// Tries before `busy`, as the handler documents them.
const TRIES: usize = 12;

impl Run {
    /// Whether its answer was true at some moment while it ran.
    pub fn check(&self, moments: &[Moment]) -> Result<(), String> {
        let mut during = moments
            .iter()
            .enumerate()
            .filter(|(at, moment)| {
                let begins_before_end = moment.step <= self.last_step;
                let ends_after_begin = moments.get(at + 1).is_none_or(|next| next.step > self.first_step);
                begins_before_end && ends_after_begin
            })
            .map(|(_, moment)| moment);
        let justified = match &self.refusal {
            // After a failed write nobody can tell, nor need to, which of two copies has done it.
            None if self.by_copy && self.failures > 0 => true,
            None => self.writes == 1 || during.any(|moment| self.already_so(moment)),
            Some(Refusal::Unavailable) => self.failures > 0,
            Some(Refusal::Busy) if matches!(self.asked, Asked::Join) => during.any(|moment| !self.inside(moment)),
            Some(Refusal::Busy) => self.failures + self.overtaken >= TRIES,
            // Whoever is refused has changed nothing.
            Some(refusal) => self.writes == 0 && during.any(|moment| self.refuses(moment, refusal)),
        };
        if justified { Ok(()) } else { Err(format!("nothing justifies the answer of {self:#?}")) }
    }

    fn inside(&self, moment: &Moment) -> bool {
        moment.inside.contains_key(&self.connection)
    }

    /// What it wanted was so; a command that changed nothing was allowed besides.
    fn already_so(&self, moment: &Moment) -> bool {
        let command = match &self.asked {
            Asked::Join => return self.inside(moment),
            Asked::Leave => return !self.inside(moment),
            Asked::Role(command) => command,
        };
        let allowed = moment.role(&self.user) == Role::Host && self.inside(moment);
        let Some(target) = command.target() else { return false };
        let role = moment.role(target);
        let so = match command {
            Command::MakeHost(_) => role == Role::Host,
            Command::RemoveHost(_) => role != Role::Host,
            Command::MakeCohost(_) => role == Role::CoHost,
            Command::RemoveCohost(_) => role == Role::Participant,
            _ => false,
        };
        allowed && so
    }

    /// What the refusal says, looked up in the moment alone.
    fn refuses(&self, moment: &Moment, refusal: &Refusal) -> bool {
        let command = self.asked.command();
        let target = command.and_then(Command::target);
        let host = moment.role(&self.user) == Role::Host;
        match refusal {
            Refusal::NotAuthenticated => moment.closed.contains(&self.connection),
            Refusal::RoomNotFound => !self.inside(moment),
            Refusal::NotAllowed(action) => !host && command.map(Command::action) == Some(*action),
            Refusal::ParticipantNotFound => target.is_some_and(|target| !moment.has(target)),
            Refusal::CannotTargetSelf => {
                let promotes = matches!(command, Some(Command::MakeHost(_) | Command::MakeCohost(_)));
                host && promotes && target == Some(&self.user)
            }
            Refusal::TargetAlreadyHost => {
                matches!(command, Some(Command::MakeCohost(target)) if moment.role(target) == Role::Host)
            }
            Refusal::TargetIsHost => {
                matches!(command, Some(Command::RemoveCohost(target)) if moment.role(target) == Role::Host)
            }
            Refusal::LastHost => {
                let last = |target: &UserId| moment.role(target) == Role::Host && moment.hosts() == 1;
                matches!(command, Some(Command::RemoveHost(target)) if last(target))
            }
            _ => false,
        }
    }
}
