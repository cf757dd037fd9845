//! Why a packet was not read, and what the server does about it.

use crate::{MAX_ACK_ID, MAX_ARGUMENTS, MAX_DEPTH, MAX_EVENT_NAME_BYTES, MAX_MESSAGE_BYTES, MAX_NAMESPACE_BYTES};

/// A packet that was not read.
///
/// The messages may be shown to the peer. They never repeat what it sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The peer sent no packet type. Close.
    #[error("the packet is empty")]
    Empty,
    /// The peer sent more than API Gateway carries, so this did not come through it. Close.
    #[error("the packet is longer than {MAX_MESSAGE_BYTES} bytes")]
    TooLong,
    /// The first character is not a packet type of this protocol revision. Close.
    #[error("the packet type is unknown")]
    UnknownType,
    /// The namespace is too long or holds control characters. Close.
    #[error("the namespace must be at most {MAX_NAMESPACE_BYTES} bytes without control characters")]
    BadNamespace,
    /// The acknowledgement id is too large, or is missing in an acknowledgement. Close.
    #[error("the acknowledgement id must be a number up to {MAX_ACK_ID}")]
    BadId,
    /// A binary packet does not say how many attachments follow. Close.
    #[error("the number of attachments is missing")]
    BadAttachments,
    /// What follows the header is not JSON, or not the JSON that this packet type carries. Close.
    #[error("the payload must be {expected}")]
    BadPayload {
        /// What this packet type carries.
        expected: &'static str,
    },
    /// The event has a name that Socket.IO keeps for itself. Close.
    #[error("the event name is reserved")]
    ReservedName,
    /// The peer sent binary data, which API Gateway's WebSocket APIs cannot carry. Answer.
    #[error("binary data is not supported: send text or JSON")]
    Binary(ReplyTo),
    /// Arrays and objects are nested too deeply. Answer.
    #[error("the payload is nested more than {MAX_DEPTH} levels deep")]
    TooDeep(ReplyTo),
    /// There are too many arguments. Answer.
    #[error("there are more than {MAX_ARGUMENTS} arguments")]
    TooManyArguments(ReplyTo),
    /// The event's name is too long. Answer.
    #[error("the event name is longer than {MAX_EVENT_NAME_BYTES} bytes")]
    NameTooLong(ReplyTo),
}

/// Where an answer to a refused packet goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyTo {
    /// Namespace of the packet.
    pub namespace: String,
    /// The acknowledgement that the peer waits for, if it asked for one.
    pub id: Option<u64>,
}

/// What the server does about a packet that it did not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction<'a> {
    /// Close the connection, as Socket.IO servers do: the peer does not speak the protocol.
    Close,
    /// Keep the connection and say why: the packet is well formed, but this server does not take it.
    Answer(&'a ReplyTo),
}

impl DecodeError {
    /// What the server does about it.
    pub fn reaction(&self) -> Reaction<'_> {
        match self {
            Self::Empty
            | Self::TooLong
            | Self::UnknownType
            | Self::BadNamespace
            | Self::BadId
            | Self::BadAttachments
            | Self::BadPayload { .. }
            | Self::ReservedName => Reaction::Close,
            Self::Binary(to) | Self::TooDeep(to) | Self::TooManyArguments(to) | Self::NameTooLong(to) => {
                Reaction::Answer(to)
            }
        }
    }

    /// A short name for logs and for the `code` of an error answer. It does not change between releases.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "packet-empty",
            Self::TooLong => "packet-too-long",
            Self::UnknownType => "packet-type-unknown",
            Self::BadNamespace => "namespace-invalid",
            Self::BadId => "ack-id-invalid",
            Self::BadAttachments => "attachments-invalid",
            Self::BadPayload { .. } => "payload-invalid",
            Self::ReservedName => "event-name-reserved",
            Self::Binary(_) => "binary-unsupported",
            Self::TooDeep(_) => "payload-too-deep",
            Self::TooManyArguments(_) => "too-many-arguments",
            Self::NameTooLong(_) => "event-name-too-long",
        }
    }
}
