//! Threads and sockets around the media plane: each worker has one thread and one UDP socket, and shares nothing.

mod batch;
mod gathering;
mod socket;
mod thread;

pub use socket::SocketError;
pub use thread::{Gone, PlaneEvent, StartError, Traffic, WorkerHandle, WorkerSettings, start};
