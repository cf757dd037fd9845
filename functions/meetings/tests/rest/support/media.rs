//! A media plane that remembers what it was told, and whether the clients knew it before.

use std::sync::{Arc, Mutex};

use dais_domain::{ConnectionId, MeetingId, Presence, RoomView, Source, Version};
use dais_media_nodes::MediaPlane;
use futures::future::{BoxFuture, ready};

use super::Recorder;

/// Clones share what they remember.
#[derive(Debug, Clone)]
pub struct Listening {
    sockets: Recorder,
    told: Arc<Mutex<Vec<(u64, usize)>>>,
}

impl Listening {
    pub fn beside(sockets: &Recorder) -> Self {
        Self { sockets: sockets.clone(), told: Arc::default() }
    }

    /// Takes out the versions that it was told of. It was the first to hear of each.
    #[track_caller]
    pub fn take(&self) -> Vec<u64> {
        let told = std::mem::take(&mut *self.told.lock().unwrap());
        assert!(told.iter().all(|(_, before)| *before == 0), "the clients knew before: {told:?}");
        told.into_iter().map(|(version, _)| version).collect()
    }
}

impl MediaPlane for Listening {
    fn room_changed<'a>(&'a self, view: &'a RoomView, version: Version) -> BoxFuture<'a, ()> {
        assert_eq!(view.meeting.version, version);
        self.told.lock().unwrap().push((version.0, self.sockets.count()));
        Box::pin(ready(()))
    }

    fn left<'a>(&'a self, _: &'a MeetingId, _: &'a ConnectionId) -> BoxFuture<'a, ()> {
        unreachable!("nobody leaves over REST")
    }

    fn replaced<'a>(&'a self, _: &'a RoomView, _: &'a Presence) -> BoxFuture<'a, bool> {
        unreachable!("no connection is replaced over REST")
    }

    fn switched_on<'a>(&'a self, _: &'a RoomView, _: &'a ConnectionId, _: Source) -> BoxFuture<'a, bool> {
        unreachable!("nobody switches anything on over REST")
    }
}
