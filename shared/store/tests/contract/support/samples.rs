//! People, meetings and connections to try things with.

use std::time::Duration;

use dais_domain::{
    Actor, Command, ConnectionId, Decision, Description, DisplayName, EmailAddress, Invitation, InvitationId, LogEntry,
    MailId, MediaState, Meeting, MeetingEdit, MeetingId, NodeId, Presence, RecoveryId, Role, SocketId, Terms,
    Timestamp, TokenHash, UserId, Version,
};
use dais_store::{
    Attended, CommitError, Connection, KnownUser, Mail, MailKind, MediaNodeRecord, NewsSource, NodeLoad, Store,
};

/// "Now". In the future of every real clock, so that no real table deletes an item for its age.
pub const NOW_MS: u64 = 4_102_444_800_000;

/// So many seconds after "now".
pub fn at(seconds: u64) -> Timestamp {
    Timestamp::from_ms(NOW_MS).plus(Duration::from_secs(seconds))
}

/// So many seconds before "now".
pub fn ago(seconds: u64) -> Timestamp {
    Timestamp::from_ms(NOW_MS - seconds * 1000)
}

pub fn user(id: &str) -> UserId {
    UserId::new(id).unwrap()
}

pub fn meeting_id(id: &str) -> MeetingId {
    MeetingId::new(id).unwrap()
}

pub fn connection_id(id: &str) -> ConnectionId {
    ConnectionId::new(id).unwrap()
}

pub fn recovery_id(id: &str) -> RecoveryId {
    RecoveryId::new(id).unwrap()
}

/// A meeting that has not been written, and its first log entry.
pub fn new_meeting(id: &str, creator: &str, starts_at: Timestamp) -> (Meeting, LogEntry) {
    let description = Description::new("Stand-up").unwrap();
    Meeting::create(meeting_id(id), user(creator), DisplayName::new("Ada").ok(), description, starts_at, at(0))
}

/// A meeting that has been written.
pub async fn created(store: &impl Store, id: &str, creator: &str, starts_at: Timestamp) -> Meeting {
    let (meeting, first) = new_meeting(id, creator, starts_at);
    store.create(&meeting, &first, None).await.unwrap();
    meeting
}

/// What `actor` would write with this command.
pub fn decided(meeting: &Meeting, actor: &str, command: Command) -> Decision {
    let actor = Actor { user_id: user(actor), name: None };
    meeting.decide(&actor, &command, DisplayName::new("Bo").ok(), at(1)).unwrap().unwrap()
}

/// Decides on the stored meeting and writes, again as long as somebody else was first.
pub async fn changed(store: &impl Store, id: &str, actor: &str, command: Command) -> Meeting {
    loop {
        let meeting = store.meeting(&meeting_id(id)).await.unwrap().unwrap();
        tokio::task::yield_now().await;
        let decision = decided(&meeting, actor, command.clone());
        match store.commit(&decision).await {
            Ok(()) => return decision.meeting,
            Err(CommitError::Conflict) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// A command that moves the start.
pub fn moved_to(starts_at: Timestamp) -> Command {
    Command::Edit(MeetingEdit { starts_at: Some(starts_at), ..MeetingEdit::default() })
}

/// All entries of a log.
pub async fn whole_log(store: &impl Store, id: &str) -> Vec<LogEntry> {
    let page = store.log(&meeting_id(id), Version(0), 1000).await.unwrap();
    assert!(!page.more);
    page.entries
}

/// A connection of its own session, not written. Its recovery id is its id with `-pid`.
pub fn connection(id: &str, of: &str) -> Connection {
    Connection {
        id: connection_id(id),
        socket_id: SocketId::new(format!("{id}-sid")).unwrap(),
        recovery_id: recovery_id(&format!("{id}-pid")),
        user_id: user(of),
        name: None,
        image_url: None,
        connected_at: at(0),
        room: None,
        disconnected_at: None,
    }
}

/// A connection that has been written; its lease is due in five minutes.
pub async fn opened(store: &impl Store, id: &str, of: &str) -> Connection {
    let connection = connection(id, of);
    store.open(&connection, at(300)).await.unwrap();
    connection
}

/// Its presence in a room.
pub fn presence(connection: &Connection) -> Presence {
    Presence {
        connection_id: connection.id.clone(),
        socket_id: connection.socket_id.clone(),
        user_id: connection.user_id.clone(),
        name: DisplayName::new("Bo").unwrap(),
        image_url: None,
        media: MediaState::default(),
        joined_at: at(10),
        expires_at: at(7200),
    }
}

/// Who is in a room at "now".
pub async fn present(store: &impl Store, room: &MeetingId) -> Vec<Presence> {
    store.room(room, at(0)).await.unwrap().unwrap().presences
}

pub fn address(address: &str) -> EmailAddress {
    EmailAddress::new(address).unwrap()
}

/// What the provider says of a user, so many seconds after "now".
pub fn news(id: &str, emails: &[&str], seconds: u64) -> KnownUser {
    KnownUser {
        id: user(id),
        name: DisplayName::new(format!("{id} at {seconds}")).ok(),
        image_url: None,
        emails: emails.iter().map(|email| address(email)).collect(),
        source: NewsSource::Provider,
        updated_at: at(seconds),
    }
}

/// What his token says of a user.
pub fn token_news(id: &str, emails: &[&str], seconds: u64) -> KnownUser {
    KnownUser { source: NewsSource::Token, ..news(id, emails, seconds) }
}

/// Lets somebody have been in a meeting, so many seconds after "now". His name is his id.
pub async fn attended(store: &impl Store, id: &str, meeting: &str, seconds: u64) {
    let attended = Attended {
        meeting_id: meeting_id(meeting),
        user_id: user(id),
        name: DisplayName::new(id).ok(),
        at: at(seconds),
    };
    store.attended(&attended).await.unwrap();
}

pub fn token(text: &str) -> TokenHash {
    TokenHash::new(text).unwrap()
}

/// What ada offers for a week from "now", told by the mail `x-{id}`.
pub fn terms(mail: &str) -> Terms {
    Terms {
        inviter: Actor { user_id: user("ada"), name: DisplayName::new("Ada").ok() },
        inviter_email: Some(address("ada@example.com")),
        role: Role::Host,
        expires_at: at(7 * 24 * 3600),
        mail: MailId::new(mail).unwrap(),
    }
}

/// An invitation of `to` to the meeting m1, which has not been written. Its mail is `x-{id}`.
pub fn invitation(id: &str, to: &str) -> Invitation {
    let mail = format!("x-{id}");
    Invitation::new(InvitationId::new(id).unwrap(), meeting_id("m1"), address(to), None, false, terms(&mail), at(0))
}

/// The mail that tells of it, due "now".
pub fn mail(invitation: &Invitation) -> Mail {
    Mail {
        id: invitation.mail.clone(),
        kind: MailKind::Invitation,
        meeting_id: invitation.meeting_id.clone(),
        invitation_id: invitation.id.clone(),
        created_at: at(0),
        attempt: 0,
        due: Some(at(0)),
    }
}

/// An invitation that has been written.
pub async fn invited(store: &impl Store, id: &str, to: &str) -> Invitation {
    let invitation = invitation(id, to);
    store.invite(&invitation, &[], &mail(&invitation)).await.unwrap();
    invitation
}

/// Claims its mail with this token and returns the invitation as it is then.
pub async fn told(store: &impl Store, invitation: &Invitation, hash: &str) -> Invitation {
    let with_token = invitation.with_token(&invitation.mail, token(hash), at(0)).unwrap();
    store.claim(&mail(invitation), at(60), Some(&with_token)).await.unwrap().unwrap();
    with_token
}

pub fn node_id(id: &str) -> NodeId {
    NodeId::new(id).unwrap()
}

/// A media node whose lease ends so many seconds after "now". It has not been written.
pub fn node(id: &str, lease: u64) -> MediaNodeRecord {
    MediaNodeRecord {
        id: node_id(id),
        control_url: "https://192.0.2.1:4443".to_owned(),
        fingerprint: "ab".repeat(32),
        ticket_key: format!("{id}-key"),
        load: NodeLoad::default(),
        draining: false,
        started_at: at(0),
        lease_until: at(lease),
    }
}

/// Erases the traces of somebody, each twice, at most four at a time. How many there were.
pub async fn erased_in_portions(store: &impl Store, id: &str) -> usize {
    let mut seen = 0;
    loop {
        let portion = store.traces(&user(id), 4).await.unwrap();
        assert!(portion.len() <= 4);
        if portion.is_empty() {
            return seen;
        }
        seen += portion.len();
        for trace in portion {
            store.erase(&user(id), &trace).await.unwrap();
            store.erase(&user(id), &trace).await.unwrap();
        }
    }
}
