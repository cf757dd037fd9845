//! The meeting: the durable thing. Its room is in [`crate::room`].

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::{
    Change, Description, DisplayName, LogEntry, MeetingId, Moderation, Refusal, Removal, Role, Timestamp, UserId,
};

/// A number per meeting, one more with each change of durable state. Orders everything: the log, the events, recovery.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub u64);

impl Version {
    /// The version of a meeting that has just been created.
    pub const FIRST: Self = Self(1);

    /// The version after this one.
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

/// A role that somebody holds, with what is needed to show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleGrant {
    /// Host or co-host.
    pub role: Role,
    /// The holder's name when he got it, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<DisplayName>,
    /// Since when.
    pub since: Timestamp,
}

/// Room-wide switches; they hold for those who join later too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Policy {
    /// People join with the microphone off.
    pub muted_on_entry: bool,
    /// Participants may switch their microphone on.
    pub may_unmute: bool,
    /// Participants may switch their camera on.
    pub may_start_video: bool,
    /// Participants may share their screen.
    pub may_share_screen: bool,
    /// Nobody new may join but hosts and co-hosts.
    pub locked: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self { muted_on_entry: true, may_unmute: true, may_start_video: true, may_share_screen: true, locked: false }
    }
}

/// What an edit changes; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MeetingEdit {
    /// New description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
    /// New start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Timestamp>,
    /// New policy, whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
}

/// A meeting at one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meeting {
    /// Chosen by the creator or generated; also the id of the room.
    pub id: MeetingId,
    /// The first host. Never changes, and gives no right by itself.
    pub created_by: UserId,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it starts. May lie in the past.
    pub starts_at: Timestamp,
    /// What it is about.
    pub description: Description,
    /// Hosts and co-hosts; at least one host, at most [`Meeting::MAX_ROLES`] entries.
    pub roles: BTreeMap<UserId, RoleGrant>,
    /// Room-wide switches.
    pub policy: Policy,
    /// Who may not publish what, and who may not come back.
    pub moderation: Moderation,
    /// When it was ended for all, if it was.
    pub ended_at: Option<Timestamp>,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// Of this state.
    pub version: Version,
}

impl Meeting {
    /// Most hosts and co-hosts together. With names of 100 characters this keeps the item under 200 KB of DynamoDB's 400 KB.
    pub const MAX_ROLES: usize = 500;

    /// A new meeting with its first log entry. The creator is its first host.
    pub fn create(
        id: MeetingId,
        creator: UserId,
        creator_name: Option<DisplayName>,
        description: Description,
        starts_at: Timestamp,
        now: Timestamp,
    ) -> (Self, LogEntry) {
        let roles =
            BTreeMap::from([(creator.clone(), RoleGrant { role: Role::Host, name: creator_name.clone(), since: now })]);
        let change = Change::Created { description: description.clone(), starts_at };
        let entry = LogEntry { version: Version::FIRST, at: now, by: creator.clone(), by_name: creator_name, change };
        let meeting = Self {
            id,
            created_by: creator,
            created_at: now,
            starts_at,
            description,
            roles,
            policy: Policy::default(),
            moderation: Moderation::default(),
            ended_at: None,
            changed_at: now,
            version: Version::FIRST,
        };
        (meeting, entry)
    }

    /// The state that a whole log leads to, or `None` when the log has a gap or does not begin with the creation.
    pub fn replay<'a>(id: MeetingId, entries: impl IntoIterator<Item = &'a LogEntry>) -> Option<Self> {
        let mut entries = entries.into_iter();
        let first = entries.next()?;
        let Change::Created { description, starts_at } = &first.change else { return None };
        let (by, name) = (first.by.clone(), first.by_name.clone());
        let (mut meeting, _) = Self::create(id, by, name, description.clone(), *starts_at, first.at);
        for entry in entries {
            if entry.version != meeting.version.next() {
                return None;
            }
            meeting.apply(entry);
        }
        Some(meeting)
    }

    /// What one log entry does to the state. The only place where a meeting changes.
    pub(crate) fn apply(&mut self, entry: &LogEntry) {
        match &entry.change {
            Change::Created { .. } => {}
            Change::Role { user, name, to, .. } => self.apply_role(user, entry.version, |meeting| match to {
                Role::Participant => {
                    meeting.roles.remove(user);
                }
                role => {
                    let grant = RoleGrant { role: *role, name: name.clone(), since: entry.at };
                    meeting.roles.insert(user.clone(), grant);
                }
            }),
            Change::Edited { edit, switched } => {
                if let Some(description) = &edit.description {
                    self.description = description.clone();
                }
                self.starts_at = edit.starts_at.unwrap_or(self.starts_at);
                if let Some(policy) = edit.policy {
                    for source in switched {
                        self.apply_room_wide(*source, policy.allows(*source), entry.version);
                    }
                    self.policy = policy;
                }
            }
            Change::Ended => self.ended_at = Some(entry.at),
            Change::Forgotten { user } => {
                if let Some(grant) = self.roles.get_mut(user) {
                    grant.name = None;
                }
                self.moderation.forget_name_of(user);
            }
            Change::Restricted { user, source, allowed, .. } => {
                self.apply_right(user, *source, *allowed, entry.version);
            }
            Change::RoomWide { source, allowed, .. } => self.apply_room_wide(*source, *allowed, entry.version),
            Change::Removed { user, name, .. } => {
                let removal = Removal { name: name.clone(), by: entry.by.clone(), at: entry.at };
                self.apply_removal(user, removal, entry.version);
            }
            Change::Readmitted { user } => self.apply_readmission(user),
        }
        self.changed_at = entry.at;
        self.version = entry.version;
    }

    /// The role of a user.
    pub fn role_of(&self, user: &UserId) -> Role {
        self.roles.get(user).map_or(Role::Participant, |grant| grant.role)
    }

    /// Whether a user who is in the room may stay. A room that is locked keeps those who are in it.
    pub fn keeps(&self, user: &UserId) -> Result<(), Refusal> {
        if self.ended_at.is_some() {
            return Err(Refusal::MeetingEnded);
        }
        self.not_removed(user)
    }

    /// Whether a user may come into the room now.
    pub fn admits(&self, user: &UserId) -> Result<(), Refusal> {
        self.keeps(user)?;
        if self.policy.locked && self.role_of(user) == Role::Participant {
            return Err(Refusal::RoomLocked);
        }
        Ok(())
    }

    /// The hosts, in the order in which they became hosts.
    pub fn hosts(&self) -> Vec<(&UserId, &RoleGrant)> {
        self.holders(Role::Host)
    }

    /// The co-hosts, in the order in which they became co-hosts.
    pub fn cohosts(&self) -> Vec<(&UserId, &RoleGrant)> {
        self.holders(Role::CoHost)
    }

    fn holders(&self, role: Role) -> Vec<(&UserId, &RoleGrant)> {
        let mut holders: Vec<_> = self.roles.iter().filter(|(_, grant)| grant.role == role).collect();
        holders.sort_by_key(|(_, grant)| grant.since);
        holders
    }
}
