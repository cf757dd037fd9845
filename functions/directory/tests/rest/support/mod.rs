//! The function over a table in memory, an identity provider that signs real tokens and webhooks, and sockets that remember.

#[path = "../../../../meetings/tests/rest/support/media.rs"]
mod media;
#[allow(dead_code)]
#[path = "../../../../meetings/tests/rest/support/people.rs"]
mod people;
#[allow(dead_code)]
#[path = "../../../../meetings/tests/rest/support/sockets.rs"]
mod sockets;
#[allow(dead_code)]
#[path = "../../../../meetings/tests/rest/support/weather.rs"]
mod weather;
mod webhooks;
mod world;

pub use media::Listening;
pub use people::{ADA, BO, CY, DI, NOW_MS, Person};
pub use sockets::Recorder;
pub use weather::{Counting, Rough, Script};
pub use webhooks::{OLD_SECRET, SECRET, Webhook, deleted, user};
pub use world::{Reply, World};
