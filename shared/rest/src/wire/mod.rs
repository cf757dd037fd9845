//! The JSON that several functions answer with, and its schemas.

mod date;
mod error;
mod meeting;
mod people;
pub mod schema;

pub use date::Date;
pub use error::ErrorBody;
pub use meeting::{MeetingBody, MeetingSummary};
pub use people::{Person, PolicyBody};
