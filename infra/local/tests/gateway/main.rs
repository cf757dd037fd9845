//! The gateway, seen from outside: one behaviour a file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../support/client.rs"]
mod client;
#[path = "../support/cloud.rs"]
mod cloud;

mod a_closed_connection_is_gone_and_a_malformed_one_is_a_bad_request;
mod a_connection_can_be_posted_to_only_after_its_connect;
mod a_failing_function_shows_as_the_services_own_answer;
mod a_message_too_large_closes_with_1009_and_a_binary_one_with_1003;
mod a_refused_connect_is_the_http_status_of_the_handshake;
mod a_silent_or_old_connection_is_closed_by_the_local_clock;
mod an_answer_goes_back_only_where_the_route_has_a_response;
mod calls_are_attributed_to_their_invocations;
mod chaos_strikes_where_it_was_told_to;
mod cors_is_answered_as_the_template_says;
mod events_have_the_services_shapes;
mod messages_of_one_connection_are_handled_at_the_same_time;
mod posts_to_a_connection_keep_their_order;
mod requests_beyond_the_limits_are_refused;
mod requests_beyond_the_rate_are_refused;
mod schedules_run_by_the_local_clock;
mod stopping_closes_sockets_with_1001_and_tells_the_functions;
mod the_routes_are_those_of_the_template;
