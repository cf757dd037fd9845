//! The service that carries letters.

use std::future::Future;

use dais_domain::MessageId;

use crate::Letter;

/// Why a letter was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// Too fast for the account, or the service has trouble: send it later.
    #[error("the mail service cannot take it now: {reason}")]
    Later {
        /// The service's word for it.
        reason: String,
    },
    /// This letter will never be taken: do not send it again.
    #[error("the mail service refuses it: {reason}")]
    Refused {
        /// The service's word for it.
        reason: String,
    },
    /// Nothing can be sent from this account or sender: the deployer must act.
    #[error("the mail service does not let us send: {reason}")]
    NotSetUp {
        /// The service's word for it.
        reason: String,
    },
}

/// Sends letters.
pub trait Mailer: Send + Sync {
    /// Hands a letter over; gives the service's id of it.
    fn send(&self, letter: &Letter) -> impl Future<Output = Result<MessageId, MailError>> + Send;
}
