//! The JSON of requests and answers, and their schemas.

mod entry;
mod meeting;
mod people;
mod requests;
pub mod schema;

pub use dais_rest::wire::{Date, ErrorBody, MeetingSummary, PolicyBody};
pub use entry::{EntryBody, LogAnswer};
pub use meeting::{ListAnswer, MeetingAnswer};
pub use people::ParticipantsAnswer;
pub use requests::{CreateMeeting, EditMeeting, KnownVersion, Title};
