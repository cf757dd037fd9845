//! Telling the media node of a change before the clients are told: whoever loses a right is silent first, and hears of it then.

use std::{fmt, time::Duration};

use dais_domain::{ConnectionId, MeetingId, Presence, RoomView, Source, Version};
use futures::future::BoxFuture;

/// How long a media node may take to obey. It rereads its rooms on its own, so one that does not answer costs seconds, not safety.
const PATIENCE: Duration = Duration::from_secs(1);

/// What enforces the rules of a room on its media.
pub trait MediaPlane: Send + Sync + 'static {
    /// A room's meeting has changed: comes back when its media are as `version` says.
    ///
    /// `view` is the room after the change. Failures are logged, as nobody here could do anything about them.
    fn room_changed<'a>(&'a self, view: &'a RoomView, version: Version) -> BoxFuture<'a, ()>;

    /// A connection is not in a room any more. It is told at once; the media node would find out by itself in seconds.
    fn left<'a>(&'a self, room: &'a MeetingId, connection: &'a ConnectionId) -> BoxFuture<'a, ()>;

    /// A client whose connection was replaced has taken up his session: `presence` is in `view` in the place of the one before.
    /// True: what he sends and gets goes on, or he had nothing. False: he must join the media again.
    fn replaced<'a>(&'a self, view: &'a RoomView, presence: &'a Presence) -> BoxFuture<'a, bool>;

    /// Somebody in the room says that he has switched a source on. False: he has media here, and sends nothing of the kind.
    fn switched_on<'a>(
        &'a self,
        view: &'a RoomView,
        connection: &'a ConnectionId,
        source: Source,
    ) -> BoxFuture<'a, bool>;
}

/// No media at all.
#[derive(Debug, Clone, Copy)]
pub struct NoMedia;

impl MediaPlane for NoMedia {
    fn room_changed<'a>(&'a self, _view: &'a RoomView, _version: Version) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }

    fn left<'a>(&'a self, _room: &'a MeetingId, _connection: &'a ConnectionId) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }

    fn replaced<'a>(&'a self, _view: &'a RoomView, _presence: &'a Presence) -> BoxFuture<'a, bool> {
        Box::pin(std::future::ready(true))
    }

    fn switched_on<'a>(&'a self, _: &'a RoomView, _: &'a ConnectionId, _: Source) -> BoxFuture<'a, bool> {
        Box::pin(std::future::ready(true))
    }
}

/// One that is waited for a second at most. Needs a running tokio.
pub struct InTime<M>(pub M);

impl<M> fmt::Debug for InTime<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("InTime")
    }
}

impl<M: MediaPlane> MediaPlane for InTime<M> {
    fn room_changed<'a>(&'a self, view: &'a RoomView, version: Version) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if tokio::time::timeout(PATIENCE, self.0.room_changed(view, version)).await.is_err() {
                tracing::warn!(roomId = %view.meeting.id, %version, "⚠️ The media node was not told in time");
            }
        })
    }

    // Nobody waits for these: they have the time of any call.
    fn left<'a>(&'a self, room: &'a MeetingId, connection: &'a ConnectionId) -> BoxFuture<'a, ()> {
        self.0.left(room, connection)
    }

    fn replaced<'a>(&'a self, view: &'a RoomView, presence: &'a Presence) -> BoxFuture<'a, bool> {
        self.0.replaced(view, presence)
    }

    fn switched_on<'a>(
        &'a self,
        view: &'a RoomView,
        connection: &'a ConnectionId,
        source: Source,
    ) -> BoxFuture<'a, bool> {
        // Whom nobody can contradict is believed.
        let asked = tokio::time::timeout(PATIENCE, self.0.switched_on(view, connection, source));
        Box::pin(async move { asked.await.unwrap_or(true) })
    }
}
