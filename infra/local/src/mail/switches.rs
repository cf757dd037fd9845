//! What the next mails meet, asked for by `POST /_local/mail`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value;

use crate::answer;

/// What happens to a mail instead of being taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Next {
    /// `TooManyRequestsException`.
    Throttle,
    /// `MessageRejected`.
    Reject,
}

/// How many mails meet what. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Switches(Arc<Mutex<Option<(Next, u64)>>>);

impl Switches {
    /// Reads the body of `POST /_local/mail`: `{"next": "throttle" | "reject" | null, "count": 1}`.
    ///
    /// # Errors
    /// A sentence that names the field and says what it may be.
    pub fn set_from_json(&self, body: &[u8]) -> Result<(), String> {
        let (mut next, mut count) = (None, 1);
        for (name, value) in answer::object(body)? {
            match (name.as_str(), &value) {
                ("next", Value::Null) => next = None,
                ("next", Value::String(word)) if word == "throttle" => next = Some(Next::Throttle),
                ("next", Value::String(word)) if word == "reject" => next = Some(Next::Reject),
                ("next", _) => return Err(format!("next must be \"throttle\", \"reject\" or null, not {value}")),
                ("count", _) => {
                    count = value.as_u64().ok_or_else(|| format!("count must be a whole number, not {value}"))?;
                }
                _ => return Err(format!("there is no switch {name:?}: there are next and count")),
            }
        }
        *self.lock() = next.map(|next| (next, count)).filter(|(_, count)| *count > 0);
        Ok(())
    }

    /// What is switched on: `(what, for how many mails)`.
    pub fn current(&self) -> Option<(Next, u64)> {
        *self.lock()
    }

    /// What the mail that is being sent meets.
    pub(super) fn take(&self) -> Option<Next> {
        let mut switched = self.lock();
        let (next, count) = (*switched)?;
        *switched = (count > 1).then(|| (next, count - 1));
        Some(next)
    }

    fn lock(&self) -> MutexGuard<'_, Option<(Next, u64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
