//! The secret in an invitation's link.

use std::fmt;

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::{SecureRandom, SystemRandom},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use dais_domain::TokenHash;

const BYTES: usize = 32;

/// Why there is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The text cannot be a token: too long or too short, or other characters than letters, digits, `_` and `-`.
    #[error("is not a token")]
    Malformed,
    /// The operating system gave no random bytes. Try again.
    #[error("no random bytes")]
    NoRandomness,
}

/// 32 random bytes from the operating system in the alphabet of nanoid, which is that of base64url: 43 characters.
/// Kept nowhere but in the mail; the table has its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct InvitationToken(String);

impl InvitationToken {
    /// Characters of a token.
    pub const CHARS: usize = 43;

    /// A new one.
    pub fn generate() -> Result<Self, TokenError> {
        let mut bytes = [0; BYTES];
        SystemRandom::new().fill(&mut bytes).map_err(|_| TokenError::NoRandomness)?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Reads one from a link.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if text.len() != Self::CHARS || !text.bytes().all(allowed) {
            return Err(TokenError::Malformed);
        }
        Ok(Self(text.to_owned()))
    }

    /// What may be stored.
    pub fn hash(&self) -> Result<TokenHash, TokenError> {
        let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, self.0.as_bytes()));
        TokenHash::new(hash).map_err(|_| TokenError::Malformed)
    }

    /// The secret itself: for the link, and for nothing else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// A token appears in no log.
impl fmt::Debug for InvitationToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("InvitationToken")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_token_has_32_random_bytes_in_the_alphabet_of_nanoid() {
        let tokens: Vec<InvitationToken> = (0..1000).map(|_| InvitationToken::generate().unwrap()).collect();
        let distinct: HashSet<&str> = tokens.iter().map(InvitationToken::reveal).collect();
        assert_eq!(distinct.len(), tokens.len());
        for token in &tokens {
            assert_eq!(URL_SAFE_NO_PAD.decode(token.reveal()).unwrap().len(), 32);
            assert_eq!(InvitationToken::parse(token.reveal()).as_ref(), Ok(token));
        }
        let used: HashSet<char> = tokens.iter().flat_map(|token| token.reveal().chars()).collect();
        let nanoid = "_-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        assert_eq!(used, nanoid.chars().collect());
    }

    #[test]
    fn its_hash_and_its_log_do_not_show_it() {
        let token = InvitationToken::generate().unwrap();
        assert_eq!(token.hash().unwrap(), InvitationToken::parse(token.reveal()).unwrap().hash().unwrap());
        for shown in [format!("{token:?}"), token.hash().unwrap().to_string()] {
            assert!(!shown.contains(token.reveal()));
        }
    }

    #[test]
    fn what_cannot_be_a_token_is_none() {
        let good = InvitationToken::generate().unwrap();
        let (long, other) = (format!("{}a", good.reveal()), format!("{}=", &good.reveal()[..42]));
        for text in ["", "abc", &good.reveal()[..42], &long, &other] {
            assert_eq!(InvitationToken::parse(text), Err(TokenError::Malformed));
        }
    }
}
