//! A sent invitation, and what SES says of it.

use std::{sync::Arc, time::Duration};

use dais_domain::{
    Actor, EmailAddress, Invitation, InvitationId, InvitationState, MailId, MeetingId, MessageId, Role, Terms,
    Timestamp, UserId,
};
use dais_mail_feedback::{Feedback, Outcome};
use dais_store::{
    Invitations, Mail, MailKind, Mails, SentMessage, SuppressionReason, Suppressions,
    memory::{FairWeather, MemoryStore, Weather},
};
use serde_json::{Value, json};

pub const MESSAGE: &str = "0100018f-a1b2-000000";
pub const ADDRESS: &str = "bo@example.com";

/// A table in which an invitation was sent to Bo as [`MESSAGE`].
pub struct Scene {
    pub store: MemoryStore,
    pub feedback: Feedback<MemoryStore>,
}

pub fn at(second: u64) -> Timestamp {
    Timestamp::parse_rfc3339("2026-11-21T18:00:00Z").unwrap().plus(Duration::from_secs(second))
}

pub fn address() -> EmailAddress {
    EmailAddress::new(ADDRESS).unwrap()
}

impl Scene {
    pub async fn new() -> Self {
        Self::with(Arc::new(FairWeather), MailKind::Invitation).await
    }

    pub async fn with(weather: Arc<dyn Weather>, kind: MailKind) -> Self {
        let store = MemoryStore::with_weather(weather);
        let inviter = Actor { user_id: UserId::new("ada").unwrap(), name: None };
        let terms = Terms {
            inviter,
            inviter_email: (kind == MailKind::Accepted).then(address),
            role: Role::Host,
            expires_at: at(7 * 24 * 3600),
            mail: MailId::new("x1").unwrap(),
        };
        let (id, meeting) = (InvitationId::new("i1").unwrap(), MeetingId::new("m1").unwrap());
        let invitation = Invitation::new(id, meeting, address(), None, false, terms, at(0));
        let mail = Mail {
            id: invitation.mail.clone(),
            kind,
            meeting_id: invitation.meeting_id.clone(),
            invitation_id: invitation.id.clone(),
            created_at: at(0),
            attempt: 0,
            due: Some(at(0)),
        };
        store.invite(&invitation, &[], &mail).await.unwrap();
        let message = SentMessage {
            message_id: MessageId::new(MESSAGE).unwrap(),
            mail_id: mail.id.clone(),
            meeting_id: invitation.meeting_id,
            invitation_id: invitation.id,
            kind,
            sent_at: at(1),
        };
        store.mail_sent(&mail, &message).await.unwrap();
        Self { feedback: Feedback::new(store.clone()), store }
    }

    pub async fn take(&self, event: &Value) -> Outcome {
        self.feedback.take(event).await.unwrap()
    }

    /// What the inviter sees, and why nothing is sent to Bo any more.
    pub async fn after(&self) -> (InvitationState, Option<SuppressionReason>) {
        let (meeting, id) = (MeetingId::new("m1").unwrap(), InvitationId::new("i1").unwrap());
        let invitation = self.store.invitation(&meeting, &id).await.unwrap().unwrap();
        let suppressed = self.store.suppressed(&[address()]).await.unwrap();
        (invitation.state_at(at(60)), suppressed.get(&address()).copied())
    }
}

/// The event of SES's documentation, about `message`.
pub fn bounce(message: &str, kind: &str) -> Value {
    json!({
        "version": "0",
        "id": "12a18625-3cef-3e8c-8a4b-1d0f4b1a4ecf",
        "detail-type": "Email Bounced",
        "source": "aws.ses",
        "account": "123456789012",
        "time": "2026-11-21T18:00:41Z",
        "region": "us-east-1",
        "resources": ["arn:aws:ses:us-east-1:123456789012:configuration-set/set"],
        "detail": {
            "eventType": "Bounce",
            "bounce": {
                "bounceType": kind,
                "bounceSubType": "General",
                "bouncedRecipients": [{ "emailAddress": ADDRESS, "action": "failed", "status": "5.1.1",
                    "diagnosticCode": "smtp; 550 5.1.1 user unknown" }],
                "timestamp": "2026-11-21T18:00:41.669Z",
                "feedbackId": "01000157c44f053b-61b59c11-9236-11e6-8f96-7be8aexample-000000",
                "reportingMTA": "dsn; mta.example.com",
            },
            "mail": mail(message),
        },
    })
}

pub fn complaint(message: &str, kind: Option<&str>) -> Value {
    json!({
        "version": "0",
        "detail-type": "Email Complaint Received",
        "source": "aws.ses",
        "time": "2026-11-21T18:00:41Z",
        "detail": {
            "eventType": "Complaint",
            "complaint": {
                "complainedRecipients": [{ "emailAddress": ADDRESS }],
                "timestamp": "2026-11-21T18:00:41.669Z",
                "complaintFeedbackType": kind,
            },
            "mail": mail(message),
        },
    })
}

fn mail(message: &str) -> Value {
    json!({
        "timestamp": "2026-11-21T18:00:01.123Z",
        "source": "invitations@meet.example.com",
        "sendingAccountId": "123456789012",
        "messageId": message,
        "destination": [ADDRESS],
        "headersTruncated": false,
        "tags": { "ses:configuration-set": ["set"] },
    })
}
