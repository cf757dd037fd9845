//! Why a token was refused.

/// A token that does not identify anybody. The message is a sentence that a user may see; it holds nothing of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// No token was sent: sign in, and pass the session token.
    #[error("A session token is required. Please sign in.")]
    TokenMissing,
    /// Not a session token at all, or one with claims of a wrong form: pass the token as the identity provider gave it.
    #[error("The session token cannot be read.")]
    TokenMalformed,
    /// Its time is over: fetch a new one and try again.
    #[error("The session token has expired. Please try again with a new one.")]
    TokenExpired,
    /// Its time has not come: a clock is wrong by more than the skew allowed.
    #[error("The session token is not valid yet. Please check the clock.")]
    TokenNotYetValid,
    /// Signed with anything but RS256.
    #[error("The session token is signed with an algorithm that is not accepted.")]
    WrongAlgorithm,
    /// The signature is not that of the key it names: the token was altered or made up.
    #[error("The signature of the session token is wrong.")]
    WrongSignature,
    /// Made by another identity provider, or by another instance of this one.
    #[error("The session token comes from another identity provider.")]
    WrongIssuer,
    /// Made for another front end (`azp`) or another service (`aud`): its origin must be among the authorized parties.
    #[error("The session token was made for another application.")]
    WrongParty,
    /// Signed with a key that the identity provider does not list. A new key is found within five minutes.
    #[error("The session token is signed with an unknown key.")]
    UnknownKey,
    /// The identity provider's keys cannot be had now: not the caller's fault, try again.
    #[error("Sign-in cannot be checked at the moment. Please try again.")]
    KeysUnavailable,
    /// The user has signed in but has a task of the identity provider left to do (`sts` is `pending`).
    #[error("The sign-in is not complete. Please finish it.")]
    SessionPending,
}

impl IdentityError {
    /// A short name for the `code` of an error answer. It does not change between releases.
    pub fn code(self) -> &'static str {
        match self {
            Self::TokenMissing => "token-missing",
            Self::TokenMalformed => "token-malformed",
            Self::TokenExpired => "token-expired",
            Self::TokenNotYetValid => "token-not-yet-valid",
            Self::WrongAlgorithm => "wrong-algorithm",
            Self::WrongSignature => "wrong-signature",
            Self::WrongIssuer => "wrong-issuer",
            Self::WrongParty => "wrong-party",
            Self::UnknownKey => "unknown-key",
            Self::KeysUnavailable => "keys-unavailable",
            Self::SessionPending => "session-pending",
        }
    }
}
