//! Behaviours of the directory function, one file each.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

mod a_deleted_user_is_forgotten;
mod a_deleted_user_is_taken_out_of_invitations;
mod people_see_whom_they_have_met;
mod the_document_says_what_is_served;
mod the_providers_webhooks_are_taken;
mod what_the_provider_did_not_sign_is_refused;
