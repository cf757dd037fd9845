//! Sends the mails that wait in the table.
//!
//! A mail is written together with its reason and without a token. Whoever sends it claims it first, and makes the token in
//! the claim: so no token is ever stored, a mail that is sent again has a new one, and only the latest counts. A mail whose
//! invitation is no longer pending is not sent. Couriers may run beside each other and die at any point.

mod courier;
mod links;
mod token;

pub use courier::{Courier, CourierError, Delivery};
pub use links::{Links, OriginError};
pub use token::{InvitationToken, TokenError};
