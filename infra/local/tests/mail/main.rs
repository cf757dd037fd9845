//! The local mail service, seen from outside: one behaviour a file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../support/client.rs"]
mod client;
mod post_office;

mod a_function_sends_only_what_its_role_grants;
mod a_mail_is_shown_where_it_can_do_no_harm;
mod a_mail_that_is_taken_is_in_the_outbox;
mod feedback_reaches_the_functions_that_listen;
mod the_next_mail_meets_what_was_asked_for;
mod what_ses_refuses_is_refused;
