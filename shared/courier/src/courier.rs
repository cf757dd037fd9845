//! One mail at a time: claim, write, send, and say what became of it.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use aws_config::SdkConfig;
use dais_domain::{EmailAddress, Invitation, MailId, Meeting, Outcome, Timestamp, UserId, hosted_by::hosted_by};
use dais_function::{Settings, SettingsError};
use dais_mail::{
    Letter, MailError, Mailer, Ses,
    letters::{self, AcceptedLetter, Event, InvitationLetter},
};
use dais_store::{CommitError, Mail, MailKind, SentMessage, Store, StoreError};
use futures::{StreamExt, stream};

use crate::{InvitationToken, Links, TokenError};

/// How long one sending may take before another courier may try: longer than [`Ses`] takes for a letter.
const CLAIM: Duration = Duration::from_secs(60);
/// Mails that are sent at the same time. SES takes 14 a second from a new account.
const CONCURRENCY: usize = 6;
/// Pauses after the first failure and later: doubled each time, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
/// How long the deployer gets to mend what only he can.
const NOT_SET_UP_PAUSE: Duration = Duration::from_secs(600);
/// How long a notice that nobody waits for is tried.
const NOTICE_LIFE: Duration = Duration::from_secs(24 * 3600);

/// A mail could not be looked after; it is tried again when its claim has run out.
#[derive(Debug, thiserror::Error)]
pub enum CourierError {
    /// The table could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no token for it.
    #[error(transparent)]
    Token(#[from] TokenError),
}

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// The mail service has taken it.
    Sent,
    /// It is not to be sent any more: what it tells is no longer so.
    Dropped,
    /// It can never be delivered.
    Bounced,
    /// The mail service cannot take it now; it is tried again.
    Later,
    /// It is somebody else's, or was sent before.
    Taken,
    /// The table could not do it; it is tried again.
    Failed,
}

/// Sends mails. Cheap to clone if store and mailer are.
#[derive(Debug, Clone)]
pub struct Courier<S, M> {
    store: S,
    mailer: M,
    sender: EmailAddress,
    links: Links,
}

impl<S: Store> Courier<S, Ses> {
    /// Reads MAIL_SENDER, MAIL_CONFIGURATION_SET and APP_ORIGIN. `None` when there is no sender or no origin: then mails
    /// wait until there is one.
    pub fn from_settings(settings: &Settings, aws: &SdkConfig, store: S) -> Result<Option<Self>, SettingsError> {
        let (sender, origin) = (settings.optional("MAIL_SENDER"), settings.optional("APP_ORIGIN"));
        let configuration_set = settings.optional("MAIL_CONFIGURATION_SET");
        let (Some(sender), Some(origin)) = (sender, origin) else {
            tracing::warn!("no mail is sent: MAIL_SENDER or APP_ORIGIN is empty");
            return Ok(None);
        };
        let invalid = |name, error: &dyn std::fmt::Display| SettingsError::Invalid { name, reason: error.to_string() };
        let sender = EmailAddress::new(sender).map_err(|error| invalid("MAIL_SENDER", &error))?;
        let links = Links::new(origin).map_err(|error| invalid("APP_ORIGIN", &error))?;
        let mailer = Ses::new(aws, sender.clone(), configuration_set);
        Ok(Some(Self::new(store, mailer, sender, links)))
    }
}

impl<S: Store, M: Mailer> Courier<S, M> {
    /// `sender` is the address that `mailer` sends from.
    pub fn new(store: S, mailer: M, sender: EmailAddress, links: Links) -> Self {
        Self { store, mailer, sender, links }
    }

    /// Sends these mails, each by itself, until the mail service asks for a pause. What is left waits until it is due again.
    pub async fn deliver(&self, mails: Vec<MailId>, now: Timestamp) -> Vec<Delivery> {
        let begun = Instant::now();
        let paused = &AtomicBool::new(false);
        let one = |id: MailId| async move {
            // Those that are under way are not cut off: a letter could be gone and nobody know it.
            if paused.load(Ordering::Relaxed) {
                return Delivery::Later;
            }
            let delivery = self.deliver_one(&id, now.plus(begun.elapsed())).await.unwrap_or_else(|error| {
                tracing::warn!(mail = %id, %error, "a mail waits for the next run");
                Delivery::Failed
            });
            paused.fetch_or(delivery == Delivery::Later, Ordering::Relaxed);
            delivery
        };
        stream::iter(mails).map(one).buffer_unordered(CONCURRENCY).collect().await
    }

    /// Sends one mail if it is due.
    pub async fn deliver_one(&self, id: &MailId, now: Timestamp) -> Result<Delivery, CourierError> {
        let Some(mail) = self.store.mail(id).await?.filter(|mail| mail.due.is_some_and(|due| due <= now)) else {
            return Ok(Delivery::Taken);
        };
        let (invitation, meeting) = futures::try_join!(
            self.store.invitation(&mail.meeting_id, &mail.invitation_id),
            self.store.meeting(&mail.meeting_id),
        )?;
        let (Some(invitation), Some(meeting)) = (invitation, meeting) else { return self.drop_mail(&mail).await };
        let Some(to) = mail.kind.receiver(&invitation) else { return self.drop_mail(&mail).await };
        let suppressed = self.store.suppressed(std::slice::from_ref(to)).await?;
        match mail.kind {
            MailKind::Invitation if !suppressed.is_empty() => {
                self.bounce(&invitation, now).await?;
                self.drop_mail(&mail).await?;
                Ok(Delivery::Bounced)
            }
            MailKind::Invitation => self.invite(&mail, &invitation, &meeting, now).await,
            MailKind::Accepted if suppressed.is_empty() => {
                self.tell_inviter(&mail, to, &invitation, &meeting, now).await
            }
            MailKind::Accepted => self.drop_mail(&mail).await,
        }
    }

    async fn invite(
        &self,
        mail: &Mail,
        invitation: &Invitation,
        meeting: &Meeting,
        now: Timestamp,
    ) -> Result<Delivery, CourierError> {
        let token = InvitationToken::generate()?;
        let with_token = invitation.with_token(&mail.id, token.hash()?, now);
        let stands = meeting.may_invite(&invitation.inviter).is_ok();
        let Some(with_token) = with_token.filter(|_| stands) else { return self.drop_mail(mail).await };
        let Some(claimed) = self.store.claim(mail, now.plus(CLAIM), Some(&with_token)).await? else {
            return Ok(Delivery::Taken);
        };
        let hosts = hosts(meeting);
        let letter = letters::invitation(&InvitationLetter {
            to: &invitation.email,
            sender: &self.sender,
            event: event(meeting, hosts.as_deref(), &self.links.meeting(&meeting.id)),
            inviter: invitation.inviter_name.as_ref().map(|name| name.as_str()),
            role: invitation.role,
            accept_link: &self.links.accept(&meeting.id, &token),
            unsubscribe_link: &self.links.unsubscribe(&mail.id),
            expires_at: invitation.expires_at,
            now,
        });
        self.send(&claimed, &letter, Some(&with_token), now).await
    }

    async fn tell_inviter(
        &self,
        mail: &Mail,
        to: &EmailAddress,
        invitation: &Invitation,
        meeting: &Meeting,
        now: Timestamp,
    ) -> Result<Delivery, CourierError> {
        let Outcome::Accepted { by, .. } = &invitation.outcome else { return self.drop_mail(mail).await };
        if mail.created_at.plus(NOTICE_LIFE) <= now {
            return self.drop_mail(mail).await;
        }
        let Some(claimed) = self.store.claim(mail, now.plus(CLAIM), None).await? else { return Ok(Delivery::Taken) };
        let (hosts, acceptor) = (hosts(meeting), name(meeting, by));
        let letter = letters::accepted(&AcceptedLetter {
            to,
            event: event(meeting, hosts.as_deref(), &self.links.meeting(&meeting.id)),
            acceptor: acceptor.as_deref(),
            role: invitation.role,
            unsubscribe_link: &self.links.unsubscribe(&mail.id),
        });
        self.send(&claimed, &letter, None, now).await
    }

    /// Hands a claimed mail over. If it can never be delivered, `invitation` ends.
    async fn send(
        &self,
        mail: &Mail,
        letter: &Letter,
        invitation: Option<&Invitation>,
        now: Timestamp,
    ) -> Result<Delivery, CourierError> {
        match self.mailer.send(letter).await {
            Ok(message_id) => {
                let message = SentMessage {
                    message_id,
                    mail_id: mail.id.clone(),
                    meeting_id: mail.meeting_id.clone(),
                    invitation_id: mail.invitation_id.clone(),
                    kind: mail.kind,
                    sent_at: now,
                };
                self.store.mail_sent(mail, &message).await?;
                tracing::info!(mail = %mail.id, roomId = %mail.meeting_id, kind = ?mail.kind, "📨 Mail sent");
                Ok(Delivery::Sent)
            }
            Err(MailError::Later { reason }) => {
                tracing::warn!(mail = %mail.id, reason, attempt = mail.attempt, "a mail is tried again later");
                self.store.reschedule(mail, Some(now.plus(pause(mail.attempt)))).await?;
                Ok(Delivery::Later)
            }
            Err(MailError::NotSetUp { reason }) => {
                tracing::error!(mail = %mail.id, reason, "❌ no mail can be sent until a person mends it");
                self.store.reschedule(mail, Some(now.plus(NOT_SET_UP_PAUSE))).await?;
                Ok(Delivery::Later)
            }
            Err(MailError::Refused { reason }) => {
                tracing::warn!(mail = %mail.id, reason, "a mail can never be sent");
                // The mail last: until then this is done again.
                if let Some(invitation) = invitation {
                    self.bounce(invitation, now).await?;
                }
                self.store.reschedule(mail, None).await?;
                Ok(Delivery::Bounced)
            }
        }
    }

    async fn drop_mail(&self, mail: &Mail) -> Result<Delivery, CourierError> {
        self.store.reschedule(mail, None).await?;
        Ok(Delivery::Dropped)
    }

    /// Ends an invitation that cannot be delivered, unless it has been changed since.
    async fn bounce(&self, invitation: &Invitation, now: Timestamp) -> Result<(), StoreError> {
        let Some(bounced) = invitation.bounced(now) else { return Ok(()) };
        match self.store.end(&bounced).await {
            Ok(()) | Err(CommitError::Conflict) => Ok(()),
            Err(CommitError::Store(error)) => Err(error),
        }
    }
}

fn event<'a>(meeting: &'a Meeting, hosted_by: Option<&'a str>, link: &'a str) -> Event<'a> {
    Event { meeting: &meeting.id, title: meeting.description.as_str(), starts_at: meeting.starts_at, hosted_by, link }
}

fn hosts(meeting: &Meeting) -> Option<String> {
    hosted_by(meeting.hosts().into_iter().map(|(_, grant)| grant.name.as_ref().map(|name| name.as_str())))
}

fn name(meeting: &Meeting, user: &UserId) -> Option<String> {
    meeting.roles.get(user)?.name.as_ref().map(ToString::to_string)
}

/// How long a mail rests after this many attempts.
fn pause(attempt: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(LONGEST_PAUSE)
}
