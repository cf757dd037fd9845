//! The words of the socket: the one list of events, their payloads, and how changes are told.
//!
//! Names and payloads are those of the front ends' contract; docs/protocol.md describes them for people.

mod client;
mod rights;
mod server;
mod told;

pub use client::{ClientEvent, JoinRoom, MediaUpdate};
pub use rights::Scope;
pub use server::{ServerEvent, names};
pub use told::{Told, told, told_as_it_is};
