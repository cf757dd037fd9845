//! Mails that wait, from the table to the mail service. One file is one behaviour.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

mod a_courier_that_dies_loses_no_mail;
mod a_mail_that_is_not_taken_rests;
mod a_round_goes_on_until_nothing_is_due;
mod what_is_no_longer_so_is_not_sent;
