//! Why a call to a worker was not done.

/// Why a call to a worker was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaneError {
    /// The handle names nothing (any more).
    #[error("No such {what}")]
    NotFound {
        /// `room`, `transport`, `producer` or `consumer`.
        what: &'static str,
    },
    /// A bound is reached. Close something first.
    #[error("At most {max} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        max: usize,
    },
    /// DTLS parameters that cannot be used: no known fingerprint, or other ones than before.
    #[error("Unusable DTLS parameters: {reason}")]
    Dtls {
        /// What is wrong.
        reason: &'static str,
    },
    /// A producer on a receiving transport, a consumer on a sending one, or one of another room.
    #[error("Not possible on this transport: {reason}")]
    WrongTransport {
        /// What is wrong.
        reason: &'static str,
    },
    /// An SSRC, or a media section with the same stream name, is in use on the transport already.
    #[error("The stream is in use on this transport already")]
    StreamInUse,
    /// The device has no codec for what is published.
    #[error("The device cannot receive this producer")]
    CannotConsume,
    /// Cryptography failed, which it does not do on a working machine.
    #[error("Cryptography failed: {0}")]
    Crypto(&'static str),
}
