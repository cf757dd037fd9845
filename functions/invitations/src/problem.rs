//! What only invitations are refused for.

use dais_domain::{InvitationRefusal, Refusal};
use dais_rest::{Particular, Problem};
use lambda_http::http::{HeaderName, StatusCode, header::RETRY_AFTER};

/// Something that is not done with an invitation. Displayed, it is the short sentence of the answer (`error`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvitationProblem {
    /// The rules of invitations forbid it.
    #[error(transparent)]
    Refused(InvitationRefusal),
    /// A host asks for an invitation that the meeting does not have.
    #[error("Invitation not found")]
    NoSuchInvitation,
    /// More people in one call than the deployment allows.
    #[error("Too many people in one call")]
    TooMany {
        /// Most people.
        max: usize,
    },
    /// Too many mails: wait.
    #[error("Too many invitations")]
    Limit,
    /// Nothing is sent to this address any more.
    #[error("Nothing is sent to this address any more")]
    Suppressed,
}

/// A refusal of the rules of meetings is answered as everywhere.
pub fn refused(refusal: InvitationRefusal) -> Problem {
    match refusal {
        InvitationRefusal::Refused(refusal) => Problem::Refused(refusal),
        refusal => InvitationProblem::Refused(refusal).into(),
    }
}

impl Particular for InvitationProblem {
    fn status(&self) -> StatusCode {
        use InvitationRefusal as R;
        match self {
            Self::NoSuchInvitation | Self::Refused(R::NotFound | R::MeetingGone) => StatusCode::NOT_FOUND,
            Self::Refused(R::WrongAccount { .. }) => StatusCode::FORBIDDEN,
            Self::Refused(R::Used | R::Declined | R::Revoked | R::Expired | R::Bounced | R::Replaced) => {
                StatusCode::GONE
            }
            Self::Refused(R::InviterNotHost | R::MeetingOver | R::NotPending { .. } | R::Refused(_))
            | Self::Suppressed => StatusCode::CONFLICT,
            Self::TooMany { .. } => StatusCode::BAD_REQUEST,
            Self::Limit => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::NoSuchInvitation => "invitation-not-found",
            Self::TooMany { .. } => "too-many-invitees",
            Self::Limit => "invitation-limit",
            Self::Suppressed => "invitation-suppressed",
        }
    }

    fn message(&self) -> String {
        use InvitationRefusal as R;
        let fixed = match self {
            Self::Refused(R::NotFound) => "The link may be incomplete, or it is for somebody else.",
            Self::Refused(R::WrongAccount { hint }) => {
                return format!("Please log in or sign up with {hint} to accept this invitation.");
            }
            Self::Refused(R::Used) => "An invitation works once. Ask for a new one.",
            Self::Refused(R::Declined | R::Revoked | R::Expired) => "Ask a host for a new one.",
            Self::Refused(R::Bounced) => "Ask a host for a new one, to another address.",
            Self::Refused(R::Replaced) => "Use the link in the latest mail.",
            Self::Refused(R::InviterNotHost) => "Ask somebody who is a host now for a new one.",
            Self::Refused(R::MeetingOver | R::MeetingGone) => "There is nothing to host any more.",
            Self::Refused(R::NotPending { state }) => return format!("It is {}. Invite anew instead.", state.name()),
            Self::Refused(R::Refused(_)) => "See the documentation of this code.",
            Self::NoSuchInvitation => "The meeting has no invitation with this ID.",
            Self::TooMany { max } => return format!("Send at most {max} in one call."),
            Self::Limit => "You or others have caused many mails. Wait an hour for yours, a day for one address.",
            Self::Suppressed => "Its mails came back, or its owner wants none. Invite him at another address.",
        };
        fixed.to_owned()
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Refused(InvitationRefusal::WrongAccount { hint }) => Some(hint.clone()),
            _ => None,
        }
    }

    fn headers(&self) -> Vec<(HeaderName, String)> {
        match self {
            Self::Limit => vec![(RETRY_AFTER, "3600".to_owned())],
            _ => Vec::new(),
        }
    }
}

/// Others change it again and again.
pub fn busy() -> Problem {
    Refusal::Busy.into()
}
