//! Why a command is refused: a code for programs and a sentence for people.

use crate::Action;

/// The refusals that reach a caller. Sentences are those of the front ends' contract where it has one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such room, or the caller is not in it: the two are not told apart. Join first.
    #[error("Room not found")]
    RoomNotFound,
    /// The meeting is over. Nothing can be done but read it.
    #[error("Meeting has ended")]
    MeetingEnded,
    /// A host has locked the room. Wait, or ask a host.
    #[error("Room is locked")]
    RoomLocked,
    /// The caller's role does not allow it. Ask a host.
    #[error("{}", not_allowed(*.0))]
    NotAllowed(Action),
    /// The person is not in the room. Invite him instead.
    #[error("Participant not found")]
    ParticipantNotFound,
    /// Nobody promotes himself. Ask another host.
    #[error("You cannot promote yourself")]
    CannotTargetSelf,
    /// A host needs no co-host role. Remove the host role first.
    #[error("Cannot promote host to co-host")]
    TargetAlreadyHost,
    /// The co-host role of a host cannot be removed, for he has none. Use remove-host.
    #[error("Participant is a host, not a co-host")]
    TargetIsHost,
    /// A meeting never has zero hosts. Make somebody else a host first.
    #[error("Cannot remove the last host")]
    LastHost,
    /// The bound on hosts and co-hosts together is reached. Remove one first.
    #[error("A meeting can have at most {max} hosts and co-hosts")]
    TooManyRoles {
        /// The bound.
        max: usize,
    },
    /// The payload cannot be read. Send what the reason says.
    #[error("{reason}")]
    InvalidPayload {
        /// Which field, and why.
        reason: String,
    },
    /// No handler for this event name. Check the spelling.
    #[error("Unknown event")]
    UnknownEvent,
    /// Binary attachments cannot pass API Gateway. Send JSON.
    #[error("Binary packets are not supported: send JSON")]
    BinaryUnsupported,
    /// The connection has not authenticated. Connect with `auth: {token}`.
    #[error("Not authenticated: connect with a session token")]
    NotAuthenticated,
    /// Too many messages from one connection; it is closed. Slow down.
    #[error("Too many messages: slow down")]
    RateLimited,
    /// Others changed the meeting at the same time, again and again. Try again.
    #[error("The meeting is being changed by others: try again")]
    Busy,
    /// The table could not be reached or is throttling. Try again.
    #[error("Temporarily unavailable: try again")]
    Unavailable,
}

impl Refusal {
    /// The code that programs compare.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::RoomNotFound => "room-not-found",
            Refusal::MeetingEnded => "meeting-ended",
            Refusal::RoomLocked => "room-locked",
            Refusal::NotAllowed(_) => "only-hosts",
            Refusal::ParticipantNotFound => "participant-not-found",
            Refusal::CannotTargetSelf => "cannot-target-self",
            Refusal::TargetAlreadyHost => "target-already-host",
            Refusal::TargetIsHost => "target-is-host",
            Refusal::LastHost => "last-host",
            Refusal::TooManyRoles { .. } => "too-many-roles",
            Refusal::InvalidPayload { .. } => "invalid-payload",
            Refusal::UnknownEvent => "unknown-event",
            Refusal::BinaryUnsupported => "binary-unsupported",
            Refusal::NotAuthenticated => "not-authenticated",
            Refusal::RateLimited => "rate-limited",
            Refusal::Busy => "busy",
            Refusal::Unavailable => "unavailable",
        }
    }
}

fn not_allowed(action: Action) -> &'static str {
    match action {
        Action::MakeHost => "Only hosts can promote others",
        Action::RemoveHost => "Only hosts can remove host status",
        Action::MakeCohost => "Only hosts can promote co-hosts",
        Action::RemoveCohost => "Only hosts can remove co-hosts",
        Action::EditMeeting => "Only hosts can change the meeting",
        Action::EndMeeting => "Only hosts can end the meeting",
        Action::ReadLog => "Only hosts can read the log",
        Action::InviteHost => "Only hosts can invite other hosts",
        Action::MuteOne | Action::CameraOne | Action::ScreenShareOne | Action::RemoveFromRoom | Action::RoomWide => {
            "Only hosts and co-hosts can do this"
        }
    }
}
