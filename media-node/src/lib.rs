//! The media node: clients send media to it and get media from it, and it forwards only what the table allows.
//!
//! A packet travels socket → [`io`] → plane (`dais-media-plane`) → [`io`] → socket, on one thread. A call travels [`control`]
//! → [`rooms`] → plane. [`registry`] keeps the node in the table and takes over from nodes that died.

pub mod clock;
pub mod control;
pub mod io;
pub mod metrics;
pub mod node;
pub mod pages;
pub mod random;
pub mod registry;
pub mod rooms;
pub mod settings;

pub use clock::Clock;
pub use node::{Node, NodeError};
pub use settings::NodeSettings;
