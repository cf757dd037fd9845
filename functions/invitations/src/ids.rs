//! Ids that are made of the request: an invocation that happens twice writes what it has written, and no more.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use dais_domain::{IdError, InvitationId, MailId, Timestamp};
use dais_rest::{Ask, Problem};

/// What ids of one request are made of.
#[derive(Debug, Clone)]
pub struct Ids {
    request: String,
    now: Timestamp,
}

impl Ids {
    /// From API Gateway's id of the request, which nobody else knows.
    pub fn new(ask: &Ask<'_>) -> Result<Self, Problem> {
        let request = ask.request_id().ok_or_else(|| {
            tracing::error!("❌ the event has no requestContext.requestId");
            Problem::Internal
        })?;
        Ok(Self { request: request.to_owned(), now: ask.now })
    }

    /// A mail to or about `subject`.
    pub fn mail(&self, subject: &str) -> Result<MailId, Problem> {
        MailId::new(self.hashed("mail", subject)).map_err(impossible)
    }

    /// A new invitation of `subject`. Begins with the time, so that lists come in this order.
    pub fn invitation(&self, subject: &str) -> Result<InvitationId, Problem> {
        let hash = self.hashed("invitation", subject);
        InvitationId::new(format!("{:013}-{}", self.now.as_ms(), &hash[..22])).map_err(impossible)
    }

    fn hashed(&self, purpose: &str, subject: &str) -> String {
        let text = format!("{purpose}\n{}\n{subject}", self.request);
        URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
    }
}

fn impossible(error: IdError) -> Problem {
    tracing::error!(%error, "an id cannot be made");
    Problem::Internal
}
