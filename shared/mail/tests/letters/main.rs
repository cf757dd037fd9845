//! What letters hold, and what they never hold.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod a_reader_finds_all_he_needs;
mod calendars_of_others_read_the_file;
mod mail_programs_unsubscribe_with_one_click;
mod support;
mod text_from_outside_breaks_nothing;
mod the_inviter_is_told_of_the_acceptance;
