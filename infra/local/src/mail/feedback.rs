//! The events that SES publishes to EventBridge. Shapes: "Examples of event data" in its developer guide; EventBridge's
//! `detail` is the record that the guide shows.

use serde_json::{Value, json};

use super::{Mail, State, request::Letter};
use crate::{answer, clock::rfc3339, ids, template::ACCOUNT};

/// What comes back from a receiver's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feedback {
    /// There is no such mailbox.
    HardBounce,
    /// Its server did not take it for long enough, for a reason that may pass.
    TransientBounce,
    /// The receiver calls it spam.
    Complaint,
}

impl Feedback {
    /// Reads the body of `POST /_local/mail/{messageId}/bounce`: `{"type": "Permanent" | "Transient"}`.
    ///
    /// # Errors
    /// A sentence that says what it may be.
    pub fn bounce_from_json(body: &[u8]) -> Result<Self, String> {
        let fields = answer::object(body)?;
        if let Some(other) = fields.keys().find(|name| *name != "type") {
            return Err(format!("there is no {other:?}: there is type"));
        }
        match fields.get("type").map(Value::as_str) {
            None | Some(Some("Permanent")) => Ok(Self::HardBounce),
            Some(Some("Transient")) => Ok(Self::TransientBounce),
            Some(_) => Err("type must be \"Permanent\" or \"Transient\"".to_owned()),
        }
    }

    /// What the outbox shows afterwards; None if nothing is settled.
    pub(super) fn state(self) -> Option<State> {
        match self {
            Self::HardBounce => Some(State::Bounced),
            Self::TransientBounce => None,
            Self::Complaint => Some(State::Complained),
        }
    }

    /// The event's `detail-type` and `detail`.
    pub(super) fn detail(self, mail: &Mail, set: &str, now_ms: u64, region: &str) -> (&'static str, Value) {
        let receivers = |more: Value| -> Vec<Value> {
            let fields = more.as_object().cloned().unwrap_or_default();
            let receiver = |address: &String| {
                let mut receiver = fields.clone();
                receiver.insert("emailAddress".to_owned(), json!(address));
                Value::Object(receiver)
            };
            mail.letter.to.iter().map(receiver).collect()
        };
        let common = json!({
            "feedbackId": format!("0100{now_ms:012x}-{}-000000", ids::uuid()),
            "timestamp": rfc3339(now_ms),
        });
        let (kind, name, event, own) = match self {
            Self::HardBounce => (
                "Email Bounced",
                "bounce",
                "Bounce",
                json!({
                    "bounceType": "Permanent",
                    "bounceSubType": "General",
                    "bouncedRecipients": receivers(json!({
                        "action": "failed",
                        "status": "5.1.1",
                        "diagnosticCode": "smtp; 550 5.1.1 user unknown",
                    })),
                    "reportingMTA": "dns; mta.example.com",
                }),
            ),
            Self::TransientBounce => (
                "Email Bounced",
                "bounce",
                "Bounce",
                json!({
                    "bounceType": "Transient",
                    "bounceSubType": "MailboxFull",
                    "bouncedRecipients": receivers(json!({
                        "action": "failed",
                        "status": "4.2.2",
                        "diagnosticCode": "smtp; 452 4.2.2 mailbox full",
                    })),
                    "reportingMTA": "dns; mta.example.com",
                }),
            ),
            Self::Complaint => (
                "Email Complaint Received",
                "complaint",
                "Complaint",
                json!({
                    "complaintSubType": null,
                    "complainedRecipients": receivers(json!({})),
                    "complaintFeedbackType": "abuse",
                    "userAgent": "dais-local",
                    "arrivalDate": rfc3339(now_ms),
                }),
            ),
        };
        let mut about = own.as_object().cloned().unwrap_or_default();
        about.extend(common.as_object().cloned().unwrap_or_default());
        (kind, json!({ "eventType": event, "mail": sent(mail, set, region), name: about }))
    }
}

/// The message that it is about.
fn sent(mail: &Mail, set: &str, region: &str) -> Value {
    let Letter { from, to, subject, headers, .. } = &mail.letter;
    let usual = [("From", from.clone()), ("To", to.join(", ")), ("Subject", subject.clone())];
    let usual = usual.map(|(name, value)| json!({ "name": name, "value": value }));
    let own = headers.iter().map(|(name, value)| json!({ "name": name, "value": value }));
    json!({
        "timestamp": rfc3339(mail.sent_at_ms),
        "source": from,
        "sourceArn": format!("arn:aws:ses:{region}:{ACCOUNT}:identity/{from}"),
        "sendingAccountId": ACCOUNT,
        "messageId": mail.id,
        "destination": to,
        "headersTruncated": false,
        "headers": usual.into_iter().chain(own).collect::<Vec<_>>(),
        "commonHeaders": { "from": [from], "to": to, "messageId": mail.id, "subject": subject },
        "tags": {
            "ses:configuration-set": [set],
            "ses:source-ip": ["127.0.0.1"],
            "ses:from-domain": [from.rsplit('@').next()],
            "ses:caller-identity": [mail.function],
        },
    })
}
