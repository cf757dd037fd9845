//! Engine.IO v4 and Socket.IO v5 as text over WebSocket, one packet per message.
//!
//! A message that a client sends is unwrapped twice: [`EnginePacket::decode`] reads the outer packet (ping, pong, message, …)
//! and [`Packet::decode`] the Socket.IO packet inside a message. What goes out is made by [`mod@encode`], already wrapped.
//!
//! ```
//! use dais_socketio::{EnginePacket, Packet, encode};
//!
//! let EnginePacket::Message(inner) = EnginePacket::decode(r#"427["leave-room","daily"]"#)? else { return Ok(()) };
//! let Packet::Event { namespace, id, name, args } = Packet::decode(inner)? else { return Ok(()) };
//! assert_eq!((namespace, id, name.as_ref()), ("/", Some(7), "leave-room"));
//! assert_eq!(args[0].read::<String>()?, "daily");
//!
//! let answer = encode::ack(namespace, 7, &[true])?;
//! assert_eq!(answer, "437[true]");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Everything is a pure function of its input. Decoded packets borrow from the input, and what decoding allocates is bounded by
//! [`MAX_ARGUMENTS`], not by what the peer sends. Packets that cannot be read are a [`DecodeError`], which says whether to close
//! the connection or to answer.
//!
//! Sources: the "Engine.IO Protocol" (4th revision) and "Socket.IO Protocol" (5th revision) documents of the Socket.IO project,
//! and what its JavaScript parser does where they are silent.

pub mod encode;
mod engine;
mod error;
mod json;
mod packet;
pub mod payload;

pub use encode::EncodeError;
pub use engine::{EnginePacket, Handshake};
pub use error::{DecodeError, Reaction, ReplyTo};
pub use json::Json;
pub use packet::Packet;

/// The namespace a client is in unless it names another.
pub const MAIN_NAMESPACE: &str = "/";

/// Bytes of the largest message in either direction: what API Gateway carries for a WebSocket API.
pub const MAX_MESSAGE_BYTES: usize = 128 * 1024;

/// Levels of arrays and objects in a payload; the array around an event's name and arguments is the first.
/// The deepest payload of a meeting (media parameters) has about eight, and serde_json reads 128 before it refuses.
pub const MAX_DEPTH: usize = 32;

/// Arguments of an event or acknowledgement, the event's name not counted. Meetings use one.
pub const MAX_ARGUMENTS: usize = 16;

/// Bytes of an event's name.
pub const MAX_EVENT_NAME_BYTES: usize = 128;

/// Bytes of a namespace, its leading slash included. An unknown one is echoed in the refusal.
pub const MAX_NAMESPACE_BYTES: usize = 128;

/// The largest acknowledgement id: 2⁵³ − 1, the last integer that JavaScript counts to.
pub const MAX_ACK_ID: u64 = (1 << 53) - 1;
