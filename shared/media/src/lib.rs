//! What clients, the signaling function and media nodes say to each other about media. No I/O, no clock, no randomness.
//!
//! [`rtp`] and [`transport`] are the parameters that mediasoup-client sends and expects (ORTC, as in mediasoup v3);
//! [`ortc`] decides what fits to what; [`control`] is the API of a node, [`ticket`] what a request to it must carry;
//! [`wire`] is what clients send and are answered.

pub mod capabilities;
pub mod control;
pub mod ortc;
pub mod rtp;
pub mod ticket;
pub mod transport;
pub mod wire;

pub use rtp::{MediaKind, RtpCapabilities, RtpParameters};
pub use transport::{Direction, DtlsParameters, IceParameters, TransportParams};
