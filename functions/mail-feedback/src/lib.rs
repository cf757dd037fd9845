//! What SES reports of mails, through EventBridge: to an address that bounced for good, or whose owner calls a mail spam,
//! nothing is sent any more, and the invitation that could not be delivered says so to its inviter.
//!
//! Reports come late, out of order and more than once; each write holds however often it is made. A report that says nothing
//! to us – unknown message, passing trouble, a shape that is not SES's – is noted and forgotten: to fail would only bring it
//! again. A table that fails does fail the invocation, and Lambda tries it again.

mod report;

use aws_config::SdkConfig;
use dais_domain::{EmailAddress, MessageId};
use dais_function::{AfterAnswer, Settings, SettingsError};
use dais_store::{DynamoStore, Invitations, MailKind, Mails, SentMessage, StoreError, SuppressionReason, Suppressions};
use lambda_runtime::{Error, LambdaEvent};
use serde_json::{Value, json};

pub use report::{Malformed, Report, What};

/// The function with everything it holds between invocations.
#[derive(Debug)]
pub struct App {
    feedback: Feedback<DynamoStore>,
}

impl App {
    /// Reads TABLE_NAME.
    pub fn new(settings: &Settings, aws: &SdkConfig, _after: AfterAnswer) -> Result<Self, SettingsError> {
        Ok(Self { feedback: Feedback::new(DynamoStore::new(aws, settings.required("TABLE_NAME")?)) })
    }
}

/// Handles one event of SES.
pub async fn handle(app: &App, event: LambdaEvent<Value>) -> Result<Value, Error> {
    let outcome = app.feedback.take(&event.payload).await?;
    Ok(json!({ "outcome": outcome.name() }))
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing is sent to the address any more. `ended`: and its invitation ended now.
    Suppressed {
        /// Whether this report ended the invitation.
        ended: bool,
    },
    /// It is about a message that we have not sent or no longer know, or whose receiver we no longer know.
    Unknown,
    /// It says nothing that lasts.
    Passing,
    /// It is no report of SES.
    Malformed,
}

impl Outcome {
    /// One word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Suppressed { .. } => "suppressed",
            Self::Unknown => "unknown",
            Self::Passing => "passing",
            Self::Malformed => "malformed",
        }
    }
}

/// Takes reports.
#[derive(Debug)]
pub struct Feedback<S> {
    store: S,
}

impl<S: Invitations + Mails + Suppressions> Feedback<S> {
    /// Takes reports about the mails of this table.
    pub fn new(store: S) -> Self {
        Self { store }
    }

    /// Takes one report: an event of EventBridge.
    pub async fn take(&self, event: &Value) -> Result<Outcome, StoreError> {
        let report = match Report::read(event) {
            Ok(report) => report,
            Err(malformed) => {
                tracing::warn!(%malformed, "📭 Not a report of the mail service");
                return Ok(Outcome::Malformed);
            }
        };
        let reason = match report.what {
            What::Bounced => SuppressionReason::Bounce,
            What::Complained => SuppressionReason::Complaint,
            What::Passing => {
                tracing::info!(message = %report.message, "📭 Passing trouble");
                return Ok(Outcome::Passing);
            }
        };
        let Some((message, to)) = self.sent(&report.message).await? else {
            tracing::info!(message = %report.message, "📭 Report about an unknown message");
            return Ok(Outcome::Unknown);
        };
        // First, so that it holds even if the second write has to wait for the next try.
        self.store.suppress(&to, reason, report.at).await?;
        let undelivered = report.what == What::Bounced && message.kind == MailKind::Invitation;
        let ended = undelivered && self.store.bounced(&message, report.at).await?;
        tracing::info!(
            message = %report.message,
            meeting = %message.meeting_id,
            invitation = %message.invitation_id,
            ?reason,
            ended,
            "📭 Address suppressed"
        );
        Ok(Outcome::Suppressed { ended })
    }

    /// A message and where it went, unless its receiver has been forgotten.
    async fn sent(&self, id: &MessageId) -> Result<Option<(SentMessage, EmailAddress)>, StoreError> {
        let Some(message) = self.store.message(id).await? else { return Ok(None) };
        let invitation = self.store.invitation(&message.meeting_id, &message.invitation_id).await?;
        let to = invitation.and_then(|invitation| message.kind.receiver(&invitation).cloned());
        Ok(to.map(|to| (message, to)))
    }
}
