//! A whole client of the media node, for its tests and the load tool: a peer connection of the `webrtc` crate on one transport. It is
//! told what signalling tells a browser, and knows nothing else of the node.
//!
//! SDP, ICE, DTLS, SRTP, RTCP and the sockets are those of that crate. What mediasoup-client does around a browser's peer connection is
//! [`description`]'s part.

mod connection;
pub mod description;
mod error;
mod publisher;
mod subscriber;

pub use connection::Shared;
pub use error::PeerError;
pub use publisher::{NewTrack, Publisher};
pub use rtc::rtp;
pub use subscriber::Subscriber;
