//! The control API of a media node: `POST /v1/control` with a [`Call`] as JSON, answered by an [`Answer`] (200) or a [`Problem`]
//! (its own status). A call must carry a ticket ([`crate::ticket`]); it is done once, however often it is sent ([`Call::request_id`]).
//!
//! Who calls has verified who the client is; the node itself reads from the table whether he is in the room and what he may.

use dais_domain::{
    ConnectionId, ConsumerId, DisplayName, MeetingId, ProducerId, RequestId, SocketId, Source, TransportId, UserId,
    Version,
};
use serde::{Deserialize, Serialize};

use crate::{Direction, DtlsParameters, IceParameters, MediaKind, RtpCapabilities, RtpParameters, TransportParams};

/// Where calls go.
pub const PATH: &str = "/v1/control";
/// Most bytes of a call. Capabilities of a browser are about 12 KB.
pub const MAX_CALL_BYTES: usize = 64 * 1024;

/// One call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// The same for every try.
    pub request_id: RequestId,
    /// Which room.
    pub room: MeetingId,
    /// The claim of the room by which the caller found this node (`dais_domain::MediaClaim::epoch`). A node with another claim
    /// answers [`Problem::NotHere`].
    pub epoch: u64,
    /// What is wanted.
    pub request: Request,
}

/// A client, as the signaling function has verified him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Peer {
    /// His connection: what he has on the node ends with it.
    pub connection_id: ConnectionId,
    /// What others know as `peerId`.
    pub socket_id: SocketId,
    /// Who he is.
    pub user_id: UserId,
    /// What he is called.
    pub name: DisplayName,
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Request {
    /// Puts a client who is in the room on the node. Again: nothing changes. One whose connection has been replaced (the same
    /// socket id, another connection) goes on with what he has. Answer: [`Answer::Joined`].
    Join {
        /// Who.
        peer: Peer,
    },
    /// Takes a client off the node, with all he has. Answer: [`Answer::Done`], also when he was not there.
    Leave {
        /// Whose.
        connection_id: ConnectionId,
    },
    /// Makes a transport, in place of the one of the same direction, if there is one. Answer: [`Answer::Transport`].
    CreateTransport {
        /// Whose.
        connection_id: ConnectionId,
        /// What the client does on it.
        direction: Direction,
    },
    /// Tells the node the client's certificate. Answer: [`Answer::Done`].
    ConnectTransport {
        /// Whose.
        connection_id: ConnectionId,
        /// Which.
        transport_id: TransportId,
        /// The client's side.
        dtls_parameters: DtlsParameters,
    },
    /// Makes new ICE credentials for a transport; DTLS and media go on. Answer: [`Answer::Ice`].
    RestartIce {
        /// Whose.
        connection_id: ConnectionId,
        /// Which.
        transport_id: TransportId,
    },
    /// Publishes. Answer: [`Answer::Produced`].
    Produce {
        /// Whose.
        connection_id: ConnectionId,
        /// His transport for sending.
        transport_id: TransportId,
        /// Audio or video.
        kind: MediaKind,
        /// What he sends.
        rtp_parameters: RtpParameters,
        /// `appData.share` of the contract.
        is_screen_share: bool,
        /// Begins paused.
        #[serde(default)]
        paused: bool,
    },
    /// Stops forwarding. Answer: [`Answer::Done`].
    PauseProducer {
        /// Whose.
        connection_id: ConnectionId,
        /// Which.
        producer_id: ProducerId,
    },
    /// Forwards again, if he may. Answer: [`Answer::Done`].
    ResumeProducer {
        /// Whose.
        connection_id: ConnectionId,
        /// Which.
        producer_id: ProducerId,
    },
    /// He says that he has switched a source on again: what was held of it while he might not send it is forwarded again, if
    /// he may. Front ends pause their camera when they are told to, and go on later with the same producer. Answer:
    /// [`Answer::Done`], or [`Problem::ProducerNotFound`] when he is here and sends nothing of the kind.
    SwitchedOn {
        /// Whose.
        connection_id: ConnectionId,
        /// What.
        source: Source,
    },
    /// Ends a producer, with its consumers. Answer: [`Answer::Done`], also when it was not there.
    CloseProducer {
        /// Whose.
        connection_id: ConnectionId,
        /// Which.
        producer_id: ProducerId,
    },
    /// Subscribes; again: the consumer that there is. Consumers begin paused. Answer: [`Answer::Consumed`].
    Consume {
        /// Whose.
        connection_id: ConnectionId,
        /// What he wants.
        producer_id: ProducerId,
        /// What his device can receive.
        rtp_capabilities: RtpCapabilities,
    },
    /// Lets it flow. Answer: [`Answer::Done`].
    ResumeConsumer {
        /// Whose.
        connection_id: ConnectionId,
        /// Which.
        consumer_id: ConsumerId,
    },
    /// Holds it. Answer: [`Answer::Done`].
    PauseConsumer {
        /// Whose.
        connection_id: ConnectionId,
        /// Which.
        consumer_id: ConsumerId,
    },
    /// The highest simulcast layer that he wants. Answer: [`Answer::Done`].
    SetPreferredLayers {
        /// Whose.
        connection_id: ConnectionId,
        /// Which.
        consumer_id: ConsumerId,
        /// 0 is the smallest picture.
        spatial_layer: u8,
        /// 0 is the lowest frame rate; all when absent.
        #[serde(default)]
        temporal_layer: Option<u8>,
    },
    /// The meeting has changed: the node reads it at this version or later, and stops what is no longer allowed, before it
    /// answers. Answer: [`Answer::Done`].
    RoomChanged {
        /// The version that the caller has written.
        version: Version,
    },
    /// What one client has on the node. Answer: [`Answer::Stats`].
    Stats {
        /// Whose.
        connection_id: ConnectionId,
    },
}

/// A producer, as others are told of it: the payload of `new-producer` and an entry of `existingProducers`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProducerInfo {
    /// Which.
    pub producer_id: ProducerId,
    /// Its publisher's socket.
    pub peer_id: SocketId,
    /// Its publisher.
    pub user_id: UserId,
    /// His name.
    pub user_name: DisplayName,
    /// Audio or video.
    pub kind: MediaKind,
    /// A screen, or the sound that goes with it.
    pub is_screen_share: bool,
}

impl ProducerInfo {
    /// What rules call it.
    pub fn source(&self) -> Source {
        Source::of(self.kind == MediaKind::Audio, self.is_screen_share)
    }
}

/// How a consumer's stream is made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConsumerType {
    /// One stream.
    Simple,
    /// One of several that its publisher sends.
    Simulcast,
    /// Layers in one stream.
    Svc,
}

/// A consumer, for the client that gets it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsumerInfo {
    /// Which.
    pub id: ConsumerId,
    /// What it consumes, and whose it is.
    #[serde(flatten)]
    pub producer: ProducerInfo,
    /// What the client will receive.
    pub rtp_parameters: RtpParameters,
    /// How its stream is made up.
    #[serde(rename = "type")]
    pub kind_of_stream: ConsumerType,
    /// Nothing flows until its publisher goes on.
    pub producer_paused: bool,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Answer {
    /// It is so now.
    Done,
    /// He is on the node.
    Joined {
        /// What he can consume; producers that are closing are not in it.
        producers: Vec<ProducerInfo>,
        /// He was there before.
        already: bool,
    },
    /// The node's side of a transport.
    Transport(Box<TransportParams>),
    /// New credentials.
    Ice(IceParameters),
    /// He publishes.
    Produced {
        /// Which producer it is.
        id: ProducerId,
    },
    /// He subscribes.
    Consumed(Box<ConsumerInfo>),
    /// Statistics, for people and tests; see `docs/protocol.md`.
    Stats(serde_json::Value),
}

/// Why a call was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "problem", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Problem {
    /// The ticket is missing, forged, stale, or for something else. Read the node's record again and make a new one.
    #[error("The ticket is not valid")]
    Ticket,
    /// The room is not this node's, or under another claim. Read the claim again.
    #[error("The room is on another media node")]
    NotHere,
    /// The node takes no new rooms. Claim another.
    #[error("The media node is draining")]
    Draining,
    /// No such room, ended, or the client is not in it.
    #[error("Room not found")]
    RoomNotFound,
    /// He has not joined on this node, or has left. Join first.
    #[error("Peer not found. Call join-mediasoup-room first.")]
    PeerNotFound,
    /// No such transport, or one that ended. Make a new one.
    #[error("Transport not found")]
    TransportNotFound,
    /// He has no transport for receiving. Make one.
    #[error("No receive transport found")]
    NoReceiveTransport,
    /// It is gone. Others may hear `producer-closed` at the same time.
    #[error("Producer not found")]
    ProducerNotFound,
    /// It is gone, or was never his.
    #[error("Consumer not found")]
    ConsumerNotFound,
    /// His device cannot receive it.
    #[error("Cannot consume - incompatible codecs")]
    Incompatible,
    /// His role, a lock or the room's policy does not let him publish this. Ask a host.
    #[error("{}", not_allowed(*.source_of_media, *.room_wide))]
    NotAllowed {
        /// What.
        #[serde(rename = "source")]
        source_of_media: Source,
        /// It holds for everybody, not for him alone.
        room_wide: bool,
    },
    /// A bound is reached. Close something first.
    #[error("At most {max} {what}")]
    TooMany {
        /// Of what.
        what: String,
        /// The bound.
        max: usize,
    },
    /// Parameters that cannot be used. The reason names the member.
    #[error("{reason}")]
    Invalid {
        /// Which, and why.
        reason: String,
    },
    /// The table cannot be read, or the node is overloaded. Try again.
    #[error("Temporarily unavailable: try again")]
    Unavailable,
}

fn not_allowed(source: Source, room_wide: bool) -> &'static str {
    match (source, room_wide) {
        (Source::Microphone, _) => "Audio is locked by host",
        (Source::Camera, _) => "Camera is locked by host",
        (Source::Screen, false) => "Screen sharing is locked by host",
        (Source::Screen, true) => "Screen sharing is disabled",
    }
}

impl Problem {
    /// The code that programs compare.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::NotHere => "not-here",
            Self::Draining => "draining",
            Self::RoomNotFound => "room-not-found",
            Self::PeerNotFound => "peer-not-found",
            Self::TransportNotFound => "transport-not-found",
            Self::NoReceiveTransport => "no-receive-transport",
            Self::ProducerNotFound => "producer-not-found",
            Self::ConsumerNotFound => "consumer-not-found",
            Self::Incompatible => "incompatible",
            Self::NotAllowed { .. } => "not-allowed",
            Self::TooMany { .. } => "too-many",
            Self::Invalid { .. } => "invalid-payload",
            Self::Unavailable => "unavailable",
        }
    }

    /// HTTP status of the answer.
    pub fn status(&self) -> u16 {
        match self {
            Self::Ticket => 401,
            Self::NotAllowed { .. } => 403,
            Self::RoomNotFound
            | Self::PeerNotFound
            | Self::TransportNotFound
            | Self::NoReceiveTransport
            | Self::ProducerNotFound
            | Self::ConsumerNotFound => 404,
            Self::Incompatible | Self::TooMany { .. } => 409,
            Self::NotHere => 421,
            Self::Invalid { .. } => 400,
            Self::Draining | Self::Unavailable => 503,
        }
    }
}
