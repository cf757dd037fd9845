//! The one table. [`Meetings`], [`Rooms`] and [`Connections`] say what the rest of Dais may ask of it;
//! [`DynamoStore`] asks DynamoDB, [`MemoryStore`] is for tests and obeys the same contract (`tests/contract`).
//!
//! Invariants are conditions in the writes: see [`Meetings::commit`].

mod dynamo;
mod error;
mod items;
mod keys;
pub mod memory;
mod model;
mod traits;

pub use dynamo::DynamoStore;
pub use error::{CommitError, CreateError, StoreError};
pub use memory::MemoryStore;
pub use model::{
    Connection, CreationKey, DueLease, ListQuery, LogPage, MeetingPage, OwnMeeting, Period, PollingSession, Session,
};
pub use traits::{Connections, Meetings, Polling, Rooms, Store};
