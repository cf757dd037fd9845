//! Commands: what they do to a meeting, or why they are refused. The only place where roles are decided.

use crate::{
    Action, Change, DisplayName, InvitationId, LogEntry, Meeting, MeetingEdit, Refusal, Role, Timestamp, UserId,
    permission,
};

/// Who gives a command: from a verified token, never from a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// His user id.
    pub user_id: UserId,
    /// His name, if known.
    pub name: Option<DisplayName>,
}

/// A command on the durable state of a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Make `target` a host.
    MakeHost(UserId),
    /// Take the host role from `target`; the actor himself steps down.
    RemoveHost(UserId),
    /// Make `target` a co-host.
    MakeCohost(UserId),
    /// Take the co-host role from `target`.
    RemoveCohost(UserId),
    /// Change description, start or policy.
    Edit(MeetingEdit),
    /// End the meeting for everybody.
    End,
}

/// A change that is allowed and changes something. It holds until somebody else changes the meeting first:
/// it must be written on condition that the stored version is still `entry.version - 1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The meeting after the change.
    pub meeting: Meeting,
    /// The log entry of its version.
    pub entry: LogEntry,
}

impl Command {
    /// The row of the permission table.
    pub fn action(&self) -> Action {
        match self {
            Command::MakeHost(_) => Action::MakeHost,
            Command::RemoveHost(_) => Action::RemoveHost,
            Command::MakeCohost(_) => Action::MakeCohost,
            Command::RemoveCohost(_) => Action::RemoveCohost,
            Command::Edit(_) => Action::EditMeeting,
            Command::End => Action::EndMeeting,
        }
    }

    /// The person it is done to.
    pub fn target(&self) -> Option<&UserId> {
        match self {
            Command::MakeHost(user)
            | Command::RemoveHost(user)
            | Command::MakeCohost(user)
            | Command::RemoveCohost(user) => Some(user),
            Command::Edit(_) | Command::End => None,
        }
    }

    /// The role that the target has afterwards.
    fn role_after(&self) -> Option<Role> {
        match self {
            Command::MakeHost(_) => Some(Role::Host),
            Command::MakeCohost(_) => Some(Role::CoHost),
            Command::RemoveHost(_) | Command::RemoveCohost(_) => Some(Role::Participant),
            Command::Edit(_) | Command::End => None,
        }
    }

    fn promotes(&self) -> bool {
        matches!(self, Command::MakeHost(_) | Command::MakeCohost(_))
    }
}

impl Meeting {
    /// Decides `command`. `Ok(None)`: allowed, and already so; nothing is written, as the command may have run before.
    ///
    /// `target_name` is kept beside a new role so that hosts can be listed by name.
    pub fn decide(
        &self,
        actor: &Actor,
        command: &Command,
        target_name: Option<DisplayName>,
        now: Timestamp,
    ) -> Result<Option<Decision>, Refusal> {
        self.authorize(actor, command)?;
        let change = match (command, command.target(), command.role_after()) {
            (Command::Edit(edit), ..) => self.edited(edit),
            (Command::End, ..) => self.ended_at.is_none().then_some(Change::Ended),
            (_, Some(target), Some(to)) => self.role_changed(command, target, target_name, to)?,
            (_, None, _) | (_, _, None) => None,
        };
        Ok(change.map(|change| self.decided(actor, change, now)))
    }

    /// What the deletion of somebody's account does to the meeting, ended or not: he steps down. The last host keeps his role,
    /// as a meeting never has zero hosts, and loses his name. `None`: nothing of him is here, or no more than that.
    pub fn forget(&self, user: &UserId, now: Timestamp) -> Option<Decision> {
        let grant = self.roles.get(user)?;
        let is_last_host = grant.role == Role::Host && self.hosts().len() == 1;
        let change = match (is_last_host, &grant.name) {
            (false, _) => Change::Role {
                user: user.clone(),
                name: None,
                from: grant.role,
                to: Role::Participant,
                invitation: None,
            },
            (true, Some(_)) => Change::Forgotten { user: user.clone() },
            (true, None) => return None,
        };
        Some(self.decided(&Actor { user_id: user.clone(), name: None }, change, now))
    }

    /// Whether `actor` may give `command` at all: the permission table and the rules about oneself and ended meetings.
    pub fn authorize(&self, actor: &Actor, command: &Command) -> Result<(), Refusal> {
        let action = command.action();
        let target = command.target();
        let actor_role = self.role_of(&actor.user_id);
        let target_role = target.map_or(Role::Participant, |user| self.role_of(user));
        if actor_role != Role::Host {
            return Err(Refusal::NotAllowed(action));
        }
        if self.ended_at.is_some() && *command != Command::End {
            return Err(Refusal::MeetingEnded);
        }
        if command.promotes() && target == Some(&actor.user_id) {
            return Err(Refusal::CannotTargetSelf);
        }
        if !permission::allows(actor_role, action, target_role) {
            return Err(match command {
                Command::MakeCohost(_) => Refusal::TargetAlreadyHost,
                Command::RemoveCohost(_) => Refusal::TargetIsHost,
                _ => Refusal::NotAllowed(action),
            });
        }
        Ok(())
    }

    fn role_changed(
        &self,
        command: &Command,
        target: &UserId,
        target_name: Option<DisplayName>,
        to: Role,
    ) -> Result<Option<Change>, Refusal> {
        let from = self.role_of(target);
        let nothing_to_take = matches!(command, Command::RemoveHost(_)) && from != Role::Host;
        if from == to || nothing_to_take {
            return Ok(None);
        }
        if from == Role::Host && self.hosts().len() == 1 {
            return Err(Refusal::LastHost);
        }
        self.has_place_for(from)?;
        let name = target_name.or_else(|| self.roles.get(target).and_then(|grant| grant.name.clone()));
        Ok(Some(Change::Role { user: target.clone(), name, from, to, invitation: None }))
    }

    /// Whether somebody with this role may get a higher one.
    fn has_place_for(&self, from: Role) -> Result<(), Refusal> {
        if from == Role::Participant && self.roles.len() >= Meeting::MAX_ROLES {
            return Err(Refusal::TooManyRoles { max: Meeting::MAX_ROLES });
        }
        Ok(())
    }

    /// Gives `to` what an accepted invitation carries, in the name of `inviter`, who must still be allowed to.
    /// `Ok(None)`: he has that role or a higher one.
    pub(crate) fn granted(
        &self,
        inviter: &Actor,
        to: &Actor,
        role: Role,
        invitation: &InvitationId,
        now: Timestamp,
    ) -> Result<Option<Decision>, Refusal> {
        self.may_invite(&inviter.user_id)?;
        let from = self.role_of(&to.user_id);
        if from >= role {
            return Ok(None);
        }
        self.has_place_for(from)?;
        let known = || self.roles.get(&to.user_id).and_then(|grant| grant.name.clone());
        let change = Change::Role {
            user: to.user_id.clone(),
            name: to.name.clone().or_else(known),
            from,
            to: role,
            invitation: Some(invitation.clone()),
        };
        Ok(Some(self.decided(inviter, change, now)))
    }

    /// Whether a user may invite hosts and co-hosts now, and look after the invitations.
    pub fn may_invite(&self, user: &UserId) -> Result<(), Refusal> {
        self.may_see_invitations(user)?;
        if self.ended_at.is_some() { Err(Refusal::MeetingEnded) } else { Ok(()) }
    }

    /// Whether a user may see who is invited.
    pub fn may_see_invitations(&self, user: &UserId) -> Result<(), Refusal> {
        if permission::allows(self.role_of(user), Action::InviteHost, Role::Participant) {
            return Ok(());
        }
        Err(Refusal::NotAllowed(Action::InviteHost))
    }

    fn edited(&self, edit: &MeetingEdit) -> Option<Change> {
        let edit = MeetingEdit {
            description: edit.description.clone().filter(|description| *description != self.description),
            starts_at: edit.starts_at.filter(|starts_at| *starts_at != self.starts_at),
            policy: edit.policy.filter(|policy| *policy != self.policy),
        };
        (edit != MeetingEdit::default()).then_some(Change::Edited(edit))
    }

    fn decided(&self, actor: &Actor, change: Change, now: Timestamp) -> Decision {
        let entry = LogEntry {
            version: self.version.next(),
            at: now,
            by: actor.user_id.clone(),
            by_name: actor.name.clone(),
            change,
        };
        let mut meeting = self.clone();
        meeting.apply(&entry);
        Decision { meeting, entry }
    }
}
