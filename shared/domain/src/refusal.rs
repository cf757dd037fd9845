//! Why a command is refused: a code for programs and a sentence for people.

use crate::{Action, Role, Source};

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
    /// The caller's role is not above that of the person. Ask a host.
    #[error("{}", not_over(*.action, *.target))]
    NotOver {
        /// What he wanted to do.
        action: Action,
        /// To whom.
        target: Role,
    },
    /// He was removed from this meeting. A host or co-host can readmit him.
    #[error("You were removed from this meeting")]
    Removed,
    /// He may not publish this. A host or co-host can allow it again.
    #[error("{}", locked(*.0))]
    Locked(Source),
    /// The person is not in the room. Invite him instead.
    #[error("Participant not found")]
    ParticipantNotFound,
    /// Nobody promotes himself. Ask another host.
    #[error("You cannot promote yourself")]
    CannotTargetSelf,
    /// Nobody moderates himself. One's own microphone is switched by the client.
    #[error("You cannot do this to yourself")]
    CannotModerateSelf,
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
    /// The bound on people with restrictions of their own is reached. Lift one first, or use a room-wide switch.
    #[error("Too many people have restrictions of their own in this meeting: lift one first")]
    TooManyRestricted,
    /// The bound on removed people is reached. Readmit one first, or lock the room.
    #[error("Too many people were removed from this meeting: readmit one first")]
    TooManyRemoved,
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
            Refusal::NotOver { .. } => "not-over-hosts",
            Refusal::Removed => "removed",
            Refusal::Locked(Source::Microphone) => "audio-locked",
            Refusal::Locked(Source::Camera) => "video-locked",
            Refusal::Locked(Source::Screen) => "screen-share-locked",
            Refusal::ParticipantNotFound => "participant-not-found",
            Refusal::CannotTargetSelf | Refusal::CannotModerateSelf => "cannot-target-self",
            Refusal::TargetAlreadyHost => "target-already-host",
            Refusal::TargetIsHost => "target-is-host",
            Refusal::LastHost => "last-host",
            Refusal::TooManyRoles { .. } => "too-many-roles",
            Refusal::TooManyRestricted => "too-many-restricted",
            Refusal::TooManyRemoved => "too-many-removed",
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

fn not_over(action: Action, target: Role) -> &'static str {
    match (action, target) {
        (Action::MuteOne, _) => "Co-hosts cannot mute hosts",
        (Action::RemoveFromRoom, Role::CoHost) => "Co-hosts cannot remove co-hosts",
        (Action::RemoveFromRoom, _) => "Co-hosts cannot remove hosts",
        _ => "Co-hosts cannot control hosts",
    }
}

/// The sentences that the front ends know.
fn locked(source: Source) -> &'static str {
    match source {
        Source::Microphone => "You have been muted by the host and cannot unmute yourself",
        Source::Camera => "Your camera has been disabled by the host",
        Source::Screen => "Screen sharing has been disabled by the host",
    }
}
