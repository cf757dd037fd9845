//! Posting to connections.

use std::future::Future;

use dais_domain::ConnectionId;

/// Why a message did not reach a connection.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The connection is closed, or does not exist yet. Its traces can be removed.
    #[error("the connection is gone")]
    Gone,
    /// The message is over 128 KB. Send less.
    #[error("the message is too large")]
    TooLarge,
    /// Throttled, unreachable or timed out after retries. Only this receiver misses it; he recovers by version.
    #[error("the connection could not be reached: {reason}")]
    Unavailable {
        /// The service's error code and message.
        reason: String,
    },
}

/// The sockets that API Gateway holds.
pub trait Sockets: Clone + Send + Sync + 'static {
    /// Sends one text message.
    fn post(&self, connection: &ConnectionId, message: &str) -> impl Future<Output = Result<(), PostError>> + Send;

    /// Closes the connection. Closing one that is gone succeeds.
    fn close(&self, connection: &ConnectionId) -> impl Future<Output = Result<(), PostError>> + Send;
}
