//! Commands: what they do to a meeting, or why they are refused. The only place where roles are decided.

use crate::{
    Action, Change, DisplayName, InvitationId, LogEntry, Meeting, MeetingEdit, Refusal, Role, Source, Timestamp,
    UserId, moderation::Right, permission,
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
    /// Forbid `user` to publish a source, or allow it again.
    Restrict {
        /// Whom.
        user: UserId,
        /// What.
        source: Source,
        /// He may.
        allowed: bool,
    },
    /// Forbid all participants to publish a source, or allow it again.
    RoomWide {
        /// What.
        source: Source,
        /// They may.
        allowed: bool,
    },
    /// Remove `target` from the room and the meeting.
    Remove(UserId),
    /// Let `target` come back who was removed.
    Readmit(UserId),
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
            Command::Restrict { source: Source::Microphone, .. } => Action::MuteOne,
            Command::Restrict { source: Source::Camera, .. } => Action::CameraOne,
            Command::Restrict { source: Source::Screen, .. } => Action::ScreenShareOne,
            Command::RoomWide { .. } => Action::RoomWide,
            Command::Remove(_) | Command::Readmit(_) => Action::RemoveFromRoom,
        }
    }

    /// The person it is done to.
    pub fn target(&self) -> Option<&UserId> {
        match self {
            Command::MakeHost(user)
            | Command::RemoveHost(user)
            | Command::MakeCohost(user)
            | Command::RemoveCohost(user)
            | Command::Restrict { user, .. }
            | Command::Remove(user)
            | Command::Readmit(user) => Some(user),
            Command::Edit(_) | Command::End | Command::RoomWide { .. } => None,
        }
    }

    /// Whether hosts alone may give it.
    fn is_for_hosts(&self) -> bool {
        !permission::allows(Role::CoHost, self.action(), Role::Participant)
    }

    fn moderates_one(&self) -> bool {
        matches!(self, Command::Restrict { .. } | Command::Remove(_) | Command::Readmit(_))
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
        let role_changed = |target, to| self.role_changed(command, target, target_name.clone(), to);
        let change = match command {
            Command::MakeHost(target) => role_changed(target, Role::Host)?,
            Command::MakeCohost(target) => role_changed(target, Role::CoHost)?,
            Command::RemoveHost(target) | Command::RemoveCohost(target) => role_changed(target, Role::Participant)?,
            Command::Edit(edit) => self.edited(edit),
            Command::End => self.ended_at.is_none().then_some(Change::Ended),
            Command::Restrict { user, source, allowed } => self.restricted(user, *source, *allowed),
            Command::RoomWide { source, allowed } => self.switched(*source, *allowed),
            Command::Remove(user) => self.removed(user, target_name)?,
            Command::Readmit(user) => {
                self.moderation.has_removed(user).then(|| Change::Readmitted { user: user.clone() })
            }
        };
        let Some(decision) = change.map(|change| self.decided(actor, change, now)) else { return Ok(None) };
        match &decision.entry.change {
            Change::Restricted { .. } if !decision.meeting.moderation.has_place() => Err(Refusal::TooManyRestricted),
            Change::Removed { .. } if !decision.meeting.moderation.has_place() => Err(Refusal::TooManyRemoved),
            _ => Ok(Some(decision)),
        }
    }

    /// What the deletion of somebody's account does to the meeting, ended or not: he steps down. The last host keeps his role,
    /// as a meeting never has zero hosts, and loses his name. `None`: nothing of him is here, or no more than that.
    pub fn forget(&self, user: &UserId, now: Timestamp) -> Option<Decision> {
        let forgotten = || Change::Forgotten { user: user.clone() };
        let change = match self.roles.get(user) {
            None => self.moderation.has_name_of(user).then(forgotten)?,
            Some(grant) if grant.role == Role::Host && self.hosts().len() == 1 => {
                grant.name.is_some().then(forgotten)?
            }
            Some(grant) => self.role(user, None, grant.role, Role::Participant, None),
        };
        Some(self.decided(&Actor { user_id: user.clone(), name: None }, change, now))
    }

    /// Whether `actor` may give `command` at all: the permission table and the rules about oneself and ended meetings.
    pub fn authorize(&self, actor: &Actor, command: &Command) -> Result<(), Refusal> {
        let action = command.action();
        let target = command.target();
        let actor_role = self.role_of(&actor.user_id);
        let target_role = target.map_or(Role::Participant, |user| self.role_of(user));
        if actor_role == Role::Participant || (actor_role == Role::CoHost && command.is_for_hosts()) {
            return Err(Refusal::NotAllowed(action));
        }
        if self.ended_at.is_some() && *command != Command::End {
            return Err(Refusal::MeetingEnded);
        }
        if command.promotes() && target == Some(&actor.user_id) {
            return Err(Refusal::CannotTargetSelf);
        }
        if command.moderates_one() && target == Some(&actor.user_id) {
            return Err(Refusal::CannotModerateSelf);
        }
        if !permission::allows(actor_role, action, target_role) {
            return Err(match command {
                Command::MakeCohost(_) => Refusal::TargetAlreadyHost,
                Command::RemoveCohost(_) => Refusal::TargetIsHost,
                _ if command.moderates_one() => Refusal::NotOver { action, target: target_role },
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
        if self.moderation.has_removed(target) {
            return Err(Refusal::ParticipantNotFound);
        }
        let name = target_name.or_else(|| self.roles.get(target).and_then(|grant| grant.name.clone()));
        Ok(Some(self.role(target, name, from, to, None)))
    }

    fn role(
        &self,
        user: &UserId,
        name: Option<DisplayName>,
        from: Role,
        to: Role,
        invitation: Option<InvitationId>,
    ) -> Change {
        Change::Role { user: user.clone(), name, from, to, invitation, rights: self.rights_by_role(user, from, to) }
    }

    fn restricted(&self, user: &UserId, source: Source, allowed: bool) -> Option<Change> {
        let is_so = match allowed {
            true => self.may_publish(user, source).is_ok(),
            false => self.moderation.standing(user, source).right == Right::Locked,
        };
        let exempted = allowed && !self.policy.allows(source) && self.role_of(user) == Role::Participant;
        (!is_so).then(|| Change::Restricted { user: user.clone(), source, allowed, exempted })
    }

    fn switched(&self, source: Source, allowed: bool) -> Option<Change> {
        let policy = self.policy.with(source, allowed);
        self.would_switch(source, allowed).then_some(Change::RoomWide { source, allowed, policy })
    }

    fn removed(&self, user: &UserId, name: Option<DisplayName>) -> Result<Option<Change>, Refusal> {
        if self.moderation.has_removed(user) {
            return Ok(None);
        }
        let from = self.role_of(user);
        if from == Role::Host && self.hosts().len() == 1 {
            return Err(Refusal::LastHost);
        }
        Ok(Some(Change::Removed { user: user.clone(), name, from }))
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
        self.not_removed(&to.user_id)?;
        let from = self.role_of(&to.user_id);
        if from >= role {
            return Ok(None);
        }
        self.has_place_for(from)?;
        let known = || self.roles.get(&to.user_id).and_then(|grant| grant.name.clone());
        let name = to.name.clone().or_else(known);
        let change = self.role(&to.user_id, name, from, role, Some(invitation.clone()));
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
        let is_switched =
            |source: &Source| edit.policy.is_some_and(|policy| policy.allows(*source) != self.policy.allows(*source));
        let switched = Source::ALL.into_iter().filter(is_switched).collect();
        (edit != MeetingEdit::default()).then_some(Change::Edited { edit, switched })
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
