//! One run: everything that is due.

use std::time::{Duration, SystemTime};

use dais_courier::{Courier, Delivery};
use dais_domain::Timestamp;
use dais_mail::Mailer;
use dais_store::{Store, StoreError};

/// Mails that are read at once.
const BATCH: u32 = 100;
/// Time that must be left before the function's deadline to begin another batch: a letter takes up to ten seconds.
const RESERVE: Duration = Duration::from_secs(20);

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Mails that the mail service has taken.
    pub sent: usize,
    /// Mails that are not sent, because what they tell is no longer so or they cannot be delivered.
    pub dropped: usize,
    /// Mails that are tried again in a later run.
    pub later: usize,
}

/// The mails that wait.
#[derive(Debug)]
pub struct Mailbag<S, M> {
    store: S,
    courier: Courier<S, M>,
}

impl<S: Store, M: Mailer> Mailbag<S, M> {
    /// Of this table.
    pub fn new(store: S, courier: Courier<S, M>) -> Self {
        Self { store, courier }
    }

    /// Sends until nothing is due, the mail service asks for a pause, or the deadline is near.
    pub async fn empty(&self, now: Timestamp, deadline: SystemTime) -> Result<Round, StoreError> {
        let mut round = Round::default();
        loop {
            let due = self.store.due_mails(now, BATCH).await?;
            let done = self.courier.deliver(due, now).await;
            let count = |wanted: &[Delivery]| done.iter().filter(|delivery| wanted.contains(delivery)).count();
            let (sent, dropped) = (count(&[Delivery::Sent]), count(&[Delivery::Dropped, Delivery::Bounced]));
            let later = count(&[Delivery::Later, Delivery::Failed]);
            round.sent += sent;
            round.dropped += dropped;
            round.later += later;
            let time_is_up = SystemTime::now() + RESERVE > deadline;
            // A batch in which nothing could be done would come again as it is.
            if sent + dropped == 0 || later > 0 || time_is_up {
                return Ok(round);
            }
        }
    }
}
