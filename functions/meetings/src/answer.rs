//! The answer that shows a meeting.

use dais_rest::{Answer, Problem};
use lambda_http::http::{StatusCode, header::ETAG};

use crate::wire::MeetingAnswer;

/// A meeting, with its version as entity tag.
pub fn meeting(status: StatusCode, body: &MeetingAnswer) -> Result<Answer, Problem> {
    Ok(Answer::new(status, body)?.with(ETAG, format!("\"{}\"", body.version())))
}
