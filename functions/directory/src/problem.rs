//! What only webhooks are refused for.

use dais_rest::Particular;
use lambda_http::http::StatusCode;

/// A webhook that is not taken. Displayed, it is the short sentence of the answer (`error`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookProblem {
    /// It does not say that it is one: send the headers of Svix.
    #[error("Not a signed webhook")]
    Unsigned,
    /// None of the secrets has signed this: compare WEBHOOK_SECRETS with the provider's.
    #[error("Wrong signature")]
    WrongSignature,
    /// It was signed too long ago, or later than now: a replay, or a clock that is wrong.
    #[error("Signed too long ago or in the future")]
    OutOfTime,
}

impl Particular for WebhookProblem {
    fn status(&self) -> StatusCode {
        StatusCode::UNAUTHORIZED
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unsigned => "webhook-unsigned",
            Self::WrongSignature => "webhook-wrong-signature",
            Self::OutOfTime => "webhook-out-of-time",
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Unsigned => "Send svix-id, svix-timestamp and svix-signature, each once.",
            Self::WrongSignature => "Set the template's parameter WebhookSecrets to the provider's signing secret.",
            Self::OutOfTime => "Send it again, with the time of that attempt.",
        }
        .to_owned()
    }
}
