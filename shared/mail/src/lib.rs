//! Letters, and the service that carries them.
//!
//! A [`Letter`] is a finished e-mail; a [`Mailer`] sends one. What is still to be sent, and when it is tried again, is the
//! courier's business.

mod letter;
pub mod letters;
mod mailer;
mod ses;

pub use letter::{Attachment, Letter};
pub use mailer::{MailError, Mailer};
pub use ses::Ses;
