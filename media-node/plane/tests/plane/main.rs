//! The behaviour of a worker, one file for each sentence about it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod a_call_on_a_bad_network_recovers;
mod a_client_becomes_connected;
mod a_client_moves_to_another_address;
mod a_dead_client_is_noticed;
mod a_lost_packet_is_repeated;
mod a_packet_reaches_every_subscriber;
mod a_paused_producer_is_heard_by_nobody;
mod a_replayed_packet_is_dropped;
mod a_stream_that_begins_anew_goes_on;
mod an_idle_subscriber_takes_little_memory;
mod checks_are_answered_by_the_rules;
mod congestion_is_seen_and_told;
mod key_frames_are_asked_for_sparingly;
mod layers_change_at_key_frames;
mod media_waits_for_the_announced_certificate;
mod no_datagram_makes_the_worker_panic;
mod nothing_is_done_before_an_ice_check;
mod reports_keep_sound_and_picture_together;
mod statistics_say_what_happened;
mod support;
mod the_components_allocate_for_every_packet;
mod the_dominant_speaker_is_told;
mod the_dtls_component_stops_retransmitting;
mod the_ice_component_does_not_answer_the_first_check;
mod the_nack_component_does_not_see_what_rtx_brings;
mod there_is_a_bound_on_everything;
