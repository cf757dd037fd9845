//! The function as API Gateway calls it. One file is one behaviour.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

mod a_host_is_told_which_addresses_are_wrong;
mod a_mail_that_waits_is_sent_later;
mod an_invitation_makes_a_host;
mod defects_that_others_have;
mod hosts_look_after_invitations;
mod strangers_learn_nothing;
mod the_document_says_what_is_served;
