//! Invitations to be host or co-host: who may do what with one, and what it does then. Pure, as all of this crate.
//!
//! Every decision gives the invitation as it is afterwards. It must be written on condition that the stored one still has
//! the revision before; so what was decided on an old state is not written.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    Actor, Decision, DisplayName, EmailAddress, InvitationId, MailId, Meeting, MeetingId, Refusal, Role, Timestamp,
    TokenHash, UserId,
};

/// How long after its start a meeting counts as over for those who were invited before it, though nobody has ended it.
pub const OVER_AFTER_START: Duration = Duration::from_secs(24 * 3600);

/// What became of an invitation; what is not pending never changes again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Outcome {
    /// Nothing yet. It may have expired.
    Pending,
    /// Somebody whom it is for has accepted it.
    Accepted {
        /// Who.
        by: UserId,
        /// When.
        at: Timestamp,
    },
    /// Somebody whom it is for does not want to.
    Declined {
        /// When.
        at: Timestamp,
    },
    /// A host has taken it back.
    Revoked {
        /// Who.
        by: UserId,
        /// When.
        at: Timestamp,
    },
    /// Its mail could not be delivered.
    Bounced {
        /// When that was known.
        at: Timestamp,
    },
}

impl Outcome {
    /// Since when it is so; `None` while it is pending.
    pub fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Pending => None,
            Self::Accepted { at, .. } | Self::Declined { at } | Self::Revoked { at, .. } | Self::Bounced { at } => {
                Some(*at)
            }
        }
    }
}

/// What an invitation is at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InvitationState {
    /// It can be accepted.
    Pending,
    /// It was accepted.
    Accepted,
    /// It was declined.
    Declined,
    /// A host took it back.
    Revoked,
    /// Nobody answered in time. A new mail revives it.
    Expired,
    /// Its mail could not be delivered.
    Bounced,
}

impl InvitationState {
    /// As it stands on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Bounced => "bounced",
        }
    }
}

/// Who invites, to what, until when. A second invitation of the same person brings new terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The host who invites.
    pub inviter: Actor,
    /// An address that he has proved to be his, if one is known: for telling him of the answer.
    pub inviter_email: Option<EmailAddress>,
    /// Host or co-host.
    pub role: Role,
    /// From then on it cannot be accepted.
    pub expires_at: Timestamp,
    /// The mail that tells of it.
    pub mail: MailId,
}

/// An invitation to be host or co-host of one meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id, which is not secret.
    pub id: InvitationId,
    /// The meeting.
    pub meeting_id: MeetingId,
    /// Where its mails go. Who proves that this address is his may accept.
    pub email: EmailAddress,
    /// The user who was invited, if he was known then. He may accept too.
    pub user_id: Option<UserId>,
    /// He was invited as somebody of the inviter's network: hosts know who he is, and not his address. Otherwise it is the
    /// other way round.
    pub by_network: bool,
    /// Host or co-host.
    pub role: Role,
    /// The host who invited, last.
    pub inviter: UserId,
    /// His name then, if known.
    pub inviter_name: Option<DisplayName>,
    /// Where he is told that it was accepted.
    pub inviter_email: Option<EmailAddress>,
    /// When it was first made.
    pub created_at: Timestamp,
    /// When he was last invited by it.
    pub invited_at: Timestamp,
    /// From then on it cannot be accepted.
    pub expires_at: Timestamp,
    /// What became of it.
    pub outcome: Outcome,
    /// Its latest mail. Earlier ones that still wait are not sent.
    pub mail: MailId,
    /// Of the token in its latest mail; none before the first. Tokens of older mails are dead.
    pub token: Option<TokenHash>,
    /// One more with each change; 1 at first.
    pub revision: u64,
}

/// Somebody who holds a token: from a verified session, never from a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimant {
    /// His user id and name.
    pub actor: Actor,
    /// The addresses of which he has proved that they are his.
    pub emails: Vec<EmailAddress>,
}

/// What an acceptance does. All of it is written, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// The invitation, accepted. `None`: he had accepted it before, and nothing is written.
    pub invitation: Option<Invitation>,
    /// The change of the meeting. `None`: he had the role before.
    pub decision: Option<Decision>,
}

/// Why something is not done with an invitation. Sentences are those of the invitation document where it has one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvitationRefusal {
    /// No such invitation; or it is somebody else's and can no longer be accepted, which is not told apart.
    #[error("Invalid or expired invitation token.")]
    NotFound,
    /// It is for somebody else, and still pending. Sign in with the account that it is for.
    #[error("You are not authorized to accept this invitation.")]
    WrongAccount {
        /// What may be shown of the address that it was sent to: [`EmailAddress::hint`].
        hint: String,
    },
    /// It was accepted before; an invitation works once.
    #[error("Invitation has already been used")]
    Used,
    /// It was declined before. Ask for a new one.
    #[error("Invitation was declined")]
    Declined,
    /// A host took it back.
    #[error("Invitation was revoked")]
    Revoked,
    /// Nobody answered in time. Ask for a new one.
    #[error("Invitation has expired")]
    Expired,
    /// Its mail came back as undeliverable. Ask for a new one, to another address.
    #[error("Invitation could not be delivered")]
    Bounced,
    /// A later mail has a new link. Use that one.
    #[error("A newer invitation was sent")]
    Replaced,
    /// Who invited is no host any more. Ask a host for a new one.
    #[error("The inviter is no longer a host")]
    InviterNotHost,
    /// The meeting is over.
    #[error("The meeting is over")]
    MeetingOver,
    /// The meeting is not there any more.
    #[error("Invitation is linked to a non-existent event.")]
    MeetingGone,
    /// It was answered or taken back, or could not be delivered: invite anew instead.
    #[error("Invitation is no longer pending")]
    NotPending {
        /// What it is.
        state: InvitationState,
    },
    /// The rules of meetings forbid it.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl InvitationRefusal {
    /// The code that programs compare.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "invitation-not-found",
            Self::WrongAccount { .. } => "invitation-wrong-account",
            Self::Used => "invitation-used",
            Self::Declined => "invitation-declined",
            Self::Revoked => "invitation-revoked",
            Self::Expired => "invitation-expired",
            Self::Bounced => "invitation-bounced",
            Self::Replaced => "invitation-replaced",
            Self::InviterNotHost => "invitation-inviter-not-host",
            Self::MeetingOver => "invitation-meeting-over",
            Self::MeetingGone => "invitation-meeting-gone",
            Self::NotPending { .. } => "invitation-not-pending",
            Self::Refused(refusal) => refusal.code(),
        }
    }
}

impl Invitation {
    /// A new one. Whether the inviter may invite is [`Meeting::may_invite`].
    pub fn new(
        id: InvitationId,
        meeting_id: MeetingId,
        email: EmailAddress,
        user_id: Option<UserId>,
        by_network: bool,
        terms: Terms,
        now: Timestamp,
    ) -> Self {
        let Terms { inviter, inviter_email, role, expires_at, mail } = terms;
        Self {
            id,
            meeting_id,
            email,
            user_id,
            by_network,
            role,
            inviter: inviter.user_id,
            inviter_name: inviter.name,
            inviter_email,
            created_at: now,
            invited_at: now,
            expires_at,
            outcome: Outcome::Pending,
            mail,
            token: None,
            revision: 1,
        }
    }

    /// What it is now.
    pub fn state_at(&self, now: Timestamp) -> InvitationState {
        match &self.outcome {
            Outcome::Pending if self.expires_at <= now => InvitationState::Expired,
            Outcome::Pending => InvitationState::Pending,
            Outcome::Accepted { .. } => InvitationState::Accepted,
            Outcome::Declined { .. } => InvitationState::Declined,
            Outcome::Revoked { .. } => InvitationState::Revoked,
            Outcome::Bounced { .. } => InvitationState::Bounced,
        }
    }

    /// Whether it is for this user: he was invited, or the address is his.
    pub fn is_for(&self, who: &Claimant) -> bool {
        self.user_id.as_ref() == Some(&who.actor.user_id) || who.emails.contains(&self.email)
    }

    /// The invitation with the token that goes out in `mail`; all earlier tokens are dead. `None` unless it is pending and
    /// this is its latest mail.
    pub fn with_token(&self, mail: &MailId, token: TokenHash, now: Timestamp) -> Option<Self> {
        let wanted = self.state_at(now) == InvitationState::Pending && self.mail == *mail;
        wanted.then(|| Self { token: Some(token), revision: self.revision + 1, ..self.clone() })
    }

    /// The same invitation once more, on new terms: for a second invitation of the same person, and for another mail.
    /// One that has expired is revived.
    pub fn renewed(&self, terms: Terms, now: Timestamp) -> Result<Self, InvitationRefusal> {
        self.not_ended(now)?;
        let Terms { inviter, inviter_email, role, expires_at, mail } = terms;
        Ok(Self {
            inviter: inviter.user_id,
            inviter_name: inviter.name,
            inviter_email,
            role,
            invited_at: now,
            expires_at,
            mail,
            // The link in an earlier mail is dead from now on, not only when the next mail goes out.
            token: None,
            revision: self.revision + 1,
            ..self.clone()
        })
    }

    /// Taken back by a host. `Ok(None)`: it was before.
    pub fn revoked(&self, by: &UserId, now: Timestamp) -> Result<Option<Self>, InvitationRefusal> {
        if matches!(self.outcome, Outcome::Revoked { .. }) {
            return Ok(None);
        }
        self.not_ended(now)?;
        Ok(Some(self.ended(Outcome::Revoked { by: by.clone(), at: now })))
    }

    /// Its mail could not be delivered. `None`: it has ended otherwise before.
    pub fn bounced(&self, now: Timestamp) -> Option<Self> {
        (self.outcome == Outcome::Pending).then(|| self.ended(Outcome::Bounced { at: now }))
    }

    /// Without the name and the address of its inviter, whose account is gone; revoked, if nobody has answered it: an account
    /// that may have been taken over gives nobody a role any more. `None`: he did not invite, or that is so already.
    pub fn without_inviter(&self, inviter: &UserId, now: Timestamp) -> Option<Self> {
        if self.inviter != *inviter {
            return None;
        }
        let outcome = match &self.outcome {
            Outcome::Pending => Outcome::Revoked { by: inviter.clone(), at: now },
            ended => ended.clone(),
        };
        let nameless = Self { inviter_name: None, inviter_email: None, outcome, ..self.clone() };
        (nameless != *self).then(|| Self { revision: self.revision + 1, ..nameless })
    }

    /// What its holder may be shown before he answers. Nothing changes.
    pub fn shown(
        &self,
        meeting: Option<&Meeting>,
        token: &TokenHash,
        who: &Claimant,
        now: Timestamp,
    ) -> Result<(), InvitationRefusal> {
        match self.owned(meeting, token, who, now) {
            // He may see that it is his and done.
            Err(InvitationRefusal::Used) if self.was_accepted_by(&who.actor.user_id) => Ok(()),
            other => other,
        }
    }

    /// Accepted by `who`, who gets its role in the meeting. If he has accepted it before and still has the role, that is
    /// so already: the same request may come twice.
    pub fn accepted(
        &self,
        meeting: Option<&Meeting>,
        token: &TokenHash,
        who: &Claimant,
        now: Timestamp,
    ) -> Result<Acceptance, InvitationRefusal> {
        if let Err(refusal) = self.owned(meeting, token, who, now) {
            let has_role = meeting.is_some_and(|meeting| meeting.role_of(&who.actor.user_id) >= self.role);
            let again = refusal == InvitationRefusal::Used && self.was_accepted_by(&who.actor.user_id) && has_role;
            return if again { Ok(Acceptance { invitation: None, decision: None }) } else { Err(refusal) };
        }
        let meeting = meeting.ok_or(InvitationRefusal::MeetingGone)?;
        let inviter = Actor { user_id: self.inviter.clone(), name: self.inviter_name.clone() };
        let decision = meeting.granted(&inviter, &who.actor, self.role, &self.id, now)?;
        let outcome = Outcome::Accepted { by: who.actor.user_id.clone(), at: now };
        Ok(Acceptance { invitation: Some(self.ended(outcome)), decision })
    }

    /// Declined by `who`. `Ok(None)`: it was before. Also possible when the meeting is over.
    pub fn declined(
        &self,
        token: &TokenHash,
        who: &Claimant,
        now: Timestamp,
    ) -> Result<Option<Self>, InvitationRefusal> {
        match self.answerable(token, who, now) {
            Ok(()) => Ok(Some(self.ended(Outcome::Declined { at: now }))),
            Err(InvitationRefusal::Declined) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    fn was_accepted_by(&self, user: &UserId) -> bool {
        matches!(&self.outcome, Outcome::Accepted { by, .. } if by == user)
    }

    fn ended(&self, outcome: Outcome) -> Self {
        Self { outcome, revision: self.revision + 1, ..self.clone() }
    }

    fn not_ended(&self, now: Timestamp) -> Result<(), InvitationRefusal> {
        match self.state_at(now) {
            InvitationState::Pending | InvitationState::Expired => Ok(()),
            state => Err(InvitationRefusal::NotPending { state }),
        }
    }

    /// Whether `who` could accept it now. Nobody but its owner learns why not, and nobody else that it exists, unless he
    /// holds a token that would do: him it helps to know which account to take.
    fn owned(
        &self,
        meeting: Option<&Meeting>,
        token: &TokenHash,
        who: &Claimant,
        now: Timestamp,
    ) -> Result<(), InvitationRefusal> {
        let verdict = self.answerable(token, who, now).and_then(|()| self.acceptable(meeting, now));
        match verdict {
            // He would be told what only the owner may know.
            Err(InvitationRefusal::WrongAccount { .. }) if self.acceptable(meeting, now).is_err() => {
                Err(InvitationRefusal::NotFound)
            }
            verdict => verdict,
        }
    }

    /// The part of it that does not look at the meeting.
    fn answerable(&self, token: &TokenHash, who: &Claimant, now: Timestamp) -> Result<(), InvitationRefusal> {
        let is_latest = self.token.as_ref() == Some(token);
        if !self.is_for(who) {
            let works = is_latest && self.state_at(now) == InvitationState::Pending;
            return Err(match works {
                true => InvitationRefusal::WrongAccount { hint: self.email.hint() },
                false => InvitationRefusal::NotFound,
            });
        }
        match self.state_at(now) {
            InvitationState::Pending if is_latest => Ok(()),
            InvitationState::Pending => Err(InvitationRefusal::Replaced),
            InvitationState::Accepted => Err(InvitationRefusal::Used),
            InvitationState::Declined => Err(InvitationRefusal::Declined),
            InvitationState::Revoked => Err(InvitationRefusal::Revoked),
            InvitationState::Expired => Err(InvitationRefusal::Expired),
            InvitationState::Bounced => Err(InvitationRefusal::Bounced),
        }
    }

    fn acceptable(&self, meeting: Option<&Meeting>, now: Timestamp) -> Result<(), InvitationRefusal> {
        let meeting = meeting.ok_or(InvitationRefusal::MeetingGone)?;
        // Instant meetings and personal rooms, which go on and on, have started before anybody is invited.
        let was_to_come = self.invited_at < meeting.starts_at;
        if meeting.ended_at.is_some() || (was_to_come && meeting.starts_at.plus(OVER_AFTER_START) <= now) {
            return Err(InvitationRefusal::MeetingOver);
        }
        if !meeting.role_of(&self.inviter).is_host() {
            return Err(InvitationRefusal::InviterNotHost);
        }
        Ok(())
    }
}
