//! The function over a table in memory, sockets and a post office that remember, and an identity provider that signs real
//! tokens. Every answer is held to the document. What tests of REST functions share is with those of meetings.

#[path = "../../../../meetings/tests/rest/support/document.rs"]
mod document;
#[allow(dead_code, reason = "for all tests of REST functions")]
#[path = "../../../../meetings/tests/rest/support/people.rs"]
mod people;
mod post;
#[path = "../../../../meetings/tests/rest/support/room.rs"]
mod room;
#[allow(dead_code, reason = "for all tests of REST functions")]
#[path = "../../../../meetings/tests/rest/support/sockets.rs"]
mod sockets;
#[allow(dead_code, reason = "for all tests of REST functions")]
#[path = "../../../../meetings/tests/rest/support/weather.rs"]
mod weather;
mod world;

use dais_invitations::document;
pub use document::{Document, resolve};
pub use people::{ADA, BO, CY, NOW_MS, Person, STRANGER, token};
pub use post::PostOffice;
pub use room::enter;
pub use sockets::Recorder;
pub use weather::{Counting, Script};
pub use world::{DAY_MS, Reply, World, email_of};
