//! The JSON of requests and answers, and their schemas.

mod date;
mod entry;
mod error;
mod meeting;
mod people;
mod requests;
pub mod schema;

pub use date::Date;
pub use entry::{EntryBody, LogAnswer};
pub use error::ErrorBody;
pub use meeting::{ListAnswer, MeetingAnswer, MeetingSummary};
pub use people::{ParticipantsAnswer, Person, PolicyBody};
pub use requests::{CreateMeeting, EditMeeting, KnownVersion, Title};
