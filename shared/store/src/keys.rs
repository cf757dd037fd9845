//! Every key of the table is built here, and nowhere else.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | meeting | `M#{meeting}` | `A` |
//! | which media node has the room | `M#{meeting}` | `B` |
//! | presence of a connection in the room | `M#{meeting}` | `C#{connection}` |
//! | media node | `D#` | `{node}` |
//! | a room that a media node has claimed | `D#{node}` | `M#{meeting}` |
//! | log entry | `M#{meeting}` | `L#{version, 20 digits}` |
//! | connection | `C#{connection}` | `A` |
//! | session for recovery | `S#{pid}` | `A` |
//! | a user's own meeting | `U#{user}` | `M#{meeting}` |
//! | idempotency key of a creation | `U#{user}` | `K#{key}` |
//! | session of a client that started with long-polling | `P#{sid}` | `A` |
//! | the polling session that a WebSocket upgrades | `W#{connection}` | `A` |
//! | known user, or his tombstone | `U#{user}` | `A` |
//! | whose a verified address is | `E#{hash of the address}` | `A` |
//! | webhook that was handled | `N#{message}` | `A` |
//! | attendance, of the user | `U#{user}` | `V#{meeting}` |
//! | attendance, of the meeting | `M#{meeting}` | `P#{user}` |
//! | invitation | `M#{meeting}` | `I#{invitation}` |
//! | the latest invitation of an address | `M#{meeting}` | `J#E{hash of the address}` |
//! | the latest invitation of a user | `M#{meeting}` | `J#U{user}` |
//! | that an address was invited | `E#{hash of the address}` | `I#{meeting}#{invitation}` |
//! | that a user was invited | `U#{user}` | `I#{meeting}#{invitation}` |
//! | that a user has invited | `U#{user}` | `B#{meeting}#{invitation}` |
//! | token of an invitation | `T#{hash of the token}` | `A` |
//! | mail | `X#{mail}` | `A` |
//! | message that the mail service has taken | `Q#{its id}` | `A` |
//! | suppressed address | `Z#{hash of the address}` | `A` |
//! | what of a limit is used up | `R#{limit}#E{hash of the address}` or `R#{limit}#U{user}` | `{window, 20 digits}` |
//!
//! Ids never contain `#` (see `dais_domain::id`), so no two kinds can collide. Meeting, claim and presences sort
//! before `D` and the log after it: one query with `sk < "D"` reads the room and nothing else.
//!
//! Index `starts` (`starts_pk`, `starts_sk`): a user's own meetings by start (`U#{user}`), and those that he was in by when he
//! was there last (`V#{user}`). Index `leases` (`lease_pk`, `lease_due`): connections by when the heartbeat must look at them
//! (`H#{shard}`), and mails by when they are to be sent (`O#{shard}`), each in [`LEASE_SHARDS`] shards. Neither decides a
//! permission.
//!
//! Addresses and tokens stand in no key in the clear: who sees a key, in a log or a metric, does not see them. Of all items only a
//! user, his polling session and an invitation hold an address; mails and messages name their invitation. From each person that an
//! invitation names, an item of his partition leads to it.

use std::hash::{DefaultHasher, Hash, Hasher};

use aws_lc_rs::digest;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use dais_domain::{
    ConnectionId, EmailAddress, InvitationId, MailId, MeetingId, MessageId, NodeId, RecoveryId, Timestamp, TokenHash,
    UserId, Version, WebhookId,
};
use serde::{Deserialize, Serialize};

use crate::{Invitee, Party};

/// Name of the partition key.
pub const PK: &str = "pk";
/// Name of the sort key.
pub const SK: &str = "sk";
/// Name of the attribute that DynamoDB's time to live reads, in epoch seconds.
pub const TTL: &str = "ttl";
/// The index of own meetings.
pub const STARTS_INDEX: &str = "starts";
/// Its partition key.
pub const STARTS_PK: &str = "starts_pk";
/// Its sort key.
pub const STARTS_SK: &str = "starts_sk";
/// The index of leases.
pub const LEASES_INDEX: &str = "leases";
/// Into how many partitions leases are spread: each takes 1,000 writes a second.
pub const LEASE_SHARDS: u8 = 8;

/// Sort key of the item that stands for the whole partition.
pub const HEAD: &str = "A";
/// Sort key of the claim of a media node on a room.
pub const CLAIM: &str = "B";
/// Sort keys of meeting, claim and presences are below this, those of the log above.
pub const ROOM_END: &str = "D";

/// A full primary key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

impl Key {
    fn new(pk: String, sk: impl Into<String>) -> Self {
        Self { pk, sk: sk.into() }
    }
}

/// Partition of a meeting, its room and its log.
pub fn meeting_partition(id: &MeetingId) -> String {
    format!("M#{id}")
}

/// The meeting itself.
pub fn meeting(id: &MeetingId) -> Key {
    Key::new(meeting_partition(id), HEAD)
}

/// A connection's presence in a room.
pub fn presence(room: &MeetingId, connection: &ConnectionId) -> Key {
    Key::new(meeting_partition(room), format!("C#{connection}"))
}

/// Which media node has a room.
pub fn claim(room: &MeetingId) -> Key {
    Key::new(meeting_partition(room), CLAIM)
}

/// Partition of the media nodes.
pub const NODES: &str = "D#";

/// A media node.
pub fn node(id: &NodeId) -> Key {
    Key::new(NODES.to_owned(), id.as_str())
}

/// Partition of what a media node has claimed.
pub fn node_partition(id: &NodeId) -> String {
    format!("{NODES}{id}")
}

/// Sort keys of claimed rooms begin with this.
pub const CLAIMED: &str = "M#";

/// A room that a media node has claimed.
pub fn claimed(node: &NodeId, room: &MeetingId) -> Key {
    Key::new(node_partition(node), format!("{CLAIMED}{room}"))
}

/// Sort key of a log entry.
pub fn log_sk(version: Version) -> String {
    format!("L#{:020}", version.0)
}

/// A log entry.
pub fn log_entry(id: &MeetingId, version: Version) -> Key {
    Key::new(meeting_partition(id), log_sk(version))
}

/// A connection.
pub fn connection(id: &ConnectionId) -> Key {
    Key::new(format!("C#{id}"), HEAD)
}

/// A session that can be recovered.
pub fn session(id: &RecoveryId) -> Key {
    Key::new(format!("S#{}", id.as_str()), HEAD)
}

/// A session that began with long-polling. `sid` must be of the grammar of socket ids.
pub fn polling(sid: &dais_domain::SocketId) -> Key {
    Key::new(format!("P#{sid}"), HEAD)
}

/// Which polling session a WebSocket upgrades.
pub fn upgrade(connection: &ConnectionId) -> Key {
    Key::new(format!("W#{connection}"), HEAD)
}

/// Partition of what belongs to a user.
pub fn user_partition(user: &UserId) -> String {
    format!("U#{user}")
}

/// A user's own meeting.
pub fn own_meeting(user: &UserId, id: &MeetingId) -> Key {
    Key::new(user_partition(user), format!("M#{id}"))
}

/// An idempotency key of a user; the caller bounds its length.
pub fn creation_key(user: &UserId, key: &str) -> Key {
    Key::new(user_partition(user), format!("K#{key}"))
}

/// What is known of a user, or that he has been deleted.
pub fn user(user: &UserId) -> Key {
    Key::new(user_partition(user), HEAD)
}

/// Whose a verified address is.
pub fn address(address: &EmailAddress) -> Key {
    Key::new(address_partition(&AddressHash::of(address)), HEAD)
}

/// Partition of what belongs to an address.
pub fn address_partition(hash: &AddressHash) -> String {
    format!("E#{}", hash.0)
}

/// A webhook that was handled.
pub fn webhook(id: &WebhookId) -> Key {
    Key::new(format!("N#{id}"), HEAD)
}

/// Sort keys of a user's attendances begin with this.
pub const ATTENDANCE: &str = "V#";

/// That a user was in a meeting, in his partition.
pub fn attendance(user: &UserId, meeting: &MeetingId) -> Key {
    Key::new(user_partition(user), format!("{ATTENDANCE}{meeting}"))
}

/// Partition of the index of starts in which a user's attendances stand.
pub fn attendance_partition(user: &UserId) -> String {
    format!("{ATTENDANCE}{user}")
}

/// Sort keys of those who were in a meeting begin with this.
pub const ATTENDEE: &str = "P#";

/// That a user was in a meeting, in the meeting's partition.
pub fn attendee(meeting: &MeetingId, user: &UserId) -> Key {
    Key::new(meeting_partition(meeting), format!("{ATTENDEE}{user}"))
}

/// SHA-256 of an address: finds what is kept under the address, and does not show it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AddressHash(String);

impl AddressHash {
    /// Of this address.
    pub fn of(address: &EmailAddress) -> Self {
        Self(hashed(address.as_str()))
    }
}

/// SHA-256 in base64url: a key for what must not be read off a key.
pub fn hashed(value: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, value.as_bytes()))
}

/// Sort key of the index of own meetings: by start, then id.
pub fn starts_sk(starts_at: Timestamp, id: &MeetingId) -> String {
    format!("{}#{id}", starts_from(starts_at))
}

/// Below every position from this start on, above all before it.
pub fn starts_from(starts_at: Timestamp) -> String {
    format!("{:020}", starts_at.as_ms())
}

/// A place in the index of own meetings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartsPosition {
    /// Sort key of the index.
    pub sk: String,
    /// The meeting at this place.
    pub meeting: MeetingId,
}

impl StartsPosition {
    /// Reads what [`starts_sk`] made. `None` for anything else: callers hand it out and may get anything back.
    pub fn parse(sk: &str) -> Option<Self> {
        let (start, id) = sk.split_once('#')?;
        let is_start = start.len() == 20 && start.bytes().all(|digit| digit.is_ascii_digit());
        let meeting = MeetingId::new(id).ok()?;
        is_start.then(|| Self { sk: sk.to_owned(), meeting })
    }
}

/// Sort keys of invitations begin with this.
pub const INVITATION_PREFIX: &str = "I#";

/// An invitation.
pub fn invitation(meeting: &MeetingId, id: &InvitationId) -> Key {
    Key::new(meeting_partition(meeting), format!("{INVITATION_PREFIX}{id}"))
}

/// Sort keys of the invitations that a user has sent begin with this.
const INVITER_PREFIX: &str = "B#";

/// That somebody is a party to an invitation, in his partition.
pub fn party(party: &Party, meeting: &MeetingId, id: &InvitationId) -> Key {
    let (partition, prefix) = match party {
        Party::Inviter(user) => (user_partition(user), INVITER_PREFIX),
        Party::Invitee(user) => (user_partition(user), INVITATION_PREFIX),
        Party::Address(hash) => (address_partition(hash), INVITATION_PREFIX),
    };
    Key::new(partition, format!("{prefix}{meeting}#{id}"))
}

/// Which invitation of a meeting was the latest of an address or a user.
pub fn latest_invitation(meeting: &MeetingId, of: &Invitee) -> Key {
    Key::new(meeting_partition(meeting), format!("J#{}", invitee(of)))
}

fn invitee(invitee: &Invitee) -> String {
    match invitee {
        Invitee::Email(address) => format!("E{}", hashed(address.as_str())),
        Invitee::User(user) => format!("U{user}"),
    }
}

/// The token of an invitation.
pub fn token(hash: &TokenHash) -> Key {
    Key::new(format!("T#{hash}"), HEAD)
}

/// A mail.
pub fn mail(id: &MailId) -> Key {
    Key::new(format!("X#{id}"), HEAD)
}

/// A message that the mail service has taken.
pub fn message(id: &MessageId) -> Key {
    Key::new(format!("Q#{id}"), HEAD)
}

/// A suppressed address.
pub fn suppression(address: &EmailAddress) -> Key {
    Key::new(format!("Z#{}", hashed(address.as_str())), HEAD)
}

/// What of a limit is used up in a window of time.
pub fn limit(name: &str, of: &Invitee, window: u64) -> Key {
    Key::new(format!("R#{name}#{}", invitee(of)), format!("{window:020}"))
}

/// Partition of the lease index in which a connection stands.
pub fn lease_partition(id: &ConnectionId) -> String {
    lease_shard(shard_of(id))
}

/// Partition of the lease index in which a mail stands.
pub fn mail_partition(id: &MailId) -> String {
    mail_shard(shard_of(id))
}

fn shard_of(id: &impl Hash) -> u8 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    u8::try_from(hasher.finish() % u64::from(LEASE_SHARDS)).unwrap_or(0)
}

/// Name of a partition of the lease index that holds mails.
pub fn mail_shard(shard: u8) -> String {
    format!("O#{shard}")
}

/// Name of a partition of the lease index.
pub fn lease_shard(shard: u8) -> String {
    format!("H#{shard}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn no_key_shows_an_address() {
        let address = EmailAddress::new("ada@example.com").unwrap();
        let (meeting, of) = (MeetingId::new("m").unwrap(), Invitee::Email(address.clone()));
        let invited = party(&Party::Address(AddressHash::of(&address)), &meeting, &InvitationId::new("i").unwrap());
        for key in [latest_invitation(&meeting, &of), suppression(&address), limit("l", &of, 1), invited] {
            assert!(!format!("{key:?}").contains("ada"), "{key:?}");
        }
    }

    #[test]
    fn log_entries_sort_by_version_and_after_the_room() {
        let id = MeetingId::new("m").unwrap();
        let nine = log_entry(&id, Version(9)).sk;
        let ten = log_entry(&id, Version(10)).sk;
        assert!(nine < ten);
        assert!(nine.as_str() > ROOM_END);
        assert!(meeting(&id).sk.as_str() < ROOM_END);
        assert!(presence(&id, &ConnectionId::new("zz=").unwrap()).sk.as_str() < ROOM_END);
        assert!(claim(&id).sk.as_str() < ROOM_END);
        assert!(INVITATION_PREFIX > ROOM_END, "a room is read without its invitations");
        assert!(attendee(&id, &UserId::new("0").unwrap()).sk > log_sk(Version(u64::MAX)));
    }

    #[test]
    fn a_key_shows_no_address() {
        let key = address(&EmailAddress::new("Ada@Example.com").unwrap());
        assert_eq!(key, address(&EmailAddress::new("ada@example.com").unwrap()));
        // echo -n ada@example.com | openssl dgst -sha256 -binary | basenc --base64url
        assert_eq!(key.pk, "E#tfyF5VdV-eDQMKEKtEKbaylEhV-aDWAHf-gyvsvEHXI");
    }
}
