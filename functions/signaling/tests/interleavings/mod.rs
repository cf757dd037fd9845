//! The parts of the property test: what may happen ([`script`]), making it happen ([`world`]), what was so when
//! ([`history`]), and what must be true of it ([`rules`]).

pub mod history;
pub mod rules;
pub mod script;
pub mod world;
