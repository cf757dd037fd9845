//! A change that came from outside of the room: over REST, or from the identity provider.

use std::time::Duration;

use dais_domain::{LogEntry, MeetingId, Timestamp};
use dais_realtime::{Announcer, Sockets};
use dais_store::Store;

use crate::MediaPlane;

/// Tells a room of a change of its meeting: first its media node, if something must stop, then everybody in it.
pub async fn tell<S: Store, C: Sockets>(
    store: &S,
    media: &dyn MediaPlane,
    announcer: &Announcer<S, C>,
    room: &MeetingId,
    entry: &LogEntry,
    now: Timestamp,
) {
    match store.room(room, now).await {
        Ok(Some(view)) => {
            if entry.change.may_end_media() {
                media.room_changed(&view, entry.version).await;
            }
            announcer.changed(&view, entry, now, Duration::ZERO).await;
        }
        Ok(None) => {}
        // Its people learn it from the log when they recover, and its node when it reads the table.
        Err(error) => tracing::warn!(roomId = %room, version = %entry.version, %error, "a room was not told"),
    }
}
