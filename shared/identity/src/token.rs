//! The outside of a token: what is read before its signature can be checked, and therefore believed in nothing.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, de::DeserializeOwned};

use crate::IdentityError;

/// Bytes of the longest token that is looked at. Clerk's session tokens fit a cookie (4 KB).
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// What an unverified token claims about itself. It serves to choose the key and the refusal, nothing else.
pub(crate) struct Unverified {
    /// The key that is said to have signed it.
    pub(crate) key_id: String,
    /// The issuer that is said to have made it.
    pub(crate) issuer: String,
}

/// The header (RFC 7515, section 4). Whatever else is in it is ignored, above all `jku`, `jwk`, `x5u` and `x5c`,
/// by which a token would bring its own key.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Issuer {
    iss: String,
}

impl Unverified {
    /// Reads header and issuer, and refuses what no key could make right.
    pub(crate) fn read(token: &str) -> Result<Self, IdentityError> {
        if token.is_empty() {
            return Err(IdentityError::TokenMissing);
        }
        if token.len() > MAX_TOKEN_BYTES {
            return Err(IdentityError::TokenMalformed);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(_signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(IdentityError::TokenMalformed);
        };

        let header: Header = read_part(header)?;
        if header.alg != "RS256" {
            return Err(IdentityError::WrongAlgorithm);
        }
        // A token that is signed with the same keys but is no session token, such as an access token (`at+jwt`).
        if header.typ.is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT")) {
            return Err(IdentityError::TokenMalformed);
        }
        // Says that something in the header must be understood (RFC 7515, section 4.1.11); we understand no extension.
        if header.crit.is_some() {
            return Err(IdentityError::TokenMalformed);
        }
        let key_id = header.kid.ok_or(IdentityError::UnknownKey)?;
        let Issuer { iss } = read_part(claims)?;
        Ok(Self { key_id, issuer: iss })
    }
}

fn read_part<T: DeserializeOwned>(part: &str) -> Result<T, IdentityError> {
    let json = URL_SAFE_NO_PAD.decode(part).map_err(|_| IdentityError::TokenMalformed)?;
    serde_json::from_slice(&json).map_err(|_| IdentityError::TokenMalformed)
}
