//! This function's part of the document at `/api/openapi.json`.

use dais_rest::document::SessionToken;
use utoipa::{OpenApi, openapi::OpenApi as Document};

use crate::{operations, wire::schema};

/// This part.
pub fn document() -> Document {
    Api::openapi()
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Dais invitations"),
    paths(
        operations::by_email::by_email,
        operations::by_network::by_network,
        operations::list::list,
        operations::revoke::revoke,
        operations::resend::resend,
        operations::preview::preview,
        operations::accept::accept,
        operations::decline::decline,
        operations::unsubscribe::page,
        operations::unsubscribe::unsubscribe,
    ),
    components(schemas(schema::InvitationId, schema::MailId)),
    modifiers(&SessionToken),
    security(("sessionToken" = [])),
)]
struct Api;
