//! The addresses in mails.

use dais_domain::{MailId, MeetingId};

use crate::InvitationToken;

/// Why links cannot begin so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an origin such as https://meet.example.com")]
pub struct OriginError;

/// Makes addresses of this deployment's pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    origin: String,
}

impl Links {
    /// `origin` as a browser shows it. A slash at its end does not matter: exactly one stands before each path.
    pub fn new(origin: &str) -> Result<Self, OriginError> {
        let origin = origin.trim_end_matches('/');
        let rest = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")).ok_or(OriginError)?;
        if rest.is_empty() || !rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:".contains(&byte)) {
            return Err(OriginError);
        }
        Ok(Self { origin: origin.to_owned() })
    }

    /// The page of a meeting. Ids need no escaping.
    pub fn meeting(&self, id: &MeetingId) -> String {
        format!("{}/events/{id}", self.origin)
    }

    /// Where an invitation is answered.
    pub fn accept(&self, id: &MeetingId, token: &InvitationToken) -> String {
        format!("{}/accept-host?token={}", self.meeting(id), token.reveal())
    }

    /// Where the receiver of a mail says that he wants no more. The id is known to him alone.
    pub fn unsubscribe(&self, mail: &MailId) -> String {
        format!("{}/api/unsubscribe/{mail}", self.origin)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Defect 66: one of two links lacked a slash, whatever the base address ended with.
    #[test]
    fn links_are_joined_with_one_slash() {
        let (id, mail) = (MeetingId::new("m1").unwrap(), MailId::new("x1").unwrap());
        for origin in ["https://meet.example.com", "https://meet.example.com/", "https://meet.example.com//"] {
            let links = Links::new(origin).unwrap();
            assert_eq!(links.meeting(&id), "https://meet.example.com/events/m1");
            assert_eq!(links.unsubscribe(&mail), "https://meet.example.com/api/unsubscribe/x1");
            let token = InvitationToken::generate().unwrap();
            let expected = format!("https://meet.example.com/events/m1/accept-host?token={}", token.reveal());
            assert_eq!(links.accept(&id, &token), expected);
        }
        assert!(Links::new("http://127.0.0.1:3000").is_ok());
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for origin in ["", "meet.example.com", "https://", "ftp://a.example", "https://a.example/path", "https://a b"] {
            assert_eq!(Links::new(origin), Err(OriginError), "{origin}");
        }
    }
}
