//! What can go wrong at the table, by what the caller can do about it.

use dais_domain::{MediaClaim, Meeting, MeetingId};

/// The table could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Throttled, unreachable or timed out after retries. Nothing is known of the effect; try again.
    #[error("the table is unavailable during {operation}: {reason}")]
    Unavailable {
        /// The DynamoDB operation.
        operation: &'static str,
        /// The service's error code and message.
        reason: String,
    },
    /// An item is not of the shape that this version writes. Needs a person.
    #[error("an item cannot be read ({item}): {reason}")]
    Corrupt {
        /// Which kind of item.
        item: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// A change of a meeting was not written.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Somebody else changed the meeting first. Read it again, decide again.
    #[error("the meeting was changed by somebody else")]
    Conflict,
    /// The table could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A meeting was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// The id is taken. Holds the meeting that has it, which its owner may be shown.
    #[error("a meeting with this id exists")]
    Exists(Box<Meeting>),
    /// The idempotency key was used before, for this meeting and request.
    #[error("the idempotency key was used before")]
    KeyUsed {
        /// What it created then.
        meeting_id: MeetingId,
        /// Hash of the request then.
        fingerprint: String,
    },
    /// Another creation of the same id is under way. Try again.
    #[error("the meeting is being created by somebody else")]
    Conflict,
    /// The table could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A media node was not given a room.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// Another claim is there than the caller has read. Use that one.
    #[error("the room has been claimed")]
    Taken(MediaClaim),
    /// The node has retired, takes no rooms, or its lease has lapsed. Choose another.
    #[error("the media node is gone")]
    NodeGone,
    /// No such meeting, or it has ended.
    #[error("there is no such room")]
    NoRoom,
    /// The table could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}
