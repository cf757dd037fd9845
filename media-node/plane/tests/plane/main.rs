//! The behaviour of a worker, one file for each sentence about it.

mod a_client_becomes_connected;
mod support;
