//! The local cloud: what template.yaml describes, in one process, with nothing installed.

pub mod answer;
pub mod chaos;
pub mod clock;
pub mod identity_provider;
pub mod ledger;
pub mod table;
