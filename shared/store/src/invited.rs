//! Invitations, the mails that tell of them, and what protects people from too many: what may be asked of the table.

use std::{
    collections::{BTreeSet, HashMap},
    future::Future,
    time::Duration,
};

use dais_domain::{
    Acceptance, EmailAddress, Invitation, InvitationId, MailId, Meeting, MeetingId, MessageId, Outcome, Timestamp,
    TokenHash, UserId, Version,
};
use serde::{Deserialize, Serialize};

use crate::{AddressHash, CommitError, StoreError};

/// By what somebody is invited, and by what is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Invitee {
    /// An address, whoever has it.
    Email(EmailAddress),
    /// A user.
    User(UserId),
}

impl Invitee {
    /// Everything by which an invitation is the only live one of its meeting.
    pub fn all_of(invitation: &Invitation) -> Vec<Self> {
        let user = invitation.user_id.clone().map(Self::User);
        [Self::Email(invitation.email.clone())].into_iter().chain(user).collect()
    }
}

/// Somebody whom an invitation names. From each of them it is found again when he is deleted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// Who has invited. Those who have invited by it before stay parties to it, though it does not name them any more.
    Inviter(UserId),
    /// Who was invited as the user he is, or has accepted.
    Invitee(UserId),
    /// Whoever has the address that was invited.
    Address(AddressHash),
}

impl Party {
    /// All parties to an invitation as it is now, each once.
    pub(crate) fn all_of(invitation: &Invitation) -> BTreeSet<Self> {
        let acceptor = match &invitation.outcome {
            Outcome::Accepted { by, .. } => Some(by),
            _ => None,
        };
        let invitees = invitation.user_id.iter().chain(acceptor).cloned().map(Self::Invitee);
        let others = [Self::Inviter(invitation.inviter.clone()), Self::Address(AddressHash::of(&invitation.email))];
        invitees.chain(others).collect()
    }
}

/// What a token belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundInvitation {
    /// Which of its tokens it is, and whether it still counts, the invitation says.
    pub invitation: Invitation,
    /// Its meeting, read at the same time.
    pub meeting: Option<Meeting>,
}

/// A page of a meeting's invitations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationPage {
    /// The greatest id first.
    pub invitations: Vec<Invitation>,
    /// More follow after the last of them.
    pub more: bool,
}

/// What a mail tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailKind {
    /// "You have been invited", to the invitee, with a token.
    Invitation,
    /// "Your invitation was accepted", to the inviter.
    Accepted,
}

impl MailKind {
    /// Where a mail about `invitation` goes: the one address. The mail does not hold it, so with the invitation it is gone.
    pub fn receiver(self, invitation: &Invitation) -> Option<&EmailAddress> {
        match self {
            Self::Invitation => Some(&invitation.email),
            Self::Accepted => invitation.inviter_email.as_ref(),
        }
    }
}

/// A mail that is to be sent. It waits in the table from the very write that is the reason for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its id.
    pub id: MailId,
    /// What it tells, and whom: [`MailKind::receiver`].
    pub kind: MailKind,
    /// The meeting it is about.
    pub meeting_id: MeetingId,
    /// The invitation it is about.
    pub invitation_id: InvitationId,
    /// Since when it waits.
    pub created_at: Timestamp,
    /// How often it was claimed.
    pub attempt: u32,
    /// When it is tried next. `None`: it was sent, or is not to be sent any more.
    pub due: Option<Timestamp>,
}

/// A message that the mail service has taken, by which it reports what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentMessage {
    /// The service's id of it.
    pub message_id: MessageId,
    /// The mail that was sent.
    pub mail_id: MailId,
    /// The meeting it was about.
    pub meeting_id: MeetingId,
    /// The invitation it was about.
    pub invitation_id: InvitationId,
    /// What it told, and whom: [`MailKind::receiver`].
    pub kind: MailKind,
    /// When it was taken.
    pub sent_at: Timestamp,
}

/// Why nothing is sent to an address any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SuppressionReason {
    /// It does not exist.
    Bounce,
    /// Its owner has called a mail spam.
    Complaint,
    /// Its owner has unsubscribed.
    Unsubscribed,
}

/// A bound on how often something may happen in a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// What is limited: a short word of letters and `-`.
    pub name: &'static str,
    /// Who or what is limited.
    pub of: Invitee,
    /// How often it may happen.
    pub max: u32,
    /// In which time. Windows of this length follow each other without a gap.
    pub period: Duration,
}

impl Limit {
    /// Which window a moment lies in.
    pub(crate) fn window(&self, now: Timestamp) -> u64 {
        now.as_ms() / self.length_ms()
    }

    /// The end of the window of a moment.
    pub(crate) fn ends(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_ms((self.window(now) + 1).saturating_mul(self.length_ms()))
    }

    fn length_ms(&self) -> u64 {
        u64::try_from(self.period.as_millis()).unwrap_or(u64::MAX).max(1)
    }
}

/// Invitations. Each write holds on condition that the invitation has the revision before; so of two decisions on the same
/// state one is written.
pub trait Invitations: Send + Sync {
    /// Writes a new invitation and its mail. By each address and user that it is for there must be no other invitation in
    /// the meeting but those of `ended`, as they were read.
    fn invite(
        &self,
        invitation: &Invitation,
        ended: &[Invitation],
        mail: &Mail,
    ) -> impl Future<Output = Result<(), CommitError>> + Send;

    /// Writes an invitation on new terms, and its new mail. It must still be the latest of everybody that it is for.
    fn renew(&self, invitation: &Invitation, mail: &Mail) -> impl Future<Output = Result<(), CommitError>> + Send;

    /// Writes an invitation that has ended, or of which something has been taken out since; an acceptance is written by
    /// [`Invitations::accept`].
    fn end(&self, invitation: &Invitation) -> impl Future<Output = Result<(), CommitError>> + Send;

    /// Writes an accepted invitation, the change of the meeting and the mail to the inviter, all or nothing; the meeting
    /// must still be at the version `seen`. Without an accepted invitation nothing is written.
    fn accept(
        &self,
        acceptance: &Acceptance,
        seen: Version,
        mail: Option<&Mail>,
    ) -> impl Future<Output = Result<(), CommitError>> + Send;

    /// Reads an invitation, strongly consistent.
    fn invitation(
        &self,
        meeting: &MeetingId,
        id: &InvitationId,
    ) -> impl Future<Output = Result<Option<Invitation>, StoreError>> + Send;

    /// The invitation that a token belongs or belonged to, with its meeting. Whether there is one or not, the same number
    /// of reads is made, so that the time it takes says nothing.
    fn invitation_by_token(
        &self,
        token: &TokenHash,
    ) -> impl Future<Output = Result<Option<FoundInvitation>, StoreError>> + Send;

    /// A meeting's invitations, the greatest id first, those below `after`.
    fn invitations(
        &self,
        meeting: &MeetingId,
        after: Option<&InvitationId>,
        limit: u32,
    ) -> impl Future<Output = Result<InvitationPage, StoreError>> + Send;

    /// The latest invitation of each of these, live or not.
    fn latest_invitations(
        &self,
        meeting: &MeetingId,
        of: &[Invitee],
    ) -> impl Future<Output = Result<HashMap<Invitee, Invitation>, StoreError>> + Send;
}

/// Mails that wait, and those that were sent.
pub trait Mails: Send + Sync {
    /// Mails that are due, at most `limit`; more may be due.
    fn due_mails(&self, now: Timestamp, limit: u32) -> impl Future<Output = Result<Vec<MailId>, StoreError>> + Send;

    /// Reads a mail.
    fn mail(&self, id: &MailId) -> impl Future<Output = Result<Option<Mail>, StoreError>> + Send;

    /// Takes a mail for sending: nobody else does until `until`, when it is due again. `invitation` is its invitation with
    /// the token that goes out in it; written only if the invitation has not changed since. `None`: somebody else was
    /// first, or something has changed.
    fn claim(
        &self,
        mail: &Mail,
        until: Timestamp,
        invitation: Option<&Invitation>,
    ) -> impl Future<Output = Result<Option<Mail>, StoreError>> + Send;

    /// Remembers what the service calls a mail, and that it is sent. `mail` as it was claimed.
    fn mail_sent(&self, mail: &Mail, message: &SentMessage) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Sets when a claimed mail is tried again; `None` for never. False if somebody else has claimed it since.
    fn reschedule(&self, mail: &Mail, due: Option<Timestamp>) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// A message that the service reports about.
    fn message(&self, id: &MessageId) -> impl Future<Output = Result<Option<SentMessage>, StoreError>> + Send;

    /// The message could not be delivered: ends its invitation, if that is pending. True when this call did it.
    fn bounced(&self, message: &SentMessage, at: Timestamp) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Addresses that nothing is sent to.
pub trait Suppressions: Send + Sync {
    /// Sends nothing there from now on. The first reason stays.
    fn suppress(
        &self,
        address: &EmailAddress,
        reason: SuppressionReason,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Those of `addresses` that nothing is sent to, and why.
    fn suppressed(
        &self,
        addresses: &[EmailAddress],
    ) -> impl Future<Output = Result<HashMap<EmailAddress, SuppressionReason>, StoreError>> + Send;
}

/// Counters.
pub trait Limits: Send + Sync {
    /// Uses up to `wanted` of a limit and says how many it may be. However many ask at once, never more than the limit.
    fn spend(&self, limit: &Limit, wanted: u32, now: Timestamp)
    -> impl Future<Output = Result<u32, StoreError>> + Send;
}
