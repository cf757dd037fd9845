//! `get-socket-id-for-user`: real clients ask this once per participant for every list they get, so it is answered from
//! memory where that is fresh enough.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use dais_domain::{ConnectionId, Refusal, SocketId, Timestamp, UserId};
use dais_realtime::{Sender, Sockets};
use dais_store::Store;
use serde_json::json;

use super::{Outcome, Rooms};

/// How old an answer may be. It only helps clients to label streams.
const FRESH: Duration = Duration::from_secs(3);
/// Connections remembered; beyond it all are forgotten, which only costs reads.
const MAX_REMEMBERED: usize = 5_000;

type Directory = Arc<HashMap<UserId, SocketId>>;

/// Who has which socket id, as connections were last told.
#[derive(Debug, Default)]
pub struct SocketIds {
    seen: Mutex<HashMap<ConnectionId, (Timestamp, Directory)>>,
}

impl SocketIds {
    fn fresh(&self, connection: &ConnectionId, now: Timestamp) -> Option<Directory> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(connection).filter(|(at, _)| at.plus(FRESH) > now).map(|(_, directory)| directory.clone())
    }

    fn remember(&self, connection: &ConnectionId, now: Timestamp, directory: Directory) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MAX_REMEMBERED {
            seen.clear();
        }
        seen.insert(connection.clone(), (now, directory));
    }
}

impl<S: Store, C: Sockets> Rooms<S, C> {
    /// The socket id of a user in the sender's room, or null.
    pub async fn socket_id_of(&self, sender: &Sender, user: &UserId) -> Result<Outcome, Refusal> {
        let directory = match self.socket_ids.fresh(&sender.connection_id, sender.now) {
            Some(directory) => directory,
            None => self.directory(sender).await?,
        };
        let ack = json!({ "socketId": directory.get(user), "userId": user });
        Ok(Outcome { ack, ..Outcome::quiet() })
    }

    async fn directory(&self, sender: &Sender) -> Result<Directory, Refusal> {
        let room = self.connection(sender).await?.room.ok_or(Refusal::RoomNotFound)?;
        let view = self.room_of(sender, &room).await?;
        let pairs = view.presences.iter().map(|presence| (presence.user_id.clone(), presence.socket_id.clone()));
        let directory: Directory = Arc::new(pairs.collect());
        self.socket_ids.remember(&sender.connection_id, sender.now, directory.clone());
        Ok(directory)
    }
}
