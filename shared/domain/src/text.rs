//! Text from people: bounded, trimmed, without control characters.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is refused. Shorten or clean it and try again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Only white space was given.
    #[error("must not be empty")]
    Empty,
    /// Longer than the bound.
    #[error("must have at most {max} characters")]
    TooLong {
        /// Most characters (Unicode scalar values) allowed.
        max: usize,
    },
    /// A line break, tab or other control character.
    #[error("must not contain control characters")]
    Control,
    /// An address that is not `https://` (or `http://` on loopback), or holds white space.
    #[error("must be an https address")]
    NotHttps,
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, max $max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Most characters (Unicode scalar values).
            pub const MAX_CHARS: usize = $max;

            /// Trims and checks.
            pub fn new(value: impl AsRef<str>) -> Result<Self, TextError> {
                let value = value.as_ref().trim();
                if value.is_empty() {
                    return Err(TextError::Empty);
                }
                if value.chars().count() > $max {
                    return Err(TextError::TooLong { max: $max });
                }
                if value.chars().any(char::is_control) {
                    return Err(TextError::Control);
                }
                Ok(Self(value.to_owned()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;
            fn try_from(value: String) -> Result<Self, TextError> {
                Self::new(value)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> String {
                text.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

text! {
    /// What a person is called in the room.
    DisplayName, max 100
}

text! {
    /// What a meeting is about; the title of an event.
    Description, max 500
}

impl DisplayName {
    /// A name from a source that may hold anything: control characters are dropped, the rest is cut at the bound.
    /// `None` when nothing is left.
    pub fn lenient(value: &str) -> Option<Self> {
        let clean: String = value.chars().filter(|c| !c.is_control()).collect();
        let cut: String = clean.trim().chars().take(Self::MAX_CHARS).collect();
        Self::new(cut).ok()
    }
}

/// The address of a person's picture. Only shown, never fetched by us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImageUrl(String);

impl ImageUrl {
    /// Most bytes. Bounds the size of participant lists, which carry one per person.
    pub const MAX_BYTES: usize = 512;

    /// Accepts `https://` addresses, and `http://` ones of this machine.
    pub fn new(value: impl Into<String>) -> Result<Self, TextError> {
        let value = value.into();
        if value.len() > Self::MAX_BYTES {
            return Err(TextError::TooLong { max: Self::MAX_BYTES });
        }
        let local = value.starts_with("http://127.0.0.1") || value.starts_with("http://localhost");
        if !(value.starts_with("https://") || local)
            || value.chars().any(|c| c.is_control() || c.is_whitespace() || matches!(c, '"' | '<' | '>'))
        {
            return Err(TextError::NotHttps);
        }
        Ok(Self(value))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ImageUrl {
    type Error = TextError;
    fn try_from(value: String) -> Result<Self, TextError> {
        Self::new(value)
    }
}

impl From<ImageUrl> for String {
    fn from(url: ImageUrl) -> String {
        url.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn texts_are_trimmed_and_bounded() {
        assert_eq!(Description::new("  Stand-up ").unwrap().as_str(), "Stand-up");
        assert_eq!(Description::new("  "), Err(TextError::Empty));
        assert_eq!(DisplayName::new("x".repeat(101)), Err(TextError::TooLong { max: 100 }));
        assert_eq!(DisplayName::new("a\r\nb"), Err(TextError::Control));
    }

    #[test]
    fn a_name_from_elsewhere_is_cleaned_instead_of_refused() {
        assert_eq!(DisplayName::lenient("Ada\u{0}\n").unwrap().as_str(), "Ada");
        assert_eq!(DisplayName::lenient(&"é".repeat(5000)).unwrap().as_str().chars().count(), 100);
        assert_eq!(DisplayName::lenient(" \t"), None);
    }

    #[test]
    fn a_picture_address_is_https() {
        assert!(ImageUrl::new("https://img.example.com/a.png").is_ok());
        assert!(ImageUrl::new("javascript:alert(1)").is_err());
        assert!(ImageUrl::new("https://a b").is_err());
    }
}
