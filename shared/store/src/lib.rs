//! The one table. [`Meetings`], [`Rooms`], [`Connections`], [`MediaNodes`], [`Directory`], [`Attendance`] say what the rest of Dais may ask of it;
//! [`DynamoStore`] asks DynamoDB, [`MemoryStore`] is for tests and obeys the same contract (`tests/contract`).
//!
//! Invariants are conditions in the writes: see [`Meetings::commit`].

mod directory;
mod dynamo;
mod error;
mod gathering;
mod invited;
mod items;
mod keys;
mod media;
pub mod memory;
mod model;
mod traits;

pub use dynamo::DynamoStore;
pub use error::{ClaimError, CommitError, CreateError, StoreError};
pub use invited::{
    FoundInvitation, InvitationPage, Invitations, Invitee, Limit, Limits, Mail, MailKind, Mails, Party, SentMessage,
    SuppressionReason, Suppressions,
};
pub use keys::AddressHash;
pub use media::{MediaNodeRecord, NodeLoad};
pub use memory::MemoryStore;
pub use model::{
    Attended, Connection, CreationKey, DueLease, KnownUser, ListQuery, LogPage, MeetingPage, NewsSource, OwnMeeting,
    Period, PollingSession, Session, Trace,
};
pub use traits::{
    ATTENDEES, Attendance, Connections, Directory, GATHERINGS, MediaNodes, Meetings, Polling, Rooms, Store,
};
