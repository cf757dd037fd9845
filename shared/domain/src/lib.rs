//! The rules of meetings, hosts and co-hosts, and the words of the wire. Pure: no AWS, no clock, no randomness, no I/O.
//!
//! Start with [`Meeting::decide`]: it says what a command does to a meeting, or why it is refused.
//! [`permission`] holds the one table of who may do what to whom, [`wire`] the one list of events.

pub mod decide;
pub mod email;
pub mod hosted_by;
pub mod id;
pub mod invitation;
pub mod log;
pub mod media;
pub mod meeting;
pub mod moderation;
pub mod network;
pub mod permission;
pub mod refusal;
pub mod role;
pub mod room;
pub mod text;
pub mod time;
pub mod wire;

pub use decide::{Actor, Command, Decision};
pub use email::{EmailAddress, EmailError};
pub use id::{
    ConnectionId, ConsumerId, IdError, InvitationId, MailId, MeetingId, MessageId, NodeId, ProducerId, RecoveryId,
    RequestId, SocketId, TokenHash, TransportId, UserId, WebhookId,
};
pub use invitation::{Acceptance, Claimant, Invitation, InvitationRefusal, InvitationState, Outcome, Terms};
pub use log::{Change, LogEntry};
pub use media::{MediaClaim, Restriction, Source};
pub use meeting::{Meeting, MeetingEdit, Policy, RoleGrant, Version};
pub use moderation::{Moderation, Removal};
pub use network::{Acquaintance, Gathering, SharedMeeting};
pub use permission::Action;
pub use refusal::Refusal;
pub use role::Role;
pub use room::{MediaChange, MediaState, Participant, Presence, RoomView};
pub use text::{Description, DisplayName, ImageUrl, TextError};
pub use time::Timestamp;
