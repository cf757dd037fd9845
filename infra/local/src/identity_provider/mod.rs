//! The identity provider: session tokens in Clerk's shape, the keys that verify them, signed webhooks about users.
//!
//! Functions verify these tokens as they verify Clerk's: by issuer, key set, algorithm, times and authorised party. Only
//! passwords are missing: whoever asks for Ada's token, or chooses Ada on the page to sign in, is Ada.

mod keys;
mod parameters;
mod routes;
mod sign_in;
mod tokens;
mod users;
mod webhooks;

use std::{
    fmt, io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use crate::{clock::Clock, table::Place};

pub use parameters::{TokenParameters, UserChange};
pub use routes::routes;
pub use tokens::Token;
pub use users::User;
pub use webhooks::{Deliver, Webhook};

use keys::Keys;
use users::Users;

/// Why there is no identity provider. The sentence is for the developer who typed `make run`.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A file of the data directory cannot be read or written: mend its permissions, or `make reset`.
    #[error("{path} cannot be used: {source}; mend its permissions, or remove it with `make reset`")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file of the data directory does not hold what it should: `make reset`.
    #[error("{path} is damaged: {reason}; `make reset` removes it")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No key can be made: the machine gives no random numbers.
    #[error("no key can be made: the machine gives no random numbers")]
    NoKey,
}

/// The identity provider. Clones share it.
#[derive(Clone)]
pub struct IdentityProvider {
    inner: Arc<Inner>,
}

struct Inner {
    issuer: String,
    keys: Keys,
    clock: Clock,
    users: Mutex<Users>,
    deliver: OnceLock<Deliver>,
}

impl IdentityProvider {
    /// Opens the provider whose tokens say `issuer` (`http://127.0.0.1:3000/_local`). Keys and users live at `place`.
    ///
    /// Blocks, for some 100 ms when it makes a key.
    ///
    /// # Errors
    /// See [`IdentityError`].
    pub fn open(place: &Place, issuer: &str, clock: Clock) -> Result<Self, IdentityError> {
        let (keys, users) = match place {
            Place::Memory => (Keys::of_this_process()?, Users::in_memory()),
            Place::Directory(directory) => (Keys::in_directory(directory)?, Users::in_file(directory)?),
        };
        let inner = Inner {
            issuer: issuer.trim_end_matches('/').to_owned(),
            keys,
            clock,
            users: Mutex::new(users),
            deliver: OnceLock::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Sends webhooks through `deliver` from now on. Without it they are made for nobody. The first call counts.
    pub fn deliver_through(&self, deliver: Deliver) {
        let _ = self.inner.deliver.set(deliver);
    }

    /// `iss` of the tokens.
    pub fn issuer(&self) -> &str {
        &self.inner.issuer
    }

    /// The key set that verifies the tokens (RFC 7517), also for a function's `IDENTITY_JWKS`.
    pub fn jwks(&self) -> serde_json::Value {
        self.inner.keys.jwks()
    }

    /// The secret that signs webhooks, `whsec_…`, for the environment of the function that takes them.
    pub fn webhook_secret(&self) -> &str {
        self.inner.keys.webhook_secret()
    }

    /// Signs a session token for a user, whom it remembers: `user.created` or `user.updated` goes out if that is new.
    ///
    /// # Errors
    /// A sentence: the user has been deleted, or his data cannot be written.
    pub fn token(&self, parameters: &TokenParameters) -> Result<Token, String> {
        let user = self.change(&parameters.user_change(), false)?;
        let now_s = self.inner.clock.now_ms() / 1000;
        tokens::sign(&self.inner.keys, &self.inner.issuer, &user, parameters, now_s)
    }

    /// Creates, changes or deletes a user and sends the webhook.
    ///
    /// # Errors
    /// A sentence: his data cannot be written.
    pub fn change_user(&self, change: &UserChange) -> Result<User, String> {
        self.change(change, true)
    }

    /// All users seen, by name; the deleted ones too.
    pub fn users(&self) -> Vec<User> {
        self.lock().all()
    }

    fn change(&self, change: &UserChange, may_revive: bool) -> Result<User, String> {
        let now_ms = self.inner.clock.now_ms();
        // The lock is let go before the webhook is sent.
        let (user, event) = self.lock().apply(change, may_revive, now_ms)?;
        if let (Some(event), Some(deliver)) = (event, self.inner.deliver.get()) {
            let body = webhooks::body(event, &user, now_ms);
            let secret = self.inner.keys.webhook_key().to_vec();
            webhooks::send(Arc::clone(deliver), secret, self.inner.clock.clone(), body);
        }
        Ok(user)
    }

    fn lock(&self) -> MutexGuard<'_, Users> {
        self.inner.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for IdentityProvider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("IdentityProvider").field(&self.inner.issuer).finish()
    }
}
