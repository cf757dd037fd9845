//! `DELETE /api/meetings/{id}` and `POST /api/meetings/{id}/end`.

use std::sync::Arc;

use dais_domain::{Command, LogEntry, Meeting, MeetingId, RoomView, Timestamp, Version};
use dais_identity::Identity;
use dais_media_nodes::MediaPlane;
use dais_realtime::{Announcer, Sockets};
use dais_rest::{
    Answer, Ask, Problem,
    document::{CallerProblems, HostsOnly, Missing},
};
use dais_store::{Store, StoreError};
use futures::{StreamExt, stream};
use lambda_http::http::StatusCode;

use crate::{
    Rest, answer,
    change::Changed,
    rest::log_action,
    wire::{MeetingAnswer, schema},
};

/// Presences that are taken out of the room at the same time.
const CONCURRENCY: usize = 32;

/// End a meeting for all
///
/// Hosts only. The room is told and everybody leaves it; nobody can join again. The meeting and its log can still be
/// read. Ending it again changes nothing, and empties the room if that was not finished.
#[utoipa::path(
    post,
    path = "/api/meetings/{id}/end",
    operation_id = "endMeeting",
    tag = "meetings",
    params(("id" = schema::MeetingId, Path, description = "The meeting")),
    responses(
        (status = 200, description = "The meeting, ended", body = MeetingAnswer,
            headers(("etag" = String, description = "Its version"))),
        CallerProblems,
        HostsOnly,
        Missing,
    )
)]
pub async fn end<S: Store, C: Sockets>(rest: &Rest<S, C>, ask: &Ask<'_>, who: &Identity) -> Result<Answer, Problem> {
    let id = ask.meeting_id()?;
    let Changed { meeting, entry } = rest.change(&id, who, |_: &Meeting| Command::End, None, ask.now).await?;
    if entry.is_some() {
        log_action("ended", who, &id);
    }
    rest.empty(id, entry, ask.now);
    answer::meeting(StatusCode::OK, &MeetingAnswer::new(&meeting, &who.user_id))
}

/// End a meeting for all
///
/// The same as `POST /api/meetings/{id}/end`.
#[utoipa::path(
    delete,
    path = "/api/meetings/{id}",
    operation_id = "deleteMeeting",
    tag = "meetings",
    params(("id" = schema::MeetingId, Path, description = "The meeting")),
    responses(
        (status = 200, description = "The meeting, ended", body = MeetingAnswer,
            headers(("etag" = String, description = "Its version"))),
        CallerProblems,
        HostsOnly,
        Missing,
    )
)]
#[expect(dead_code, reason = "the second route of `end`, for the document")]
fn delete() {}

impl<S: Store, C: Sockets> Rest<S, C> {
    /// Tells the room, after its media node, that its meeting has ended and takes everybody out of it, after the answer. Without `entry` the
    /// meeting had ended before, and only those are told who are still there because that was not finished.
    fn empty(&self, id: MeetingId, entry: Option<LogEntry>, now: Timestamp) {
        let (store, media, announcer) = (self.store.clone(), Arc::clone(&self.media), self.announcer.clone());
        self.after.defer(async move {
            if let Err(error) = empty(store, &*media, announcer, &id, entry, now).await {
                tracing::warn!(roomId = %id, %error, "people are still in the room of a meeting that has ended");
            }
        });
    }
}

async fn empty<S: Store, C: Sockets>(
    store: S,
    media: &dyn MediaPlane,
    announcer: Announcer<S, C>,
    id: &MeetingId,
    entry: Option<LogEntry>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(view) = store.room(id, now).await?.filter(|view| !view.presences.is_empty()) else {
        return Ok(());
    };
    media.room_changed(&view, view.meeting.version).await;
    let entry = match entry {
        Some(entry) => Some(entry),
        None => last_entry(&store, &view.meeting).await?,
    };
    if let Some(entry) = entry {
        announcer.changed(&view, &entry, now, std::time::Duration::ZERO).await;
    }
    leave_all(&store, view).await
}

/// Nothing can be changed after the end, so that is the last entry.
async fn last_entry(store: &impl Store, meeting: &Meeting) -> Result<Option<LogEntry>, StoreError> {
    let before = Version(meeting.version.0 - 1);
    Ok(store.log(&meeting.id, before, 1).await?.entries.pop())
}

/// One presence after the other, each by itself: what fails leaves the others alone.
async fn leave_all(store: &impl Store, view: RoomView) -> Result<(), StoreError> {
    let room = &view.meeting.id;
    let left = stream::iter(view.presences).map(|presence| async move {
        store.leave(room, &presence.connection_id).await?;
        store.forget_room(&presence.connection_id, room).await
    });
    let results: Vec<_> = left.buffer_unordered(CONCURRENCY).collect().await;
    results.into_iter().collect()
}
