//! Who is asking: verification of Clerk session tokens (RS256 JWTs that live for about a minute).
//!
//! [`Verifier::verify`] turns a token into an [`Identity`] or says why not. It needs no network but for the identity
//! provider's public keys, which [`KeyCache`] holds for hours; given `IDENTITY_JWKS`, it needs none at all.
//!
//! A user is known by the token alone. Nothing that a client says about itself elsewhere is looked at here, and nothing of a
//! token appears in an error or a log.
//!
//! Sources: RFC 7515 (signatures), RFC 7517 (keys), RFC 7519 (claims), RFC 8725 (what goes wrong with them), and Clerk's
//! documentation of session tokens.

mod cache;
mod claims;
mod error;
mod http_source;
mod identity;
mod keys;
mod source;
mod token;
mod verifier;

pub use cache::KeyCache;
pub use claims::CLOCK_SKEW;
pub use error::IdentityError;
pub use http_source::HttpKeySource;
pub use identity::Identity;
pub use keys::{KeySet, KeySetError};
pub use source::{Fetch, KeySource, KeySourceError};
pub use token::MAX_TOKEN_BYTES;
pub use verifier::{Keys, Verifier, VerifierConfig};
