//! Ids are types: a user id can never be passed where a connection id is meant.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Why a string is not an id. The message names the rule, never the string.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing was given: send an id.
    #[error("must not be empty")]
    Empty,
    /// Too long: send at most `max` characters.
    #[error("must have at most {max} characters")]
    TooLong {
        /// Most characters allowed.
        max: usize,
    },
    /// A character that no such id contains.
    #[error("may contain only {allowed}")]
    Character {
        /// The allowed characters, in words.
        allowed: &'static str,
    },
}

fn check(value: &str, max: usize, allowed: &'static str, is_allowed: fn(char) -> bool) -> Result<(), IdError> {
    if value.is_empty() {
        return Err(IdError::Empty);
    }
    if value.len() > max {
        return Err(IdError::TooLong { max });
    }
    if !value.chars().all(is_allowed) {
        return Err(IdError::Character { allowed });
    }
    Ok(())
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, max $max:literal, $allowed:literal, $is_allowed:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Most characters an id of this kind may have.
            pub const MAX_CHARS: usize = $max;

            /// Checks the grammar.
            pub fn new(value: impl Into<String>) -> Result<Self, IdError> {
                let value = value.into();
                check(&value, $max, $allowed, $is_allowed)?;
                Ok(Self(value))
            }

            /// The id as it stands on the wire and in the table.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(value: &str) -> Result<Self, IdError> {
                Self::new(value)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(value: String) -> Result<Self, IdError> {
                Self::new(value)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

id! {
    /// A person, by the identity provider's user id (Clerk: `user_…`). Never a socket.
    UserId, max 128, "letters, digits and _ - . : @ |",
    |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '@' | '|')
}

id! {
    /// A meeting, and the room that is its live side. Front ends make them as UUIDs, nanoids, or use a user id.
    MeetingId, max 128, "letters, digits and _ - . :",
    |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':')
}

id! {
    /// One WebSocket, by the id that API Gateway gives it (base64, often ending in `=`). Replaced at least every two hours.
    ConnectionId, max 128, "letters, digits and _ - = + /",
    |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '=' | '+' | '/')
}

id! {
    /// A Socket.IO session id: what a client reads as `socket.id` and sees as `peerId`. Survives a recovered connection.
    SocketId, max 64, "letters, digits and _ -",
    |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

id! {
    /// The private session id (`pid`) of Socket.IO connection state recovery. Known to one client only: a secret.
    RecoveryId, max 64, "letters, digits and _ -",
    |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

id! {
    /// An invitation to be host or co-host of one meeting. Not secret: its token is.
    InvitationId, max 64, "letters, digits and _ -",
    |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

id! {
    /// What is kept of the secret in an invitation's link: its SHA-256, in base64url without padding.
    TokenHash, max 64, "letters, digits and _ -",
    |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

id! {
    /// A mail that waits to be sent or was sent.
    MailId, max 64, "letters, digits and _ -",
    |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

id! {
    /// What the mail service calls a message that it has taken (SES: `MessageId`).
    MessageId, max 128, "letters, digits and _ - .",
    |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

id! {
    /// What a sender of webhooks calls a message (`svix-id`). Stays the same when the message is sent again.
    WebhookId, max 128, "letters, digits and _ - .",
    |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

id! {
    /// A media node, for one life of its process: a node that restarts is another one.
    NodeId, max 64, "letters, digits and _ -",
    |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

id! {
    /// A WebRTC transport of a client on a media node.
    TransportId, max 64, "letters, digits and _ -",
    |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

id! {
    /// A source of media that a client publishes: a microphone, a camera, a screen.
    ProducerId, max 64, "letters, digits and _ -",
    |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

id! {
    /// A producer as one client gets it.
    ConsumerId, max 64, "letters, digits and _ -",
    |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

id! {
    /// A request to a media node. Sent again with the same id, it is answered again and not done again.
    RequestId, max 64, "letters, digits and _ -",
    |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn ids_of_the_real_front_ends_are_accepted() {
        for id in ["room-123", "0f8fad5b-d9cb-469f-a165-70867728950e", "V1StGXR8_Z5jdHi6B-myT", "user_2abcDEF"] {
            assert_eq!(MeetingId::new(id).unwrap().as_str(), id);
        }
        assert!(ConnectionId::new("L0SM9cOFvHcCIhw=").is_ok());
    }

    #[test]
    fn what_could_break_a_key_is_refused() {
        assert_eq!(UserId::new(""), Err(IdError::Empty));
        assert!(matches!(MeetingId::new("a#b"), Err(IdError::Character { .. })));
        assert!(matches!(MeetingId::new("a b"), Err(IdError::Character { .. })));
        assert!(matches!(UserId::new("ü"), Err(IdError::Character { .. })));
        assert_eq!(UserId::new("x".repeat(129)), Err(IdError::TooLong { max: 128 }));
    }
}
