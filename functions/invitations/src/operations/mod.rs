//! What can be asked for, one file each. The comments and attributes above each function are the document that is served.

pub mod accept;
pub mod by_email;
pub mod by_network;
pub mod decline;
pub mod list;
pub mod preview;
pub mod resend;
pub mod revoke;
pub mod unsubscribe;

use dais_courier::InvitationToken;
use dais_domain::{InvitationId, InvitationRefusal, TokenHash};
use dais_rest::{Ask, Problem};

use crate::{problem::refused, wire::TokenBody};

/// The hash of the token in the body. What cannot be a token is answered as one that leads nowhere.
fn token_of(ask: &Ask<'_>) -> Result<TokenHash, Problem> {
    let TokenBody { token } = ask.json()?;
    let hash = InvitationToken::parse(&token).and_then(|token| token.hash());
    hash.map_err(|_| refused(InvitationRefusal::NotFound))
}

/// The invitation in the path.
fn invitation_id(ask: &Ask<'_>) -> Result<InvitationId, Problem> {
    ask.segment("invitationId", InvitationId::new)
}
