//! The parts of the property test: what may happen ([`script`]), making it happen ([`world`]), the mail service ([`post`]),
//! and what must be true of it ([`rules`]).

pub mod post;
pub mod rules;
pub mod script;
pub mod world;
