//! Letters as they go to SES, and its answers as the courier understands them.
#![allow(clippy::unwrap_used, clippy::panic)]

mod an_answer_says_whether_to_try_again;
mod letters_go_out_as_ses_wants_them;
mod support;
