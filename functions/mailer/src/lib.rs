//! The scheduled function: sends the mails that wait.
//!
//! Most are sent by the function that wrote them. What it did not get to, and what the mail service could not take, is
//! sent here. Runs may overlap or die in the middle: each mail is claimed by a conditional write.

mod round;

use aws_config::SdkConfig;
use dais_courier::Courier;
use dais_domain::Timestamp;
use dais_function::{AfterAnswer, Settings, SettingsError};
use dais_mail::Ses;
use dais_store::DynamoStore;
use lambda_runtime::{Error, LambdaEvent};
use serde::Deserialize;
use serde_json::{Value, json};

pub use round::{Mailbag, Round};

/// The part of an EventBridge scheduled event that matters.
#[derive(Debug, Deserialize)]
pub struct Tick {
    /// When it was due, RFC 3339.
    pub time: String,
}

/// The function with everything it holds between invocations.
#[derive(Debug)]
pub struct App {
    mailbag: Option<Mailbag<DynamoStore, Ses>>,
}

impl App {
    /// Reads TABLE_NAME and the settings of mail.
    pub fn new(settings: &Settings, aws: &SdkConfig, _after: AfterAnswer) -> Result<Self, SettingsError> {
        let store = DynamoStore::new(aws, settings.required("TABLE_NAME")?);
        let courier = Courier::from_settings(settings, aws, store.clone())?;
        Ok(Self { mailbag: courier.map(|courier| Mailbag::new(store, courier)) })
    }
}

/// Handles one tick of the schedule.
pub async fn handle(app: &App, event: LambdaEvent<Tick>) -> Result<Value, Error> {
    let Some(mailbag) = &app.mailbag else { return Ok(json!({ "sent": 0 })) };
    let now = Timestamp::parse_rfc3339(&event.payload.time)?;
    let round = mailbag.empty(now, event.context.deadline()).await?;
    if round != Round::default() {
        tracing::info!(sent = round.sent, dropped = round.dropped, later = round.later, "📬 Mails");
    }
    Ok(json!({ "sent": round.sent, "dropped": round.dropped, "later": round.later }))
}
