//! The contract of the table. Every test of `on_both_tables!` runs against [`dais_store::MemoryStore`] and against
//! [`dais_store::DynamoStore`] over an embedded table, fresh each time.
//!
//! `DAIS_DYNAMODB_ENDPOINT=http://127.0.0.1:8000 cargo test -p dais-store` tries another table: DynamoDB Local, moto.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[macro_use]
mod support;

mod a_change_is_written_on_the_version_before;
mod a_closed_connection_is_recovered_or_forgotten;
mod a_connection_departs_in_two_steps;
mod a_connection_enters_and_leaves;
mod a_creation_is_written_once;
mod a_deleted_user_leaves_no_trace;
mod a_lease_is_taken_by_one;
mod a_limit_is_never_exceeded;
mod a_mail_is_claimed_by_one;
mod a_media_node_lives_by_its_lease;
mod a_role_change_costs_two_requests;
mod a_room_is_claimed_by_one_node;
mod a_room_is_read_whole;
mod a_session_waits_for_its_upgrade;
mod a_table_that_fails_is_told_apart;
mod a_verified_address_leads_to_one_user;
mod a_webhook_is_remembered;
mod an_acceptance_is_written_whole;
mod an_invitation_is_written_with_its_mail;
mod crowded_meetings_keep_their_lists;
mod errors_do_not_quote_items;
mod guests_are_not_connections;
mod invitations_of_a_deleted_user_are_erased;
mod networks_are_read_within_bounds;
mod news_of_a_user_comes_in_any_order;
mod nothing_is_sent_to_suppressed_addresses;
mod own_meetings_are_paged_without_gaps;
mod own_meetings_follow_roles_and_starts;
mod the_log_is_read_in_order;
