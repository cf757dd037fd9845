//! From a publisher's numbers to a subscriber's.

mod history;
mod mapper;
mod selection;

pub(crate) use history::{History, Sent};
pub(crate) use mapper::{Mapper, Numbers, Start};
pub(crate) use selection::{Selection, Verdict};
