//! The function over a table in memory, sockets that remember, and an identity provider that signs real tokens.
//! Every answer is held to the document that the function serves.

mod commands;
mod document;
mod media;
mod people;
mod room;
mod sockets;
mod weather;
mod world;

pub use commands::command;
use dais_meetings::document;
pub use document::{Document, resolve};
pub use media::Listening;
pub use people::{ADA, BO, CY, DI, NOW_MS, Person, STRANGER, token};
pub use room::enter;
pub use sockets::Recorder;
pub use weather::{Counting, Rough, Script};
pub use world::{Reply, World};
