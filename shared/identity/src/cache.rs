//! Keys in memory, fetched as seldom as is safe.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use jsonwebtoken::DecodingKey;

use crate::{IdentityError, KeySet, KeySource, KeySourceError};

/// At least this long between two fetches while there are keys. Whoever sends made-up key ids causes no more than that.
const REFRESH_INTERVAL: Duration = Duration::from_secs(5 * 60);

/// At least this long between two fetches while there are none.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// From this age on, keys are fetched again although they still serve: the provider has half a day to answer.
const REFRESH_AGE: Duration = Duration::from_secs(12 * 60 * 60);

/// From this age on, keys do not serve any more: one that was withdrawn must not live on here.
const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// The identity provider's keys, shared by all sign-ins of a process.
///
/// - Keys are fetched when the first is asked for, when an unknown one is, and when they are half a day old.
/// - At most one fetch runs at a time; those who need its result wait for it.
/// - At most one fetch in five minutes, or one in a second while there are no keys.
/// - When a fetch fails, the keys at hand serve on until they are a day old.
pub struct KeyCache {
    source: Arc<dyn KeySource>,
    state: Mutex<State>,
    /// Held during a fetch.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    keys: Option<(KeySet, Instant)>,
    attempted_at: Option<Instant>,
}

/// What the cache knows about a key id at some moment.
struct Found {
    key: Option<Arc<DecodingKey>>,
    /// There are keys, be this one among them or not.
    has_keys: bool,
    /// A fetch would help and is allowed.
    should_fetch: bool,
}

impl KeyCache {
    /// An empty cache. Nothing is fetched yet.
    pub fn new(source: Arc<dyn KeySource>) -> Self {
        Self { source, state: Mutex::default(), fetching: tokio::sync::Mutex::new(()) }
    }

    /// The key with the id `key_id`, fetched if need be. `at` is the time of the process, by which keys age:
    /// `Instant::now()` except in tests.
    ///
    /// Fails with [`IdentityError::UnknownKey`] or [`IdentityError::KeysUnavailable`].
    pub async fn key(&self, key_id: &str, at: Instant) -> Result<Arc<DecodingKey>, IdentityError> {
        let found = self.find(key_id, at);
        if let Some(key) = found.key.filter(|_| !found.should_fetch) {
            return Ok(key);
        }
        // Whoever needs a key that is not there waits here for a fetch that is under way.
        let _fetching = self.fetching.lock().await;
        // Looked up again, since another may have fetched in the meantime.
        if self.find(key_id, at).should_fetch {
            self.fetch(at).await;
        }
        let found = self.find(key_id, at);
        let reason = if found.has_keys { IdentityError::UnknownKey } else { IdentityError::KeysUnavailable };
        found.key.ok_or(reason)
    }

    fn find(&self, key_id: &str, at: Instant) -> Found {
        let state = self.state();
        let since = |then: Instant| at.saturating_duration_since(then);
        let keys = state.keys.as_ref().filter(|(_, fetched_at)| since(*fetched_at) < MAX_AGE);
        let key = keys.and_then(|(keys, _)| keys.get(key_id));
        let is_fresh = keys.is_some_and(|(_, fetched_at)| since(*fetched_at) < REFRESH_AGE);
        let interval = if keys.is_some() { REFRESH_INTERVAL } else { RETRY_INTERVAL };
        let may_fetch = state.attempted_at.is_none_or(|attempted_at| since(attempted_at) >= interval);
        Found { has_keys: keys.is_some(), should_fetch: may_fetch && !(is_fresh && key.is_some()), key }
    }

    async fn fetch(&self, at: Instant) {
        // Before the fetch and not after it: one whose caller went away counts too, and while it is under way nobody who has
        // a key that serves starts or awaits another.
        self.state().attempted_at = Some(at);
        let fetched = self.source.fetch().await;
        match fetched.and_then(|document| KeySet::parse(&document).map_err(KeySourceError::from)) {
            Ok(keys) => {
                tracing::debug!(?keys, "fetched the keys of the identity provider");
                self.state().keys = Some((keys, at));
            }
            Err(error) => tracing::warn!(%error, "the keys of the identity provider cannot be fetched"),
        }
    }

    /// Nothing can fail while the lock is held, so a poisoned state is a whole one.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
