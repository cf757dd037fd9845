//! RTP packets (RFC 3550), read once and written for every subscriber, without allocation.
//!
//! Own code: the header type of rtc-rtp allocates for every packet with extensions
//! (`tests/plane/the_components_allocate_for_every_packet.rs`).

mod carried;
mod header;
mod write;

pub(crate) use carried::Carried;
pub(crate) use header::Header;
pub(crate) use write::{Sending, Wanted, write_header};
