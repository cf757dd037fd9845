//! The document at `/api/openapi.json`, made from the operations and their types.

use dais_rest::document::SessionToken;
use utoipa::{OpenApi, openapi::OpenApi as Document};

use crate::{operations, wire::schema};

/// The document.
pub fn document() -> Document {
    Api::openapi()
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Dais", description = "Meetings, their hosts and their log. Live roles are on the socket."),
    paths(
        operations::create::create,
        operations::list::list,
        operations::read::read,
        operations::edit::edit,
        operations::end::delete,
        operations::end::end,
        operations::participants::participants,
        operations::remove_host::remove_host,
        operations::log::log,
        operations::service::openapi,
        operations::service::health,
    ),
    components(schemas(schema::IdempotencyKey, schema::EntityTag, schema::Period, schema::Cursor)),
    modifiers(&SessionToken),
    security(("sessionToken" = [])),
)]
struct Api;
