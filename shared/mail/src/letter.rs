//! A finished e-mail.

use dais_domain::EmailAddress;

/// An e-mail as it is handed to the mail service, which encodes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The one receiver.
    pub to: EmailAddress,
    /// One line.
    pub subject: String,
    /// The whole HTML document.
    pub html: String,
    /// The same for readers of plain text.
    pub text: String,
    /// Further headers by name, such as `List-Unsubscribe` (RFC 8058).
    pub headers: Vec<(&'static str, String)>,
    /// Files.
    pub attachments: Vec<Attachment>,
}

/// A file in a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name, such as `meeting.ics`.
    pub name: &'static str,
    /// Its media type with parameters, such as `text/calendar; method=PUBLISH`.
    pub content_type: &'static str,
    /// Its content.
    pub content: Vec<u8>,
}
