//! Reports of the mail service, and what the table says after them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod a_bounce_ends_the_invitation_and_suppresses_the_address;
mod a_complaint_suppresses_the_address;
mod a_report_survives_a_bad_day;
mod reports_that_say_nothing_to_us_are_ignored;
mod support;
