//! What goes wrong, and how the caller is told.

use dais_domain::Refusal;
use dais_identity::IdentityError;
use dais_store::{CommitError, StoreError};
use lambda_http::http::{
    HeaderName, StatusCode,
    header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE},
};

/// What only one function refuses. Displayed, it is the short sentence of the answer (`error`).
pub trait Particular: std::error::Error + Send + Sync {
    /// HTTP status.
    fn status(&self) -> StatusCode;

    /// What programs compare. Does not change between releases.
    fn code(&self) -> &'static str;

    /// What the caller can do, in sentences.
    fn message(&self) -> String;

    /// Which account would do, as far as the caller may know.
    fn hint(&self) -> Option<String> {
        None
    }

    /// Headers that belong to the status.
    fn headers(&self) -> Vec<(HeaderName, String)> {
        Vec::new()
    }
}

/// Everything that a request can be refused for. Displayed, it is the short sentence of the answer (`error`).
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// No token, or one that identifies nobody: sign in.
    #[error(transparent)]
    NotSignedIn(#[from] IdentityError),
    /// Nothing is served here: check the address.
    #[error("No such address")]
    NoSuchAddress,
    /// Something is served here, but not by this method: use one that is allowed.
    #[error("Method not allowed")]
    MethodNotAllowed {
        /// The methods that are, comma separated.
        allowed: String,
    },
    /// A field, parameter or header is not as it must be: correct it.
    #[error("Invalid {name}")]
    Invalid {
        /// Which one.
        name: String,
        /// What is wrong with it, as the rest of a sentence that begins with its name.
        reason: String,
    },
    /// The body is not a JSON object: correct it.
    #[error("Invalid JSON")]
    InvalidJson {
        /// Where and why, in a sentence.
        reason: String,
    },
    /// The body is not said to be JSON: say so.
    #[error("Unsupported media type")]
    UnsupportedMediaType,
    /// The body is over the bound: send less.
    #[error("Body too large")]
    BodyTooLarge,
    /// Acting for somebody else: leave his id out.
    #[error("You can only act for yourself")]
    ForeignUser,
    /// A member of staff in a user's place may not change who is host.
    #[error("Roles cannot be changed on behalf of a user")]
    Impersonated,
    /// No meeting has this id.
    #[error("Meeting not found")]
    MeetingNotFound,
    /// The rules of meetings forbid it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// One function's own.
    #[error("{0}")]
    Particular(Box<dyn Particular>),
    /// Nobody can do anything about it but us.
    #[error("Internal error")]
    Internal,
}

impl<P: Particular + 'static> From<P> for Problem {
    fn from(problem: P) -> Self {
        Self::Particular(Box::new(problem))
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable { .. } => {
                tracing::warn!(%error, "the table is unavailable");
                Refusal::Unavailable.into()
            }
            StoreError::Corrupt { .. } => {
                tracing::error!(%error, "❌ an item of the table needs a person");
                Self::Internal
            }
        }
    }
}

impl From<CommitError> for Problem {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict => Refusal::Busy.into(),
            CommitError::Store(error) => error.into(),
        }
    }
}

impl Problem {
    /// The name of a field and the rest of a sentence about it.
    pub fn invalid(name: impl Into<String>, reason: impl ToString) -> Self {
        Self::Invalid { name: name.into(), reason: reason.to_string() }
    }

    /// HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotSignedIn(IdentityError::KeysUnavailable) => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotSignedIn(_) => StatusCode::UNAUTHORIZED,
            Self::NoSuchAddress | Self::MeetingNotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::Invalid { .. } | Self::InvalidJson { .. } => StatusCode::BAD_REQUEST,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ForeignUser | Self::Impersonated => StatusCode::FORBIDDEN,
            Self::Refused(refusal) => refused_status(refusal),
            Self::Particular(problem) => problem.status(),
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What programs compare. Does not change between releases.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotSignedIn(error) => error.code(),
            Self::NoSuchAddress => "not-found",
            Self::MethodNotAllowed { .. } => "method-not-allowed",
            Self::Invalid { .. } => "invalid-request",
            Self::InvalidJson { .. } => "invalid-json",
            Self::UnsupportedMediaType => "unsupported-media-type",
            Self::BodyTooLarge => "body-too-large",
            Self::ForeignUser => "foreign-user",
            Self::Impersonated => "impersonated",
            Self::MeetingNotFound => "meeting-not-found",
            Self::Refused(refusal) => refusal.code(),
            Self::Particular(problem) => problem.code(),
            Self::Internal => "internal",
        }
    }

    /// What the caller can do, in sentences.
    pub fn message(&self) -> String {
        match self {
            Self::NotSignedIn(IdentityError::KeysUnavailable) => "Try again in a moment.".to_owned(),
            Self::NotSignedIn(_) => "Send a fresh session token in the header `Authorization: Bearer …`.".to_owned(),
            Self::NoSuchAddress => "See /api/openapi.json for the addresses that are served.".to_owned(),
            Self::MethodNotAllowed { allowed } => format!("Allowed here: {allowed}."),
            Self::Invalid { name, reason } => format!("{name} {reason}"),
            Self::InvalidJson { reason } => reason.clone(),
            Self::UnsupportedMediaType => "Send JSON with the header `Content-Type: application/json`.".to_owned(),
            Self::BodyTooLarge => format!("The body must have at most {} bytes.", crate::MAX_BODY_BYTES),
            Self::ForeignUser => "userId is not the user of the session token. Leave userId out.".to_owned(),
            Self::Impersonated => "Ask the user to do it.".to_owned(),
            Self::MeetingNotFound => "No meeting has this ID.".to_owned(),
            Self::Refused(refusal) => refused_message(refusal).to_owned(),
            Self::Particular(problem) => problem.message(),
            Self::Internal => "This is our fault and has been logged. Trying again will not help.".to_owned(),
        }
    }

    /// Which account would do, as far as the caller may know.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Particular(problem) => problem.hint(),
            _ => None,
        }
    }

    /// Headers that belong to the status.
    pub fn headers(&self) -> Vec<(HeaderName, String)> {
        match self {
            Self::NotSignedIn(IdentityError::TokenMissing) => vec![(WWW_AUTHENTICATE, "Bearer".to_owned())],
            Self::NotSignedIn(IdentityError::KeysUnavailable) => vec![(RETRY_AFTER, "1".to_owned())],
            Self::NotSignedIn(_) => vec![(WWW_AUTHENTICATE, r#"Bearer error="invalid_token""#.to_owned())],
            Self::MethodNotAllowed { allowed } => vec![(ALLOW, allowed.clone())],
            Self::Refused(Refusal::Unavailable | Refusal::Busy) => vec![(RETRY_AFTER, "1".to_owned())],
            Self::Particular(problem) => problem.headers(),
            _ => Vec::new(),
        }
    }
}

fn refused_status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::NotAllowed(_)
        | Refusal::NotOver { .. }
        | Refusal::RoomLocked
        | Refusal::Removed
        | Refusal::Locked(_) => StatusCode::FORBIDDEN,
        Refusal::RoomNotFound | Refusal::ParticipantNotFound => StatusCode::NOT_FOUND,
        Refusal::LastHost
        | Refusal::MeetingEnded
        | Refusal::CannotTargetSelf
        | Refusal::CannotModerateSelf
        | Refusal::TooManyRestricted
        | Refusal::TooManyRemoved
        | Refusal::TargetAlreadyHost
        | Refusal::TargetIsHost
        | Refusal::TooManyRoles { .. } => StatusCode::CONFLICT,
        Refusal::InvalidPayload { .. } | Refusal::UnknownEvent | Refusal::BinaryUnsupported => StatusCode::BAD_REQUEST,
        Refusal::NotAuthenticated => StatusCode::UNAUTHORIZED,
        Refusal::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Busy | Refusal::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn refused_message(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NotAllowed(_) => "Ask a host of the meeting.",
        Refusal::RoomNotFound => "There is no such room, or you are not in it and have no role in its meeting.",
        Refusal::Removed => "Ask a host or co-host of the meeting to readmit you.",
        Refusal::LastHost => "Make somebody else a host first.",
        Refusal::MeetingEnded => "A meeting that has ended can only be read.",
        Refusal::Busy | Refusal::Unavailable => {
            "It may or may not have been done. Send the same request again; a creation with the same ID or Idempotency-Key, \
             so that nothing is done twice."
        }
        _ => "See the documentation of this code.",
    }
}
