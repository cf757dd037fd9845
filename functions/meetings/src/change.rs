//! A change of a meeting: read, decide, write on condition, and again when somebody else was quicker.

use dais_domain::{Actor, Command, LogEntry, Meeting, MeetingId, Refusal, Timestamp, Version};
use dais_identity::Identity;
use dais_realtime::Sockets;
use dais_rest::{Problem, retry};
use dais_store::{CommitError, Store, StoreError};

use crate::{Rest, problem::MeetingProblem};

/// The version at which the caller wants the meeting to be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// That one and no other.
    pub version: Version,
    /// It came in `If-Match` and not in the body.
    pub if_match: bool,
}

/// What came of a change.
#[derive(Debug)]
pub struct Changed {
    /// The meeting as it is now.
    pub meeting: Meeting,
    /// What was written; nothing if it was so already.
    pub entry: Option<LogEntry>,
}

impl<S: Store, C: Sockets> Rest<S, C> {
    /// Does what `command` says of the meeting as it is found. What is so already succeeds at any version, so that a
    /// request whose answer was lost can be sent again (RFC 9110, section 13.1.1).
    pub(crate) async fn change(
        &self,
        id: &MeetingId,
        who: &Identity,
        command: impl Fn(&Meeting) -> Command,
        expected: Option<Expected>,
        now: Timestamp,
    ) -> Result<Changed, Problem> {
        let mut unsure: Option<LogEntry> = None;
        let mut failures = 0;
        for tries in 0..retry::MAX_TRIES {
            let meeting = self.store.meeting(id).await?.ok_or(Problem::MeetingNotFound)?;
            if let Some(entry) = unsure.take()
                && self.is_written(id, &entry).await?
            {
                return Ok(Changed { meeting, entry: Some(entry) });
            }
            let actor = actor(&meeting, who);
            let Some(decision) = meeting.decide(&actor, &command(&meeting), None, now)? else {
                return Ok(Changed { meeting, entry: None });
            };
            if let Some(Expected { version, if_match }) = expected
                && version != meeting.version
            {
                return Err(MeetingProblem::VersionConflict { current: meeting.version, if_match }.into());
            }
            match self.store.commit(&decision).await {
                Ok(()) => return Ok(Changed { meeting: decision.meeting, entry: Some(decision.entry) }),
                Err(CommitError::Conflict) => {}
                Err(CommitError::Store(StoreError::Unavailable { operation, reason })) => {
                    tracing::warn!(roomId = %id, operation, reason, "a change may or may not have been written");
                    unsure = Some(decision.entry);
                    failures += 1;
                    if failures == retry::MAX_FAILURES {
                        return Err(Refusal::Unavailable.into());
                    }
                }
                Err(error) => return Err(error.into()),
            }
            retry::pause(tries).await;
        }
        Err(Refusal::Busy.into())
    }

    /// Whether a write of which nothing was heard has happened.
    async fn is_written(&self, id: &MeetingId, entry: &LogEntry) -> Result<bool, Problem> {
        let before = Version(entry.version.0 - 1);
        Ok(self.store.log(id, before, 1).await?.entries.first() == Some(entry))
    }
}

/// The caller, by the name that his token or else his role in the meeting has.
fn actor(meeting: &Meeting, who: &Identity) -> Actor {
    let known = || meeting.roles.get(&who.user_id).and_then(|grant| grant.name.clone());
    Actor { user_id: who.user_id.clone(), name: who.name.clone().or_else(known) }
}
