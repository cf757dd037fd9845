//! DynamoDB: an embedded dynoxide behind the wire protocol that the AWS SDK speaks, with the tables of template.yaml.
//!
//! What the emulator does not model is added here: faults ([`faults`]), the bill ([`engine`]), what a function may do
//! ([`request`]), expiry by the local clock ([`expiry`]). Not modelled at all: eventual consistency (every read is
//! strong), streams (nothing reads them here, and the emulator's get slower with each write), backups.
//!
//! Calls go to the library, not through its HTTP server: the AWS SDK cannot send the ill-typed JSON that the server guards
//! against, and a role event pays for each round trip.

mod definition;
mod endpoint;
mod engine;
mod expiry;
mod faults;
mod request;

use std::{
    collections::BTreeMap,
    fmt,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use axum::body::Bytes;
use dynoxide::{Database, DynoxideError};
use serde_json::Value;

use crate::{
    chaos::Chaos,
    clock::Clock,
    ledger::{CallResult, Ledger},
};

pub use endpoint::routes;
pub use request::{Access, Permit, everything_permitted};

use definition::Definition;
use request::TableRequest;

/// Why the tables cannot be opened. The sentence is for the developer who typed `make run`.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// template.yaml describes a table that DynamoDB or the emulator would not take: correct the template.
    #[error("the table {table} of template.yaml cannot be made: {reason}")]
    Definition {
        /// Name of the table, or its position when it has none.
        table: String,
        /// What is wrong.
        reason: String,
    },
    /// The file holds a table of the same name with other keys or indexes: delete the file.
    #[error(
        "the table {table} in {place} has other {what} than template.yaml now says: `make reset` removes the old one with its data"
    )]
    Drifted {
        /// Name of the table.
        table: String,
        /// The data directory.
        place: PathBuf,
        /// What differs.
        what: &'static str,
    },
    /// Another local cloud uses the data directory: stop it, or set DATA_DIR.
    #[error("another process uses {0}: stop it, or set DATA_DIR to another folder")]
    InUse(PathBuf),
    /// The data directory cannot be made or locked: mend its permissions, or set DATA_DIR.
    #[error("the data directory {place} cannot be used: {source}")]
    Directory {
        /// The data directory.
        place: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The emulator cannot open its file: `make reset` removes it.
    #[error("the table file cannot be opened: {0}")]
    Engine(#[from] DynoxideError),
}

/// Where the tables live.
#[derive(Debug, Clone)]
pub enum Place {
    /// `table.db` in this folder, which is made if need be.
    ///
    /// A commit survives the end of the process however it ends. It is not forced to the disk one by one, so the last
    /// moments before a power failure may be lost; the file is consistent even then.
    Directory(PathBuf),
    /// Nowhere: gone with the process.
    Memory,
}

/// What the endpoint is attached to.
pub struct Surroundings {
    /// The time, for expiry.
    pub clock: Clock,
    /// Which faults to make.
    pub chaos: Chaos,
    /// Where calls are entered.
    pub ledger: Ledger,
    /// What each function may do.
    pub permit: Permit,
}

/// The tables. Clones share them; the last one to go flushes and closes the file.
#[derive(Clone)]
pub struct Table {
    inner: Arc<Inner>,
}

struct Inner {
    database: Database,
    /// Table name → name of its TTL attribute.
    tables: BTreeMap<String, Option<String>>,
    surroundings: Surroundings,
    /// Held as long as the file is open.
    _lock: Option<File>,
}

/// A call as it comes over the wire.
#[derive(Debug, Clone, Copy)]
pub struct WireCall<'a> {
    /// Logical id of the function that calls.
    pub function: &'a str,
    /// Request id of its invocation (header `x-dais-invocation`).
    pub invocation: Option<&'a str>,
    /// `X-Amz-Target`: `DynamoDB_20120810.GetItem`.
    pub target: &'a str,
    /// JSON.
    pub body: &'a [u8],
}

/// An answer as it goes over the wire: `application/x-amz-json-1.0`.
#[derive(Debug, Clone)]
pub struct WireAnswer {
    /// HTTP status.
    pub status: u16,
    /// JSON.
    pub body: Bytes,
}

impl Table {
    /// Opens the tables and makes those that are missing.
    ///
    /// `tables` are the `Properties` of the template's `AWS::DynamoDB::Table` resources, intrinsics resolved, each with its
    /// `TableName`. Blocks for some milliseconds.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn open(place: &Place, tables: &[Value], surroundings: Surroundings) -> Result<Self, TableError> {
        let (database, lock, shown_place) = match place {
            Place::Memory => (Database::memory()?, None, PathBuf::from("memory")),
            Place::Directory(directory) => {
                let lock = claim(directory)?;
                let file = directory.join("table.db");
                let database = Database::new(&file.to_string_lossy())?;
                // The library's name for `PRAGMA synchronous = NORMAL`: no fsync per commit. See `Place::Directory`.
                database.disable_bulk_loading()?;
                (database, Some(lock), directory.clone())
            }
        };
        let mut known = BTreeMap::new();
        for (position, properties) in tables.iter().enumerate() {
            let definition = Definition::from_template(position, properties)?;
            definition.make_or_compare(&database, &shown_place)?;
            known.insert(definition.name, definition.ttl_attribute);
        }
        Ok(Self { inner: Arc::new(Inner { database, tables: known, surroundings, _lock: lock }) })
    }

    /// Names of the tables.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.inner.tables.keys().map(String::as_str)
    }

    /// Answers one call of the AWS SDK and enters it in the ledger. Goes on to its end even if nobody waits for the answer:
    /// a write that has been sent is done, whatever becomes of its sender.
    pub async fn answer(&self, call: WireCall<'_>) -> WireAnswer {
        let operation = call.target.rsplit('.').next().unwrap_or_default();
        let ledger = &self.inner.surroundings.ledger;
        let entry = ledger.start_call(call.invocation, call.function, "dynamodb", operation);
        let request = match TableRequest::read(operation, call.body) {
            Ok(request) => request,
            Err(failure) => {
                let (answer, result) = failure.into_answer(None);
                entry.finish(result);
                return answer;
            }
        };
        let table = request.tables();
        let refused = request
            .check(call.function, &self.inner.tables, &self.inner.surroundings.permit)
            .or_else(|| faults::refusal(&self.inner.surroundings.chaos, &request));
        if let Some(failure) = refused {
            let (answer, result) = failure.into_answer(table);
            entry.finish(result);
            return answer;
        }
        let delay = Duration::from_millis(self.inner.surroundings.chaos.current().delay_table_ms);
        let held_back = faults::hold_back(&self.inner.surroundings.chaos, request);
        let database = self.inner.database.clone();
        let work = move || {
            // Here and not outside: a sender that goes away meanwhile must change nothing.
            thread::sleep(delay);
            let done = engine::run(&database, held_back.request);
            let (answer, result) = match done {
                Ok(success) => success.into_answer(table, held_back.unprocessed),
                Err(failure) => failure.into_answer(table),
            };
            entry.finish(result);
            answer
        };
        // The library answers from memory or from the page cache, sooner than another thread wakes up.
        if delay.is_zero() {
            return work();
        }
        let worked = tokio::task::spawn_blocking(work).await;
        worked.unwrap_or_else(|_| Failure::internal("the emulated table failed").into_answer(None).0)
    }

    /// Deletes what has expired by the local clock; how many items. The cloud does that within a few days.
    ///
    /// # Errors
    /// The emulator's.
    pub async fn sweep_expired(&self) -> Result<usize, DynoxideError> {
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || {
            expiry::sweep(&inner.database, &inner.tables, inner.surroundings.clock.now_ms())
        })
        .await
        .unwrap_or_else(|_| Err(DynoxideError::InternalServerError("the sweep failed".to_owned())))
    }

    /// Sweeps once per local minute, for ever.
    pub async fn keep_sweeping(self) {
        expiry::keep_sweeping(self).await;
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Table").field(&self.inner.tables).finish()
    }
}

/// A call that was not done.
#[derive(Debug)]
pub(crate) struct Failure {
    error: DynoxideOrOurs,
    write_units: f64,
}

#[derive(Debug)]
enum DynoxideOrOurs {
    Dynoxide(DynoxideError),
    /// An error the emulator never makes: type and message.
    Ours(&'static str, String),
}

impl Failure {
    fn ours(kind: &'static str, message: impl Into<String>) -> Self {
        Self { error: DynoxideOrOurs::Ours(kind, message.into()), write_units: 0.0 }
    }

    fn dynoxide(error: DynoxideError) -> Self {
        Self { error: DynoxideOrOurs::Dynoxide(error), write_units: 0.0 }
    }

    fn costing(mut self, write_units: f64) -> Self {
        self.write_units = write_units;
        self
    }

    /// The emulator's error, or the failure itself if it is ours.
    fn into_dynoxide(self) -> Result<DynoxideError, Self> {
        match self.error {
            DynoxideOrOurs::Dynoxide(error) => Ok(error),
            DynoxideOrOurs::Ours(..) => Err(self),
        }
    }

    fn internal(message: &str) -> Self {
        Self::dynoxide(DynoxideError::InternalServerError(message.to_owned()))
    }

    fn into_answer(self, table: Option<String>) -> (WireAnswer, CallResult) {
        let (status, kind, body) = match &self.error {
            DynoxideOrOurs::Dynoxide(error) => (error.status_code(), error.error_type(), error.to_json()),
            DynoxideOrOurs::Ours(kind, message) => {
                (400, *kind, serde_json::json!({ "__type": kind, "message": message }).to_string())
            }
        };
        let short = kind.rsplit('#').next().unwrap_or(kind).to_owned();
        let result = CallResult { table, status, error: Some(short), read_units: 0.0, write_units: self.write_units };
        (WireAnswer { status, body: Bytes::from(body) }, result)
    }
}

/// Makes the folder and locks it against a second local cloud.
fn claim(directory: &Path) -> Result<File, TableError> {
    let failed = |source| TableError::Directory { place: directory.to_owned(), source };
    fs::create_dir_all(directory).map_err(failed)?;
    let lock = File::create(directory.join("lock")).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(TableError::InUse(directory.to_owned())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}
