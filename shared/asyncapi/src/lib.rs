//! What the socket carries, as an [AsyncAPI 3.0](https://www.asyncapi.com/docs/reference/specification/v3.0.0) document:
//! every event with its payload and its acknowledgement.
//!
//! [`document`] puts it together from the types in [`client`], [`media`] and [`server`]. It lies in
//! `functions/meetings/src/asyncapi.json`, where it is served from; a test fails while that file is another (`make openapi`
//! writes it).
//!
//! The types describe, and nothing else: payloads are read leniently and by hand, with sentences that name the member
//! (`dais_domain::wire`), and these types would refuse in words of their own. Two things keep them true: tests hold them to the code
//! that reads events (`tests/asyncapi`), and every scenario with a stock client fails when something goes over its
//! socket that is not as described (`tests/support/described.mjs`).

pub mod client;
mod document;
pub mod media;
mod message;
pub mod server;

pub use document::document;
pub use message::Event;

/// The events that clients send: those of the room, then those of media.
pub fn client_events() -> Vec<Event> {
    client::events().into_iter().chain(media::client_events()).collect()
}

/// The events that the server sends: those of the room, then those of media.
pub fn server_events() -> Vec<Event> {
    server::events().into_iter().chain(media::server_events()).collect()
}
