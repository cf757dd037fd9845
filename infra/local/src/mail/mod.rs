//! SES, as far as the AWS SDK's SendEmail goes: takes what the service takes, refuses what it refuses, and keeps the mails
//! in an outbox that a person looks at under `/_local/outbox` and a test reads as `/_local/outbox.json`.
//!
//! Nothing leaves the machine. What receivers would do – a mailbox that does not exist, a complaint – is asked for by
//! `POST /_local/mail/{messageId}/bounce` or `/complaint` and reaches the functions as the event that SES would publish.

mod endpoint;
mod feedback;
mod outbox;
mod page;
mod refusal;
mod request;
mod switches;

use std::{collections::BTreeSet, sync::Arc};

use axum::body::Bytes;
use serde_json::json;

use crate::{
    clock::Clock,
    event_bus::EventBus,
    gateway::limits::Bucket,
    ledger::{CallResult, Ledger},
    template::{ACCOUNT, Policies, Throttle},
};

pub use endpoint::routes;
pub(crate) use endpoint::{MOST_BYTES, answer};
pub use feedback::Feedback;
pub use outbox::{Mail, Outbox, State};
pub use page::routes as page_routes;
pub use refusal::Refusal;
pub use switches::{Next, Switches};

use request::Letter;

/// What an account out of the sandbox usually begins with. Short bursts may be faster (SES Developer Guide, "Managing your
/// sending limits"); the guide names no figure for them.
const RATE: Throttle = Throttle { rate: 14, burst: 100 };

/// What the service works with.
pub struct Surroundings {
    /// The time.
    pub clock: Clock,
    /// Where calls are entered.
    pub ledger: Ledger,
    /// What each function may do.
    pub policies: Policies,
    /// Where events go.
    pub events: EventBus,
    /// The region that ARNs name.
    pub region: &'static str,
    /// The addresses whose owner has proved them.
    pub identities: BTreeSet<String>,
    /// Names of the configuration sets.
    pub configuration_sets: BTreeSet<String>,
    /// Whether the account's rate counts.
    pub throttled: bool,
}

/// The service. Clones share it.
#[derive(Clone)]
pub struct Ses {
    inner: Arc<Inner>,
}

struct Inner {
    surroundings: Surroundings,
    outbox: Outbox,
    switches: Switches,
    rate: Option<Bucket>,
}

/// Who calls.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    /// Logical id of the function.
    pub function: &'a str,
    /// Request id of its invocation.
    pub invocation: Option<&'a str>,
}

impl Ses {
    /// A service with an empty outbox.
    pub fn new(surroundings: Surroundings) -> Self {
        let rate = surroundings.throttled.then(|| Bucket::new(RATE));
        let inner = Inner { surroundings, outbox: Outbox::default(), switches: Switches::default(), rate };
        Self { inner: Arc::new(inner) }
    }

    /// The mails that were taken.
    pub fn outbox(&self) -> &Outbox {
        &self.inner.outbox
    }

    /// What the next mails meet.
    pub fn switches(&self) -> &Switches {
        &self.inner.switches
    }

    /// `SendEmail`: the id of the message. Enters the call in the ledger.
    ///
    /// # Errors
    /// The service's own.
    pub fn send(&self, caller: Caller<'_>, body: &Bytes) -> Result<String, Refusal> {
        let ledger = &self.inner.surroundings.ledger;
        let entry = ledger.start_call(caller.invocation, caller.function, "ses", "SendEmail");
        let sent = self.take(caller, body);
        let (status, error) = match &sent {
            Ok(_) => (200, None),
            Err(refusal) => (refusal.status.as_u16(), Some(refusal.name.to_owned())),
        };
        entry.finish(CallResult { status, error, ..CallResult::default() });
        sent
    }

    fn take(&self, caller: Caller<'_>, body: &Bytes) -> Result<String, Refusal> {
        let letter = Letter::read(body)?;
        self.authorize(caller, &letter)?;
        let surroundings = &self.inner.surroundings;
        let sets = &surroundings.configuration_sets;
        if let Some(set) = letter.configuration_set.as_deref().filter(|set| !sets.contains(*set)) {
            return Err(Refusal::not_found(format!("Configuration set <{set}> does not exist.")));
        }
        let region = surroundings.region.to_uppercase();
        if !surroundings.identities.contains(&letter.from.to_lowercase()) {
            return Err(Refusal::rejected(format!(
                "Email address is not verified. The following identities failed the check in region {region}: {}",
                letter.from
            )));
        }
        match self.inner.switches.take() {
            Some(Next::Throttle) => return Err(Refusal::throttled()),
            Some(Next::Reject) => return Err(Refusal::rejected("Message rejected on purpose.".to_owned())),
            None => {}
        }
        if self.inner.rate.as_ref().is_some_and(|rate| !rate.take()) {
            return Err(Refusal::throttled());
        }
        let now_ms = surroundings.clock.now_ms();
        let id = format!("0100{now_ms:012x}-{}-000000", crate::ids::uuid());
        self.inner.outbox.put(Mail::new(id.clone(), now_ms, caller.function, letter));
        Ok(id)
    }

    /// SES asks for the action on the identity and, if one is named, on the configuration set.
    fn authorize(&self, caller: Caller<'_>, letter: &Letter) -> Result<(), Refusal> {
        let Surroundings { policies, region, .. } = &self.inner.surroundings;
        let identity = Some(format!("identity/{}", letter.from));
        let set = letter.configuration_set.as_ref().map(|set| format!("configuration-set/{set}"));
        for resource in identity.into_iter().chain(set) {
            let arn = format!("arn:aws:ses:{region}:{ACCOUNT}:{resource}");
            if !policies.allow(caller.function, "ses:SendEmail", &arn) {
                let message =
                    format!("User: {} is not authorized to perform: ses:SendEmail on resource: {arn}", caller.function);
                return Err(Refusal::denied(message));
            }
        }
        Ok(())
    }

    /// Publishes what SES publishes when a receiver's side answers so, and returns when the functions have run; the logical
    /// ids of those that took it. None if there is no such message.
    ///
    /// Without a configuration set SES publishes nothing.
    pub async fn feed_back(&self, id: &str, feedback: Feedback) -> Option<serde_json::Value> {
        let state = feedback.state();
        let mail = self.inner.outbox.change(id, |mail| mail.state = state.unwrap_or(mail.state))?;
        let Surroundings { clock, region, events, .. } = &self.inner.surroundings;
        let delivered = match &mail.letter.configuration_set {
            None => Vec::new(),
            Some(set) => {
                let (kind, detail) = feedback.detail(&mail, set, clock.now_ms(), region);
                let resource = format!("arn:aws:ses:{region}:{ACCOUNT}:configuration-set/{set}");
                events.put("aws.ses", kind, vec![resource], detail).await
            }
        };
        Some(json!({ "messageId": id, "state": mail.state, "delivered": delivered }))
    }
}
