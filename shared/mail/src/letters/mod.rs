//! The letters that Dais writes.
//!
//! Titles, names and addresses come from outside. Whatever they hold, they stay one line of visible text: in the subject, in
//! the HTML (escaped by the template engine), in the plain text and in the calendar file.

mod calendar;
mod words;

use askama::Template;
use dais_domain::{EmailAddress, MeetingId, Role, Timestamp};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::{Attachment, Letter};
use words::{When, line, unlinked};

/// Most characters of a title in a subject; of a title elsewhere; of a name; of a line of hosts.
const MAX_SUBJECT_TITLE: usize = 120;
const MAX_TITLE: usize = 500;
const MAX_NAME: usize = 100;
const MAX_HOSTS: usize = 330;

/// The media type of the calendar file; METHOD says that nobody is asked to answer it (RFC 5546, section 3.2.1).
const CALENDAR: &str = "text/calendar; charset=utf-8; method=PUBLISH";

/// The meeting that a letter is about.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    /// Its id.
    pub meeting: &'a MeetingId,
    /// What it is called.
    pub title: &'a str,
    /// When it begins.
    pub starts_at: Timestamp,
    /// Its hosts by the one rule of display, [`dais_domain::hosted_by::hosted_by`]; none has a name: `None`.
    pub hosted_by: Option<&'a str>,
    /// Absolute address of its page, without a token.
    pub link: &'a str,
}

/// "You've been invited to co-host …".
#[derive(Debug, Clone, Copy)]
pub struct InvitationLetter<'a> {
    /// The invitee.
    pub to: &'a EmailAddress,
    /// The address that the letter comes from.
    pub sender: &'a EmailAddress,
    /// What it is about.
    pub event: Event<'a>,
    /// Who invites, if he has a name.
    pub inviter: Option<&'a str>,
    /// What the invitee will be.
    pub role: Role,
    /// Absolute address where the invitation is accepted, with its token.
    pub accept_link: &'a str,
    /// Absolute address that takes the one-click unsubscription (RFC 8058) and shows a page to a reader who follows it.
    pub unsubscribe_link: &'a str,
    /// When the invitation ends.
    pub expires_at: Timestamp,
    /// When the letter is written.
    pub now: Timestamp,
}

/// "… is now a host of …", to the inviter.
#[derive(Debug, Clone, Copy)]
pub struct AcceptedLetter<'a> {
    /// The inviter.
    pub to: &'a EmailAddress,
    /// What it is about.
    pub event: Event<'a>,
    /// Who accepted, if he has a name.
    pub acceptor: Option<&'a str>,
    /// What he is now.
    pub role: Role,
    /// As in [`InvitationLetter::unsubscribe_link`].
    pub unsubscribe_link: &'a str,
}

/// The invitation, with the meeting as a calendar file.
pub fn invitation(letter: &InvitationLetter<'_>) -> Letter {
    let (kind, role, powers) = match letter.role {
        Role::Host => (
            "HOST",
            "host",
            "Hosts run the event together: they edit it, invite others, and look after everybody in the room.",
        ),
        _ => ("CO-HOST", "co-host", "Co-hosts help to run the room: they mute, unmute and remove participants."),
    };
    let hosted_by = letter.event.hosted_by.map(|hosts| line(hosts, MAX_HOSTS)).filter(|hosts| !hosts.is_empty());
    let title = line(letter.event.title, MAX_TITLE);
    let file = calendar::file(&calendar::Entry {
        meeting: letter.event.meeting.as_str(),
        title: &title,
        starts: &When::new(letter.event.starts_at),
        written: &When::new(letter.now),
        hosted_by: hosted_by.as_deref(),
        link: &link(letter.event.link),
        sender: letter.sender.as_str(),
    });
    let subject = format!("You've been invited to co-host {}", line(letter.event.title, MAX_SUBJECT_TITLE));
    let words = Invitation {
        subject: &subject,
        preview: preview(&letter.event),
        kind,
        role,
        powers,
        event: EventWords::new(&letter.event),
        inviter: letter.inviter.and_then(name),
        accept_link: link(letter.accept_link),
        unsubscribe_link: link(letter.unsubscribe_link),
        address: letter.to.as_str(),
        ends: When::new(letter.expires_at).date_and_time(),
    };
    Letter {
        to: letter.to.clone(),
        html: rendered(&words),
        text: rendered(&InvitationText { letter: &words }),
        headers: unsubscribe(letter.unsubscribe_link),
        attachments: vec![Attachment { name: "event.ics", content_type: CALENDAR, content: file }],
        subject,
    }
}

/// The word to the inviter that his invitation was accepted.
pub fn accepted(letter: &AcceptedLetter<'_>) -> Letter {
    let role = if letter.role == Role::Host { "host" } else { "co-host" };
    let plain = letter.acceptor.map(|acceptor| line(acceptor, MAX_NAME)).filter(|acceptor| !acceptor.is_empty());
    let plain = plain.unwrap_or_else(|| "Your invitee".to_owned());
    let subject = format!("{plain} is now a {role} of {}", line(letter.event.title, MAX_SUBJECT_TITLE));
    let words = Accepted {
        subject: &subject,
        preview: preview(&letter.event),
        role,
        event: EventWords::new(&letter.event),
        acceptor: unlinked(&plain),
        unsubscribe_link: link(letter.unsubscribe_link),
    };
    Letter {
        to: letter.to.clone(),
        html: rendered(&words),
        text: rendered(&AcceptedText { letter: &words }),
        headers: unsubscribe(letter.unsubscribe_link),
        attachments: Vec::new(),
        subject,
    }
}

/// The meeting in words.
struct EventWords {
    title: String,
    /// As long as in a subject, for headings.
    short_title: String,
    date: String,
    time: String,
    month: String,
    day: u8,
    hosted_by: Option<String>,
    link: String,
}

impl EventWords {
    fn new(event: &Event<'_>) -> Self {
        let starts = When::new(event.starts_at);
        Self {
            title: unlinked(&line(event.title, MAX_TITLE)),
            short_title: unlinked(&line(event.title, MAX_SUBJECT_TITLE)),
            date: starts.date(),
            time: starts.time(),
            month: starts.month(),
            day: starts.day(),
            hosted_by: event.hosted_by.map(|hosts| unlinked(&line(hosts, MAX_HOSTS))).filter(|hosts| !hosts.is_empty()),
            link: link(event.link),
        }
    }
}

#[derive(Template)]
#[template(path = "invitation.html")]
struct Invitation<'a> {
    subject: &'a str,
    preview: String,
    kind: &'static str,
    role: &'static str,
    powers: &'static str,
    event: EventWords,
    inviter: Option<String>,
    accept_link: String,
    unsubscribe_link: String,
    address: &'a str,
    ends: String,
}

#[derive(Template)]
#[template(path = "invitation.txt")]
struct InvitationText<'a> {
    letter: &'a Invitation<'a>,
}

#[derive(Template)]
#[template(path = "accepted.html")]
struct Accepted<'a> {
    subject: &'a str,
    preview: String,
    role: &'static str,
    event: EventWords,
    acceptor: String,
    unsubscribe_link: String,
}

#[derive(Template)]
#[template(path = "accepted.txt")]
struct AcceptedText<'a> {
    letter: &'a Accepted<'a>,
}

fn rendered(template: &impl Template) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = template.render_into(&mut text);
    text
}

/// What lists of mails show behind the subject.
fn preview(event: &Event<'_>) -> String {
    let starts = When::new(event.starts_at);
    let mut preview = format!("{}, {}", starts.date(), starts.time());
    if let Some(hosts) = event.hosted_by.map(|hosts| line(hosts, MAX_HOSTS)).filter(|hosts| !hosts.is_empty()) {
        preview.push_str(" · Hosted by ");
        preview.push_str(&unlinked(&hosts));
    }
    preview
}

/// A name in a letter's body; None if nothing of it can be seen.
fn name(value: &str) -> Option<String> {
    Some(unlinked(&line(value, MAX_NAME))).filter(|name| !name.is_empty())
}

/// An address as it can stand in a header, between angle brackets and in plain text: what could end it is percent-encoded.
fn link(address: &str) -> String {
    const UNSAFE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'`');
    utf8_percent_encode(address, UNSAFE).to_string()
}

/// The headers for unsubscribing with one click (RFC 8058).
fn unsubscribe(address: &str) -> Vec<(&'static str, String)> {
    vec![
        ("List-Unsubscribe", format!("<{}>", link(address))),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
    ]
}
