//! E-mail addresses: checked, and folded so that two spellings of one mailbox are one address.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a string is not an address that mail can be sent to. The message never quotes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Nothing was given.
    #[error("must not be empty")]
    Empty,
    /// Longer than SMTP carries (RFC 5321, section 4.5.3.1): 64 bytes before the `@`, 254 in all.
    #[error("must have at most 254 characters, 64 of them before the @")]
    TooLong,
    /// Not of the form `name@example.com`.
    #[error("must be an address such as name@example.com")]
    Malformed,
    /// A line break, space or other character that could end a header or hide what is there.
    #[error("must not contain spaces, control characters or invisible characters")]
    Forbidden,
}

/// An address as it is compared and stored: trimmed and in lower case. Mailboxes that differ only in case do not exist in
/// practice (RFC 5321, section 2.4 allows them and advises against them).
///
/// The local part is a dot-atom (RFC 5322, section 3.2.3); quoted local parts are refused, as SES refuses most of them. The
/// domain may be international; it is kept as it was given and travels as the mail service encodes it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Most bytes of an address.
    pub const MAX_BYTES: usize = 254;
    /// Most bytes before the `@`.
    pub const MAX_LOCAL_BYTES: usize = 64;

    /// Trims, checks and folds.
    pub fn new(value: impl AsRef<str>) -> Result<Self, EmailError> {
        let value = value.as_ref().trim();
        if value.is_empty() {
            return Err(EmailError::Empty);
        }
        if value.len() > Self::MAX_BYTES {
            return Err(EmailError::TooLong);
        }
        if value.chars().any(is_forbidden) {
            return Err(EmailError::Forbidden);
        }
        let (local, domain) = value.rsplit_once('@').ok_or(EmailError::Malformed)?;
        if local.len() > Self::MAX_LOCAL_BYTES {
            return Err(EmailError::TooLong);
        }
        if !is_dot_atom(local) || !is_domain(domain) {
            return Err(EmailError::Malformed);
        }
        Ok(Self(value.to_lowercase()))
    }

    /// The folded address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Enough to tell one's accounts apart and too little to write to: `a…@example.com`.
    pub fn hint(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or((&self.0, ""));
        let first: String = local.chars().take(1).collect();
        format!("{first}…@{domain}")
    }
}

/// Those that could end a header, and those that change what a reader sees (bidirectional controls, zero width).
fn is_forbidden(char: char) -> bool {
    char.is_control()
        || char.is_whitespace()
        || matches!(char, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

fn is_dot_atom(local: &str) -> bool {
    let is_atom = |char: char| char.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(char);
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom))
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|char| char.is_alphanumeric() || char == '-')
    };
    domain.contains('.') && domain.split('.').all(is_label)
}

impl TryFrom<String> for EmailAddress {
    type Error = EmailError;
    fn try_from(value: String) -> Result<Self, EmailError> {
        Self::new(value)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> String {
        address.0
    }
}

/// The hint only: addresses do not belong in logs.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "EmailAddress({})", self.hint())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn spellings_of_one_mailbox_are_one_address() {
        let spellings = ["Ada.Lovelace@Example.COM", " ada.lovelace@example.com "];
        for spelling in spellings {
            assert_eq!(EmailAddress::new(spelling).unwrap().as_str(), "ada.lovelace@example.com");
        }
        assert_eq!(EmailAddress::new("jürgen@bücher.example").unwrap().as_str(), "jürgen@bücher.example");
        assert_eq!(EmailAddress::new("a+b_c'd@x-y.example").unwrap().hint(), "a…@x-y.example");
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_reason() {
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long = format!("a@{}.com", "b.".repeat(130));
        let cases = [
            ("", EmailError::Empty),
            ("   ", EmailError::Empty),
            ("ada", EmailError::Malformed),
            ("@example.com", EmailError::Malformed),
            ("ada@", EmailError::Malformed),
            ("ada@localhost", EmailError::Malformed),
            ("ada..l@example.com", EmailError::Malformed),
            (".ada@example.com", EmailError::Malformed),
            ("ada@-example.com", EmailError::Malformed),
            ("ada@example..com", EmailError::Malformed),
            ("a@b@example.com", EmailError::Malformed),
            ("<ada@example.com>", EmailError::Malformed),
            ("ada@example.com,bo@example.com", EmailError::Malformed),
            ("ada lovelace@example.com", EmailError::Forbidden),
            ("ada@example.com\r\nBcc: bo@example.com", EmailError::Forbidden),
            ("ada\u{202E}@example.com", EmailError::Forbidden),
            ("ada\u{200B}@example.com", EmailError::Forbidden),
            (&long_local, EmailError::TooLong),
            (&long, EmailError::TooLong),
        ];
        for (value, error) in cases {
            assert_eq!(EmailAddress::new(value), Err(error), "{value:?}");
        }
    }

    #[test]
    fn a_log_shows_no_address() {
        assert_eq!(format!("{:?}", EmailAddress::new("ada@example.com").unwrap()), "EmailAddress(a…@example.com)");
    }
}
