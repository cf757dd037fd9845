//! What moderation leaves behind in a meeting: who may not publish what, and who may not come back.
//!
//! What is shown of somebody's microphone is what he says of it, and he can only say so while he is allowed to. What he said
//! before a right was taken from him counts no more, also when he gets it back: nobody is shown as speaking because of a
//! switch. So each restriction remembers its version, and each statement the one under which it was made.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{DisplayName, MediaState, Meeting, Policy, Refusal, Restriction, Role, Source, Timestamp, UserId, Version};

/// One value for each source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "T: Default + PartialEq + Serialize + serde::de::DeserializeOwned")]
pub struct PerSource<T> {
    #[serde(default, skip_serializing_if = "is_default")]
    microphone: T,
    #[serde(default, skip_serializing_if = "is_default")]
    camera: T,
    #[serde(default, skip_serializing_if = "is_default")]
    screen: T,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl<T: Copy> PerSource<T> {
    /// That of one source.
    pub fn get(&self, source: Source) -> T {
        match source {
            Source::Microphone => self.microphone,
            Source::Camera => self.camera,
            Source::Screen => self.screen,
        }
    }

    fn set(&mut self, source: Source, value: T) {
        match source {
            Source::Microphone => self.microphone = value,
            Source::Camera => self.camera = value,
            Source::Screen => self.screen = value,
        }
    }
}

/// What was decided for one person and one source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Right {
    /// Nothing: as for everybody else.
    #[default]
    Policy,
    /// He may not, whatever others may and whatever his role is.
    Locked,
    /// He may, although participants may not.
    Allowed,
}

/// How somebody stands with one source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// What was decided for him.
    #[serde(default, skip_serializing_if = "is_default")]
    pub right: Right,
    /// What he said before this counts no more.
    #[serde(default, skip_serializing_if = "is_default")]
    silent_before: Version,
    /// When this was last looked at. Room-wide switches of later versions come on top.
    #[serde(default, skip_serializing_if = "is_default")]
    at: Version,
}

/// Somebody who was removed from a meeting and may not come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// His name then, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<DisplayName>,
    /// Who did it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// The part of a meeting that moderation changes, beside its policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moderation {
    /// How people stand for whom something was decided, by hand or by a change of role.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    people: BTreeMap<UserId, PerSource<Standing>>,
    /// When participants were last silenced room-wide.
    #[serde(default, skip_serializing_if = "is_default")]
    silenced: PerSource<Version>,
    /// Who was removed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    removed: BTreeMap<UserId, Removal>,
}

impl Moderation {
    /// Most people for whom something may be decided by hand, and most who may be removed.
    pub const MAX_PEOPLE: usize = 500;
    /// Most bytes in the table, roughly. Ids of 128 characters and names of 400 bytes reach it before the number of people
    /// does; beside 500 roles with such names it keeps the meeting under DynamoDB's 400 KB.
    pub const MAX_BYTES: usize = 90_000;

    /// Who was removed and may not come back.
    pub fn removed(&self) -> &BTreeMap<UserId, Removal> {
        &self.removed
    }

    /// Whether somebody was removed.
    pub fn has_removed(&self, user: &UserId) -> bool {
        self.removed.contains_key(user)
    }

    /// How somebody stands with a source.
    pub fn standing(&self, user: &UserId, source: Source) -> Standing {
        self.people.get(user).map(|standings| standings.get(source)).unwrap_or_default()
    }

    fn set(&mut self, user: &UserId, source: Source, standing: Standing) {
        let standings = self.people.entry(user.clone()).or_default();
        standings.set(source, standing);
        if is_default(standings) {
            self.people.remove(user);
        }
    }

    /// Takes the name from somebody whose account was deleted.
    pub(crate) fn forget_name_of(&mut self, user: &UserId) {
        if let Some(removal) = self.removed.get_mut(user) {
            removal.name = None;
        }
    }

    pub(crate) fn has_name_of(&self, user: &UserId) -> bool {
        self.removed.get(user).is_some_and(|removal| removal.name.is_some())
    }

    fn bytes(&self) -> usize {
        let people = self.people.iter().map(|(user, standings)| {
            let set = Source::ALL.iter().filter(|source| !is_default(&standings.get(**source))).count();
            user.as_str().len() + 10 + 65 * set
        });
        let removed = self.removed.iter().map(|(user, removal)| {
            user.as_str().len()
                + removal.by.as_str().len()
                + removal.name.as_ref().map_or(0, |name| name.as_str().len())
                + 60
        });
        people.sum::<usize>() + removed.sum::<usize>()
    }

    fn is_over_its_bounds(&self) -> bool {
        self.people.len() > Self::MAX_PEOPLE || self.removed.len() > Self::MAX_PEOPLE || self.bytes() > Self::MAX_BYTES
    }

    /// Forgets the oldest of those who stand as everybody does, as long as there are too many. What is lost with them is only
    /// that somebody said something before he was silenced.
    fn tidy(&mut self) {
        while self.is_over_its_bounds() {
            let is_idle = |standings: &PerSource<Standing>| {
                Source::ALL.iter().all(|source| standings.get(*source).right == Right::Policy)
            };
            let last_looked_at = |standings: &PerSource<Standing>| {
                Source::ALL.iter().map(|source| standings.get(*source).at).max().unwrap_or_default()
            };
            let idle = self.people.iter().filter(|(_, standings)| is_idle(standings));
            let Some(oldest) =
                idle.min_by_key(|(_, standings)| last_looked_at(standings)).map(|(user, _)| user.clone())
            else {
                return;
            };
            self.people.remove(&oldest);
        }
    }

    /// Whether there is place for what was added last.
    pub(crate) fn has_place(&self) -> bool {
        !self.is_over_its_bounds()
    }
}

impl Policy {
    /// Whether participants may publish a source.
    pub fn allows(&self, source: Source) -> bool {
        match source {
            Source::Microphone => self.may_unmute,
            Source::Camera => self.may_start_video,
            Source::Screen => self.may_share_screen,
        }
    }

    /// The same with another switch for one source.
    #[must_use]
    pub fn with(mut self, source: Source, allowed: bool) -> Self {
        match source {
            Source::Microphone => self.may_unmute = allowed,
            Source::Camera => self.may_start_video = allowed,
            Source::Screen => self.may_share_screen = allowed,
        }
        self
    }
}

impl Meeting {
    /// Whether somebody in the room may publish a source: asked by the media node for every producer, when it begins and after
    /// every change of the meeting. Hosts and co-hosts are exempt from what is room-wide.
    pub fn may_publish(&self, user: &UserId, source: Source) -> Result<(), Restriction> {
        match self.moderation.standing(user, source).right {
            Right::Locked => Err(Restriction { source, room_wide: false }),
            Right::Allowed => Ok(()),
            Right::Policy if self.policy.allows(source) || self.is_exempt(user) => Ok(()),
            Right::Policy => Err(Restriction { source, room_wide: true }),
        }
    }

    /// What is to be shown of somebody's microphone and camera, of what he has said.
    pub fn shown(&self, user: &UserId, said: MediaState) -> MediaState {
        let is_off =
            |source, as_of| self.may_publish(user, source).is_err() || as_of < self.silent_before(user, source);
        MediaState {
            is_audio_muted: said.is_audio_muted || is_off(Source::Microphone, said.audio_as_of),
            is_video_paused: said.is_video_paused || is_off(Source::Camera, said.video_as_of),
            ..said
        }
    }

    /// What somebody said before this version counts no more.
    fn silent_before(&self, user: &UserId, source: Source) -> Version {
        let standing = self.moderation.standing(user, source);
        let silenced = self.moderation.silenced.get(source);
        if silenced > standing.at && !self.is_exempt(user) { silenced } else { standing.silent_before }
    }

    /// From what is room-wide.
    fn is_exempt(&self, user: &UserId) -> bool {
        self.role_of(user) != Role::Participant
    }

    /// Whether a room-wide switch says what somebody may publish.
    pub(crate) fn follows_switch(&self, user: &UserId, source: Source) -> bool {
        !self.is_exempt(user) && self.moderation.standing(user, source).right == Right::Policy
    }

    /// Sources that somebody may publish with a role, and not without, or the other way round.
    pub(crate) fn rights_by_role(&self, user: &UserId, from: Role, to: Role) -> Vec<Source> {
        if (from == Role::Participant) == (to == Role::Participant) {
            return Vec::new();
        }
        let depends = |source: &Source| {
            !self.policy.allows(*source) && self.moderation.standing(user, *source).right == Right::Policy
        };
        Source::ALL.into_iter().filter(depends).collect()
    }

    /// Whether a room-wide switch would change anything.
    pub(crate) fn would_switch(&self, source: Source, allowed: bool) -> bool {
        let other = if allowed { Right::Locked } else { Right::Allowed };
        let is_other = |(user, standings): (&UserId, &PerSource<Standing>)| {
            standings.get(source).right == other && !self.is_exempt(user)
        };
        self.policy.allows(source) != allowed || self.moderation.people.iter().any(is_other)
    }

    pub(crate) fn apply_right(&mut self, user: &UserId, source: Source, allowed: bool, version: Version) {
        let right = match (allowed, self.policy.allows(source) || self.is_exempt(user)) {
            (false, _) => Right::Locked,
            (true, true) => Right::Policy,
            (true, false) => Right::Allowed,
        };
        self.moderation.set(user, source, Standing { right, silent_before: version, at: version });
        self.moderation.tidy();
    }

    /// A switch for all participants undoes what was decided for one of them. Hosts and co-hosts are not touched.
    pub(crate) fn apply_room_wide(&mut self, source: Source, allowed: bool, version: Version) {
        self.policy = self.policy.with(source, allowed);
        if !allowed {
            self.moderation.silenced.set(source, version);
        }
        let decided: Vec<UserId> =
            self.moderation.people.keys().filter(|user| !self.is_exempt(user)).cloned().collect();
        for user in decided {
            let was = self.moderation.standing(&user, source);
            let (right, silent_before, at) = match (was.right, allowed) {
                (Right::Locked, true) => (Right::Policy, version, version),
                (Right::Allowed, true) => (Right::Policy, was.silent_before, version),
                (Right::Allowed, false) => (Right::Policy, was.silent_before, was.at),
                (Right::Locked, false) | (Right::Policy, _) => continue,
            };
            self.moderation.set(&user, source, Standing { right, silent_before, at });
        }
    }

    /// What a change of role does beside the role: `change` makes it.
    pub(crate) fn apply_role(&mut self, user: &UserId, version: Version, change: impl FnOnce(&mut Self)) {
        let before =
            Source::ALL.map(|source| (self.may_publish(user, source).is_ok(), self.silent_before(user, source)));
        change(self);
        for (source, (could, silent_before)) in Source::ALL.into_iter().zip(before) {
            let mut standing = self.moderation.standing(user, source);
            if standing.right == Right::Allowed && self.is_exempt(user) {
                standing.right = Right::Policy;
            }
            if silent_before > Version(0) || self.moderation.silenced.get(source) > Version(0) {
                standing.silent_before = silent_before;
                standing.at = version;
            }
            self.moderation.set(user, source, standing);
            if could && self.may_publish(user, source).is_err() {
                self.moderation.set(user, source, Standing { silent_before: version, at: version, ..standing });
            }
        }
        self.moderation.tidy();
    }

    pub(crate) fn apply_removal(&mut self, user: &UserId, removal: Removal, version: Version) {
        if self.roles.contains_key(user) {
            self.apply_role(user, version, |meeting| drop(meeting.roles.remove(user)));
        }
        self.moderation.removed.insert(user.clone(), removal);
        self.moderation.tidy();
    }

    pub(crate) fn apply_readmission(&mut self, user: &UserId) {
        self.moderation.removed.remove(user);
    }

    /// Whether a user was removed: then he has no say here, and no role can be given to him.
    pub(crate) fn not_removed(&self, user: &UserId) -> Result<(), Refusal> {
        if self.moderation.has_removed(user) { Err(Refusal::Removed) } else { Ok(()) }
    }
}
