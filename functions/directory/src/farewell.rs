//! The account of a user has been deleted: so is what is kept of him. Why what remains does: docs/decisions/who-is-known.md.

use dais_domain::{MeetingId, Refusal, Timestamp, UserId};
use dais_realtime::Sockets;
use dais_rest::{Problem, retry};
use dais_store::{CommitError, Store, Trace};
use futures::{StreamExt, TryStreamExt, stream};

use crate::Rest;

/// Traces that are found at once.
const PORTION: u32 = 100;
/// Traces that are erased at the same time.
const AT_ONCE: usize = 8;

/// Deletes what is kept of a user. However far it comes, it goes on from there when the webhook comes again.
pub async fn farewell<S: Store, C: Sockets>(
    rest: &Rest<S, C>,
    user: &UserId,
    at: Timestamp,
    now: Timestamp,
) -> Result<(), Problem> {
    // First, so that nobody finds or invites him any more.
    rest.store.forget(user, at).await?;
    if rest.store.user(user).await?.is_some() {
        tracing::info!(userId = %user, "📇 User has been created again since");
        return Ok(());
    }
    loop {
        let traces = rest.store.traces(user, PORTION).await?;
        if traces.is_empty() {
            tracing::info!(userId = %user, "📇 User forgotten");
            return Ok(());
        }
        let erasures = traces.into_iter().map(|trace| async move {
            if let Trace::OwnMeeting(meeting) = &trace {
                step_down(rest, meeting, user, now).await?;
            }
            Ok::<(), Problem>(rest.store.erase(user, &trace).await?)
        });
        stream::iter(erasures).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    }
}

/// Takes his role in a meeting away, and tells its room. If he is the last host, only his name goes.
async fn step_down<S: Store, C: Sockets>(
    rest: &Rest<S, C>,
    id: &MeetingId,
    user: &UserId,
    now: Timestamp,
) -> Result<(), Problem> {
    for tries in 0..retry::MAX_TRIES {
        let Some(meeting) = rest.store.meeting(id).await? else { return Ok(()) };
        let Some(decision) = meeting.forget(user, now) else { return Ok(()) };
        match rest.store.commit(&decision).await {
            Ok(()) => {
                rest.tell(id.clone(), decision.entry, now);
                return Ok(());
            }
            Err(CommitError::Conflict) => retry::pause(tries).await,
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refusal::Busy.into())
}
