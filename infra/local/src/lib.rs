//! The local cloud: what template.yaml describes, in one process, with nothing installed.
//!
//! `start` puts it together: `template` says what there is, `gateway` takes requests and sockets, `invoke` runs the functions
//! (`functions` knows them by name), `table` and `identity_provider` are what the functions call, `ledger` notes it all,
//! `clock` and `chaos` change the rules.

pub mod answer;
pub mod banner;
pub mod chaos;
pub mod clock;
pub mod conformance;
pub mod event_bus;
pub mod functions;
pub mod gateway;
pub mod identity_provider;
pub mod ids;
pub mod invoke;
pub mod ledger;
pub mod mail;
pub mod media;
pub mod options;
pub mod scheduler;
mod services;
pub mod start;
pub mod table;
pub mod template;
pub mod tools;
mod wiring;
