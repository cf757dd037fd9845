//! What may be asked of the table, one capability per trait.

use std::future::Future;

use dais_domain::{
    Acquaintance, ConnectionId, Decision, EmailAddress, Gathering, LogEntry, MediaChange, MediaClaim, Meeting,
    MeetingId, NodeId, Presence, RecoveryId, RoomView, SocketId, Timestamp, UserId, Version, WebhookId,
};

use crate::{
    Attended, ClaimError, CommitError, Connection, CreateError, CreationKey, DueLease, Invitations, KnownUser, Limits,
    ListQuery, LogPage, Mails, MediaNodeRecord, MeetingPage, PollingSession, Session, StoreError, Suppressions, Trace,
};

/// Durable state: meetings, their roles, their logs.
pub trait Meetings: Send + Sync {
    /// Writes a new meeting with its first log entry, on condition that the id is free (and the key unused or expired).
    /// When both are taken, the key is the answer.
    fn create(
        &self,
        meeting: &Meeting,
        first: &LogEntry,
        key: Option<&CreationKey>,
    ) -> impl Future<Output = Result<(), CreateError>> + Send;

    /// Reads a meeting, strongly consistent.
    fn meeting(&self, id: &MeetingId) -> impl Future<Output = Result<Option<Meeting>, StoreError>> + Send;

    /// Writes the meeting and the log entry of its version in one transaction, on condition that the stored version is
    /// the one before. This condition carries every invariant of a meeting: what was decided on an old state is not written.
    fn commit(&self, decision: &Decision) -> impl Future<Output = Result<(), CommitError>> + Send;

    /// Log entries after a version (which may be any number), oldest first, at most `limit`.
    fn log(
        &self,
        id: &MeetingId,
        after: Version,
        limit: u32,
    ) -> impl Future<Output = Result<LogPage, StoreError>> + Send;

    /// A user's own meetings.
    fn meetings_of(
        &self,
        user: &UserId,
        query: &ListQuery,
    ) -> impl Future<Output = Result<MeetingPage, StoreError>> + Send;
}

/// Who is in a room.
pub trait Rooms: Send + Sync {
    /// The meeting and everybody in its room in one strongly consistent read.
    fn room(&self, id: &MeetingId, now: Timestamp)
    -> impl Future<Output = Result<Option<RoomView>, StoreError>> + Send;

    /// Puts a connection into a room: its presence, and the room in its own item, both or neither; out of the room that
    /// `connection` says it was in, if that was another one. Doing it twice changes neither what it sends nor when it came.
    ///
    /// Nothing is written for a connection that is gone or unknown, or has come into another room since it was read: so
    /// a presence always belongs to a connection that is open and knows its room.
    fn enter(
        &self,
        connection: &Connection,
        room: &MeetingId,
        presence: &Presence,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes exactly this connection out of a room. True when this call did it.
    fn leave(
        &self,
        room: &MeetingId,
        connection: &ConnectionId,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Changes what a connection sends, if it is in the room. True when it was. Two changes at once of different things both count.
    fn set_media(
        &self,
        room: &MeetingId,
        connection: &ConnectionId,
        change: MediaChange,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Connections, their sessions and leases.
pub trait Connections: Send + Sync {
    /// Writes a connection that has authenticated, its session, and its first lease. It is no guest any more.
    /// A connection that is there already stays as it is: its CONNECT came twice.
    fn open(
        &self,
        connection: &Connection,
        lease_due: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Gives a lease to a socket that has not authenticated (only where guests are tracked). Changes nothing for one that has.
    fn open_guest(
        &self,
        id: &ConnectionId,
        lease_due: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Reads a connection; guests are not connections.
    fn connection(&self, id: &ConnectionId) -> impl Future<Output = Result<Option<Connection>, StoreError>> + Send;

    /// The session of a recovery id. It counts only if its connection still carries that id: a connection that has been
    /// closed for good does not.
    fn session(&self, id: &RecoveryId) -> impl Future<Output = Result<Option<Session>, StoreError>> + Send;

    /// Forgets the room of a connection that has left it, if it is still that room and it has not come again.
    fn forget_room(&self, id: &ConnectionId, room: &MeetingId) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Marks an open connection as gone whose client is expected to come back: it stays in its room until its lease,
    /// which now ends at `until`, is looked at. False if it was marked before, or is unknown.
    fn expect_back(
        &self,
        id: &ConnectionId,
        at: Timestamp,
        until: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Marks a connection as gone: from now on it enters no room. Returns it, until [`Connections::close`] has ended its
    /// lease; `None` also for guests and unknown ones. `recoverable`: keep its session.
    fn closing(
        &self,
        id: &ConnectionId,
        at: Timestamp,
        recoverable: bool,
    ) -> impl Future<Output = Result<Option<Connection>, StoreError>> + Send;

    /// Marks a connection or a guest as gone and ends its lease. True when this call did it.
    /// `recoverable`: keep what recovery needs; otherwise its room and its session are forgotten.
    fn close(
        &self,
        id: &ConnectionId,
        at: Timestamp,
        recoverable: bool,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Leases that are due, longest due first, at most `limit`; more may be due.
    fn due(&self, now: Timestamp, limit: u32) -> impl Future<Output = Result<Vec<DueLease>, StoreError>> + Send;

    /// A ping is about to go out: look again at `due`, and expect an answer until then.
    /// False when the lease is not there any more or somebody else has taken this round.
    fn pinged(
        &self,
        id: &ConnectionId,
        now: Timestamp,
        due: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The peer has answered: its lease runs until `due`. Changes nothing for one that is departing.
    fn ponged(&self, id: &ConnectionId, due: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Media nodes, and which of them has which room.
pub trait MediaNodes: Send + Sync {
    /// All nodes that have not retired, also those whose lease has lapsed, in no order.
    fn nodes(&self) -> impl Future<Output = Result<Vec<MediaNodeRecord>, StoreError>> + Send;

    /// A node, strongly consistent; `None` for one that has retired or was never there.
    fn node(&self, id: &NodeId) -> impl Future<Output = Result<Option<MediaNodeRecord>, StoreError>> + Send;

    /// Writes a node's record. False, and nothing is written, when it has retired, or a record with a later lease is there:
    /// a write that was long under way replaces nothing.
    fn renew_node(&self, record: &MediaNodeRecord) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// A node ends: it takes no room any more and its record, with its ticket key, is gone for good. Its claims stay, for
    /// others to replace.
    fn retire_node(&self, id: &NodeId, now: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Gives a room to a node, on condition that nobody has it, or that it has still the claim `replacing`; that the node is
    /// there, takes rooms and has a lease at `now`; and that the meeting is there and has not ended. One transaction.
    fn claim_room(
        &self,
        room: &MeetingId,
        node: &NodeId,
        replacing: Option<&MediaClaim>,
        now: Timestamp,
    ) -> impl Future<Output = Result<MediaClaim, ClaimError>> + Send;

    /// Which node has a room, strongly consistent: what [`Rooms::room`] says of it, for less.
    fn claim_of(&self, room: &MeetingId) -> impl Future<Output = Result<Option<MediaClaim>, StoreError>> + Send;

    /// What a node has claimed, in order of the rooms' ids, after `after`, at most `limit`: fewer means that these were all.
    fn claims_of(
        &self,
        node: &NodeId,
        after: Option<&MeetingId>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<(MeetingId, MediaClaim)>, StoreError>> + Send;

    /// Ends a claim, if the room still has it. True when it had.
    fn release_room(
        &self,
        room: &MeetingId,
        claim: &MediaClaim,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Sessions that begin with long-polling.
pub trait Polling: Send + Sync {
    /// Keeps the verified CONNECT packet of a polling client until its WebSocket takes over.
    fn keep(&self, session: &PollingSession) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Remembers which polling session a WebSocket upgrades.
    fn upgrade(
        &self,
        connection: &ConnectionId,
        sid: &SocketId,
        expires_at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The polling session that this WebSocket upgrades, if it has been kept.
    fn upgraded(
        &self,
        connection: &ConnectionId,
    ) -> impl Future<Output = Result<Option<PollingSession>, StoreError>> + Send;
}

/// The users that are known.
pub trait Directory: Send + Sync {
    /// A user, strongly consistent; `None` for one who is unknown or has been deleted.
    fn user(&self, id: &UserId) -> impl Future<Output = Result<Option<KnownUser>, StoreError>> + Send;

    /// Those of these users who are known, in no order.
    fn users(&self, ids: &[UserId]) -> impl Future<Output = Result<Vec<KnownUser>, StoreError>> + Send;

    /// Whose a verified address is. It is in [`KnownUser::emails`] of exactly this user.
    fn user_by_email(&self, address: &EmailAddress) -> impl Future<Output = Result<Option<UserId>, StoreError>> + Send;

    /// Takes in news of a user, in whatever order it arrives and however often. False when it changed nothing: newer news of
    /// him, or better ([`crate::NewsSource`]), or his deletion has arrived before.
    ///
    /// An address goes over to him, away from whom it led to, if what is known of that one is older. A token takes no
    /// address from anybody. Addresses that he has no more lead to nobody.
    fn learn(&self, news: &KnownUser) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Forgets a user who was deleted at `at`, and his addresses. What remains is his id and when he was deleted, for 90 days,
    /// so that older news does not bring him back; and, until nothing is left under them, the hashes of his addresses.
    fn forget(&self, id: &UserId, at: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// What is kept of a user elsewhere, at most `limit`; more may be there. Invitations that he sent come first. What is kept
    /// under an address that was his is among it once he is forgotten.
    fn traces(&self, id: &UserId, limit: u32) -> impl Future<Output = Result<Vec<Trace>, StoreError>> + Send;

    /// Deletes one of his traces; from the log of its meeting, his name. His roles are not traces: take them away first.
    ///
    /// An invitation that he got goes, with its token and whatever leads to it; so do its mails, which cannot be sent without
    /// it. One that he sent stays, and so does its trace as long as it names him: [`dais_domain::Invitation::without_inviter`].
    fn erase(&self, id: &UserId, trace: &Trace) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Whether a webhook has been handled and not been forgotten.
    fn was_handled(&self, webhook: &WebhookId) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Remembers that a webhook has been handled, until `expires_at` or somewhat longer.
    fn handled(
        &self,
        webhook: &WebhookId,
        expires_at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Who was in which meeting.
pub trait Attendance: Send + Sync {
    /// Remembers that somebody is in a meeting. Something older than what is remembered changes nothing.
    fn attended(&self, attended: &Attended) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The latest meetings that a user was in or has a role in, at most [`GATHERINGS`], latest first: each with its hosts and
    /// co-hosts and those who were in it, at most [`ATTENDEES`] of these. For a meeting with a role that he was not in,
    /// the time is when he got the role. Costs the same however many meetings he has.
    fn gatherings(&self, user: &UserId) -> impl Future<Output = Result<Vec<Gathering>, StoreError>> + Send;

    /// The people whom a user has met, most recently met first.
    fn network(&self, user: &UserId) -> impl Future<Output = Result<Vec<Acquaintance>, StoreError>> + Send;
}

/// Into how many meetings a network looks.
pub const GATHERINGS: usize = 50;
/// At how many of the people of one meeting a network looks.
pub const ATTENDEES: usize = 100;

/// Everything at once.
pub trait Store:
    Meetings
    + Rooms
    + Connections
    + Polling
    + MediaNodes
    + Directory
    + Attendance
    + Invitations
    + Mails
    + Suppressions
    + Limits
    + Clone
    + 'static
{
}
impl<T> Store for T where
    T: Meetings
        + Rooms
        + Connections
        + Polling
        + MediaNodes
        + Directory
        + Attendance
        + Invitations
        + Mails
        + Suppressions
        + Limits
        + Clone
        + 'static
{
}
