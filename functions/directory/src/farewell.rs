//! The account of a user has been deleted: so is what is kept of him. Why what remains does: docs/decisions/who-is-known.md.

use dais_domain::{InvitationId, MeetingId, Refusal, Timestamp, UserId};
use dais_realtime::Sockets;
use dais_rest::{Problem, retry};
use dais_store::{CommitError, Party, Store, Trace};
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
        // An acceptance of what he has sent would bring his name back into the log: that first.
        let (sent, others): (Vec<Trace>, Vec<Trace>) = traces.into_iter().partition(Trace::is_of_inviter);
        for traces in [sent, others] {
            let erasures = traces.into_iter().map(|trace| erase(rest, trace, user, now));
            stream::iter(erasures).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        }
    }
}

async fn erase<S: Store, C: Sockets>(
    rest: &Rest<S, C>,
    trace: Trace,
    user: &UserId,
    now: Timestamp,
) -> Result<(), Problem> {
    match &trace {
        // Where he only attended, his name may stand among those who were removed.
        Trace::OwnMeeting(meeting) | Trace::Attended(meeting) => step_down(rest, meeting, user, now).await?,
        Trace::Invitation { party: Party::Inviter(_), meeting_id, invitation_id } => {
            withdraw(rest, meeting_id, invitation_id, user, now).await?;
        }
        _ => {}
    }
    Ok(rest.store.erase(user, &trace).await?)
}

/// Takes his name out of an invitation that he has sent. If nobody has answered it, nobody can any more.
async fn withdraw<S: Store, C: Sockets>(
    rest: &Rest<S, C>,
    meeting: &MeetingId,
    id: &InvitationId,
    user: &UserId,
    now: Timestamp,
) -> Result<(), Problem> {
    for tries in 0..retry::MAX_TRIES {
        let invitation = rest.store.invitation(meeting, id).await?;
        let nameless = invitation.and_then(|invitation| invitation.without_inviter(user, now));
        let Some(nameless) = nameless else { return Ok(()) };
        match rest.store.end(&nameless).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Conflict) => retry::pause(tries).await,
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refusal::Busy.into())
}

/// Takes his role in a meeting away, and tells its room. If he is the last host or was removed from it, only his name goes.
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
