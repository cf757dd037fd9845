//! Sockets that remember what was posted.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use dais_domain::ConnectionId;
use dais_realtime::{PostError, Sockets};
use serde_json::Value;

/// Clones share what they remember.
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    posts: Arc<Mutex<Vec<(String, String)>>>,
    gone: Arc<Mutex<HashSet<String>>>,
}

impl Recorder {
    /// From now on this connection is gone.
    pub fn lose(&self, connection: &str) {
        self.gone.lock().unwrap().insert(connection.to_owned());
    }

    /// How much was posted and not taken out.
    pub fn count(&self) -> usize {
        self.posts.lock().unwrap().len()
    }

    /// Takes out what one connection was sent: names of events with their arguments.
    pub fn take(&self, connection: &str) -> Vec<(String, Vec<Value>)> {
        let mut posts = self.posts.lock().unwrap();
        let (own, others) = posts.drain(..).partition(|(to, _)| to == connection);
        *posts = others;
        let own: Vec<(String, String)> = own;
        own.into_iter()
            .map(|(_, text)| {
                let mut arguments: Vec<Value> = serde_json::from_str(text.strip_prefix("42").unwrap()).unwrap();
                (arguments.remove(0).as_str().unwrap().to_owned(), arguments)
            })
            .collect()
    }

    /// The names of what one connection was sent.
    pub fn take_names(&self, connection: &str) -> Vec<String> {
        self.take(connection).into_iter().map(|(name, _)| name).collect()
    }
}

impl Sockets for Recorder {
    async fn post(&self, connection: &ConnectionId, message: &str) -> Result<(), PostError> {
        if self.gone.lock().unwrap().contains(connection.as_str()) {
            return Err(PostError::Gone);
        }
        self.posts.lock().unwrap().push((connection.to_string(), message.to_owned()));
        Ok(())
    }

    async fn close(&self, _: &ConnectionId) -> Result<(), PostError> {
        Ok(())
    }
}
