//! SES's events as EventBridge brings them. Source of the shape: the SES Developer Guide, "Monitoring SES events using Amazon
//! EventBridge" and "Contents of event data".

use dais_domain::{MessageId, Timestamp};
use serde::Deserialize;
use serde_json::Value;

/// What a report says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The address is dead.
    Bounced,
    /// The receiver calls the mail spam.
    Complained,
    /// Nothing that lasts: a mailbox that is full, an event of another kind.
    Passing,
}

/// A report about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// SES's id of the message.
    pub message: MessageId,
    /// What it says.
    pub what: What,
    /// When EventBridge got it.
    pub at: Timestamp,
}

/// An event that cannot be a report. The message quotes nothing: events hold addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the event has no {part} that can be read")]
pub struct Malformed {
    part: &'static str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    event_type: String,
    mail: MailPart,
    bounce: Option<Bounce>,
    complaint: Option<Complaint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MailPart {
    message_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    bounce_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    complaint_feedback_type: Option<String>,
}

impl Report {
    /// Reads an event.
    pub fn read(event: &Value) -> Result<Self, Malformed> {
        let missing = |part| Malformed { part };
        if event.get("source").and_then(Value::as_str) != Some("aws.ses") {
            return Err(missing("source aws.ses"));
        }
        let time = event.get("time").and_then(Value::as_str).ok_or(missing("time"))?;
        let at = Timestamp::parse_rfc3339(time).map_err(|_| missing("time"))?;
        let detail = event.get("detail").ok_or(missing("detail"))?;
        let detail = Detail::deserialize(detail).map_err(|_| missing("detail"))?;
        let message = MessageId::new(detail.mail.message_id).map_err(|_| missing("message id"))?;
        let what = match detail.event_type.as_str() {
            "Bounce" => {
                let bounce = detail.bounce.ok_or(missing("bounce"))?;
                // "Transient" may pass, "Undetermined" says nothing.
                if bounce.bounce_type == "Permanent" { What::Bounced } else { What::Passing }
            }
            "Complaint" => {
                let complaint = detail.complaint.ok_or(missing("complaint"))?;
                // Somebody takes a mail out of his spam folder.
                let welcome = complaint.complaint_feedback_type.as_deref() == Some("not-spam");
                if welcome { What::Passing } else { What::Complained }
            }
            _ => What::Passing,
        };
        Ok(Self { message, what, at })
    }
}
