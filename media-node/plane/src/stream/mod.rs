//! One stream of a publisher: what has been received of it, what is missing, and what is kept for retransmission.

mod missing;
mod received;
mod store;

pub(crate) use missing::Missing;
pub(crate) use received::{Arrival, Reception, SenderClock};
pub(crate) use store::Store;
