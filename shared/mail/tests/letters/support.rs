//! A meeting, an invitee, and letters about them.

use dais_domain::{EmailAddress, MeetingId, Role, Timestamp};
use dais_mail::{
    Letter,
    letters::{self, AcceptedLetter, Event, InvitationLetter},
};

pub const EVENT_LINK: &str = "https://meet.example.com/events/m-1";
pub const ACCEPT_LINK: &str = "https://meet.example.com/events/m-1/accept-host?token=s3cret-t0ken";
pub const UNSUBSCRIBE_LINK: &str = "https://meet.example.com/api/mail/unsubscribe?mail=x-1&proof=abc";

/// What differs between the letters of the tests.
pub struct Sample<'a> {
    pub to: &'a str,
    pub title: &'a str,
    pub hosted_by: Option<&'a str>,
    /// The inviter, or who accepted.
    pub person: Option<&'a str>,
    pub role: Role,
    pub event_link: &'a str,
    pub unsubscribe_link: &'a str,
}

impl Default for Sample<'_> {
    fn default() -> Self {
        Self {
            to: "bo@example.com",
            title: "Stand-up",
            hosted_by: Some("Ada and Cy"),
            person: Some("Ada"),
            role: Role::Host,
            event_link: EVENT_LINK,
            unsubscribe_link: UNSUBSCRIBE_LINK,
        }
    }
}

impl Sample<'_> {
    pub fn invitation(&self) -> Letter {
        letters::invitation(&InvitationLetter {
            to: &EmailAddress::new(self.to).unwrap(),
            sender: &EmailAddress::new("invitations@meet.example.com").unwrap(),
            event: self.event(&MeetingId::new("m-1").unwrap()),
            inviter: self.person,
            role: self.role,
            accept_link: ACCEPT_LINK,
            unsubscribe_link: self.unsubscribe_link,
            expires_at: Timestamp::parse_rfc3339("2026-11-28T12:30:00Z").unwrap(),
            now: Timestamp::parse_rfc3339("2026-11-21T12:30:00Z").unwrap(),
        })
    }

    pub fn accepted(&self) -> Letter {
        letters::accepted(&AcceptedLetter {
            to: &EmailAddress::new(self.to).unwrap(),
            event: self.event(&MeetingId::new("m-1").unwrap()),
            acceptor: self.person,
            role: self.role,
            unsubscribe_link: self.unsubscribe_link,
        })
    }

    fn event<'b>(&'b self, meeting: &'b MeetingId) -> Event<'b> {
        Event {
            meeting,
            title: self.title,
            starts_at: Timestamp::parse_rfc3339("2026-11-30T18:05:00Z").unwrap(),
            hosted_by: self.hosted_by,
            link: self.event_link,
        }
    }
}

/// The calendar file of a letter.
pub fn calendar(letter: &Letter) -> String {
    String::from_utf8(letter.attachments[0].content.clone()).unwrap()
}

/// The words that a reader of the HTML sees, tags taken off and entities read.
pub fn seen(html: &str) -> String {
    let body = html.split("</head>").nth(1).unwrap();
    let mut words = String::new();
    let mut inside = false;
    for char in body.chars() {
        match char {
            '<' => inside = true,
            '>' => inside = false,
            char if !inside => words.push(char),
            _ => {}
        }
    }
    let entities = [("&#39;", "'"), ("&#34;", "\""), ("&#60;", "<"), ("&#62;", ">"), ("&nbsp;", " "), ("&#38;", "&")];
    entities.iter().fold(words, |words, (entity, char)| words.replace(entity, char))
}
