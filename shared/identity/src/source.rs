//! Where keys come from.

use std::pin::Pin;

use crate::KeySetError;

/// A fetch under way.
pub type Fetch<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, KeySourceError>> + Send + 'a>>;

/// Provides the JWKS document of the identity provider. [`HttpKeySource`](crate::HttpKeySource) is the real one.
pub trait KeySource: Send + Sync + 'static {
    /// Fetches the document. Must end by itself, within about a second: sign-ins wait for it.
    fn fetch(&self) -> Fetch<'_>;
}

/// Why the keys could not be fetched. For logs; a user sees [`IdentityError::KeysUnavailable`](crate::IdentityError).
#[derive(Debug, thiserror::Error)]
pub enum KeySourceError {
    /// The issuer is not an address that keys may be fetched from: correct the setting.
    #[error("the issuer must be an https address (http only on this machine) without query, fragment or user")]
    BadAddress,
    /// No connection, or it broke: try again later.
    #[error("the identity provider cannot be reached: {reason}")]
    Unreachable {
        /// What the HTTP client says.
        reason: String,
    },
    /// No complete answer in time: try again later.
    #[error("the identity provider did not answer in time")]
    TimedOut,
    /// An answer other than 200; redirects are not followed. Check the issuer.
    #[error("the identity provider answered with status {status}")]
    Status {
        /// The HTTP status.
        status: u16,
    },
    /// More bytes than a JWKS document has. Check the issuer.
    #[error("the identity provider's answer is longer than {limit} bytes")]
    TooLong {
        /// Most bytes that are read.
        limit: usize,
    },
    /// The answer holds no keys. Check the issuer.
    #[error(transparent)]
    BadKeys(#[from] KeySetError),
}
