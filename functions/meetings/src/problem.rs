//! What only meetings are refused for.

use dais_domain::Version;
use dais_rest::Particular;
use lambda_http::http::{HeaderName, StatusCode, header::ETAG};

/// A meeting that is not created or changed. Displayed, it is the short sentence of the answer (`error`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MeetingProblem {
    /// The id of somebody else's personal room: take another.
    #[error("This ID belongs to another user")]
    ForeignRoom,
    /// The id is taken: take another.
    #[error("Meeting with this ID already exists")]
    MeetingExists {
        /// By the caller himself, for another content.
        by_caller: bool,
    },
    /// The idempotency key belongs to another request: take a new one.
    #[error("Idempotency-Key was used for another request")]
    KeyReused,
    /// The meeting is not at the version that the caller has seen: read it and try again.
    #[error("Meeting was changed by somebody else")]
    VersionConflict {
        /// The version that it has.
        current: Version,
        /// The version came in `If-Match` and not in the body.
        if_match: bool,
    },
}

impl Particular for MeetingProblem {
    fn status(&self) -> StatusCode {
        match self {
            Self::ForeignRoom => StatusCode::FORBIDDEN,
            Self::MeetingExists { .. } | Self::VersionConflict { if_match: false, .. } => StatusCode::CONFLICT,
            Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::VersionConflict { if_match: true, .. } => StatusCode::PRECONDITION_FAILED,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::ForeignRoom => "foreign-room",
            Self::MeetingExists { .. } => "meeting-exists",
            Self::KeyReused => "idempotency-key-reused",
            Self::VersionConflict { .. } => "version-conflict",
        }
    }

    fn message(&self) -> String {
        match self {
            Self::ForeignRoom => {
                "IDs that begin with user_ are personal rooms, which only their owners create. Choose another ID."
                    .to_owned()
            }
            Self::MeetingExists { by_caller: false } => "Choose another ID, or leave it out to get one.".to_owned(),
            Self::MeetingExists { by_caller: true } => {
                "You created it with another description or start. Change it with PATCH, or choose another ID."
                    .to_owned()
            }
            Self::KeyReused => "Use a new Idempotency-Key for a new meeting.".to_owned(),
            Self::VersionConflict { current, .. } => {
                format!("It is at version {current} now. Read it again and decide again.")
            }
        }
    }

    fn headers(&self) -> Vec<(HeaderName, String)> {
        match self {
            Self::VersionConflict { current, .. } => vec![(ETAG, format!("\"{current}\""))],
            _ => Vec::new(),
        }
    }
}
