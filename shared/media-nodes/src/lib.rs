//! Media nodes, as functions see them: which one has a room, calls to it, and telling it of what it must enforce.
//!
//! Whoever changes a meeting tells the room's node through a [`MediaPlane`], before anybody in the room hears of it. Giving a
//! room to a node is the signaling function's business alone.

mod https;
mod known;
mod nodes;
mod patience;
mod pin;
mod plane;
mod tell;

pub use https::{CallError, HttpsNodes, MediaNodeCalls};
pub use nodes::{IN_ALL, Missed, Nodes, Now, Place, TRIES, machine_time, numbered, peer, unavailable};
pub use patience::{Patience, Sleeping};
pub use plane::{InTime, MediaPlane, NoMedia};
pub use tell::tell;
