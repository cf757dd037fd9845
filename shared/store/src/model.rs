//! What is stored beside meetings and their logs.

use std::time::Duration;

use dais_domain::{
    ConnectionId, DisplayName, EmailAddress, ImageUrl, InvitationId, LogEntry, Meeting, MeetingId, RecoveryId, Role,
    SocketId, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};

use crate::{
    Party,
    keys::{StartsPosition, starts_from},
};

/// Stands in a connection where its recovery id was when it must not be recovered.
pub(crate) const VOID_RECOVERY: &str = "void";

/// "Connection duration for WebSocket API: 2 hours" (API Gateway quotas).
const CONNECTION_LIFE: Duration = Duration::from_secs(2 * 3600);
/// It begins before the client authenticates, and its end may be found out later.
const LIFE_TOLERANCE: Duration = Duration::from_secs(60);

/// A WebSocket that has authenticated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// API Gateway's id.
    pub id: ConnectionId,
    /// What clients know it by.
    pub socket_id: SocketId,
    /// The session that can recover it; another id once it has been closed for good.
    pub recovery_id: RecoveryId,
    /// Whose it is, from his token.
    pub user_id: UserId,
    /// His name, if his token has one.
    pub name: Option<DisplayName>,
    /// His picture, if his token has one.
    pub image_url: Option<ImageUrl>,
    /// When it authenticated.
    pub connected_at: Timestamp,
    /// The room it is in.
    pub room: Option<MeetingId>,
    /// When it was found gone. The item stays for a while so that the session can be recovered.
    pub disconnected_at: Option<Timestamp>,
}

impl Connection {
    /// Whether it is as old as API Gateway lets a connection be: then its end says nothing about its client, who is
    /// about to come back. `at`: when it ended or was found gone.
    pub fn has_reached_its_limit(&self, at: Timestamp) -> bool {
        let age_ms = at.as_ms().saturating_sub(self.connected_at.as_ms());
        (CONNECTION_LIFE - LIFE_TOLERANCE).as_millis() <= u128::from(age_ms)
            && u128::from(age_ms) <= (CONNECTION_LIFE + LIFE_TOLERANCE).as_millis()
    }
}

/// What connection state recovery needs to find the connection that was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The private id.
    pub id: RecoveryId,
    /// The latest connection of the session.
    pub connection_id: ConnectionId,
}

/// A connection that the heartbeat must look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueLease {
    /// Which.
    pub connection_id: ConnectionId,
    /// It was pinged and has not answered since.
    pub awaiting_pong: bool,
}

/// An idempotency key of a creation (`Idempotency-Key`), with the hash of its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreationKey {
    /// As the caller sent it, at most 255 characters.
    pub key: String,
    /// Hash of the request, to tell a repetition from a misuse.
    pub fingerprint: String,
    /// Until when it is remembered.
    pub expires_at: Timestamp,
}

/// Which of a user's own meetings are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Period {
    /// All, latest start first.
    #[default]
    All,
    /// Those that start now or later, earliest first.
    Upcoming,
    /// Those that have started, latest first.
    Past,
}

/// A page of a user's own meetings.
#[derive(Debug, Clone)]
pub struct ListQuery {
    /// Which.
    pub period: Period,
    /// Only those in which he is a host now.
    pub hosting: bool,
    /// Where "now" is.
    pub now: Timestamp,
    /// At most so many, 1 to 100.
    pub limit: u32,
    /// Continue after this (from [`MeetingPage::next`]). What is no such value is ignored.
    pub after: Option<String>,
}

impl ListQuery {
    /// The limit within its bounds.
    pub(crate) fn page_size(&self) -> usize {
        self.limit.clamp(1, 100) as usize
    }

    /// The place to continue after, if it lies within the period: "now" moves on from page to page,
    /// and DynamoDB refuses a start outside of what is asked for.
    pub(crate) fn continues_after(&self) -> Option<StartsPosition> {
        let position = StartsPosition::parse(self.after.as_deref()?)?;
        let now = starts_from(self.now);
        let within = match self.period {
            Period::All => true,
            Period::Upcoming => position.sk >= now,
            Period::Past => position.sk < now,
        };
        within.then_some(position)
    }
}

/// One of a user's own meetings: created by him, or with a role for him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnMeeting {
    /// The meeting as it is now.
    pub meeting: Meeting,
    /// His role in it now.
    pub role: Role,
}

/// A page of own meetings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingPage {
    /// In the order of the period.
    pub meetings: Vec<OwnMeeting>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// A page of the log, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    /// The entries.
    pub entries: Vec<LogEntry>,
    /// More entries follow.
    pub more: bool,
}

/// The session of a client that started with HTTP long-polling, until its WebSocket takes over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollingSession {
    /// Engine.IO session id.
    pub sid: SocketId,
    /// The CONNECT packet's verified user, when it has come.
    pub user_id: UserId,
    /// His name, if his token has one.
    pub name: Option<DisplayName>,
    /// His picture, if his token has one.
    pub image_url: Option<ImageUrl>,
    /// His verified address, if his token has one.
    #[serde(default)]
    pub email: Option<String>,
    /// Recovery id that the client wants to recover.
    pub recover: Option<RecoveryId>,
    /// Offset that it has seen.
    pub offset: Option<String>,
    /// After this it is void.
    pub expires_at: Timestamp,
}

/// Where news of a user comes from. The better source is the later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NewsSource {
    /// His session token: one address at most, and only when he signs in.
    Token,
    /// A webhook of the identity provider: everything, whenever it changes.
    Provider,
}

/// A user as the directory knows him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownUser {
    /// Who.
    pub id: UserId,
    /// His name, if he has one.
    pub name: Option<DisplayName>,
    /// His picture, if he has one.
    pub image_url: Option<ImageUrl>,
    /// The addresses of which the identity provider has proof that they are his, at most [`KnownUser::MAX_EMAILS`].
    pub emails: Vec<EmailAddress>,
    /// Who says so.
    pub source: NewsSource,
    /// When that was so: by the provider's clock, or when the token was made.
    pub updated_at: Timestamp,
}

impl KnownUser {
    /// Most addresses of one user; more are ignored. One transaction changes them all.
    pub const MAX_EMAILS: usize = 20;

    /// What a verified session token says. `email`: the address that it proves; one to which no mail can go is ignored.
    pub fn by_token(
        id: UserId,
        name: Option<DisplayName>,
        image_url: Option<ImageUrl>,
        email: Option<&str>,
        now: Timestamp,
    ) -> Self {
        let emails = email.and_then(|email| EmailAddress::new(email).ok()).into_iter().collect();
        Self { id, name, image_url, emails, source: NewsSource::Token, updated_at: now }
    }
}

/// Something that is kept of a user beside what is known of him.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trace {
    /// That a meeting is his own: he created it, or has or had a role in it.
    OwnMeeting(MeetingId),
    /// That he was in a meeting.
    Attended(MeetingId),
    /// That he made a request with this idempotency key.
    Request(String),
    /// That he is a party to an invitation, or was.
    Invitation {
        /// In what part.
        party: Party,
        /// Its meeting.
        meeting_id: MeetingId,
        /// Which.
        invitation_id: InvitationId,
    },
    /// Which addresses were his. They are remembered, hashed, until nobody is invited at them any more.
    PastAddresses,
}

impl Trace {
    /// That he has sent an invitation.
    pub fn is_of_inviter(&self) -> bool {
        matches!(self, Self::Invitation { party: Party::Inviter(_), .. })
    }
}

/// That somebody was in a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attended {
    /// Which.
    pub meeting_id: MeetingId,
    /// Who.
    pub user_id: UserId,
    /// His name then, if it is known.
    pub name: Option<DisplayName>,
    /// When he was in it last.
    pub at: Timestamp,
}
