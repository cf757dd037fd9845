//! This function's part of the document at `/api/openapi.json`.

use dais_rest::document::SessionToken;
use utoipa::{OpenApi, openapi::OpenApi as Document};

/// The part.
pub fn document() -> Document {
    Api::openapi()
}

#[derive(OpenApi)]
#[openapi(
    paths(crate::network::network, crate::webhook::take),
    components(schemas(crate::network::SearchText)),
    modifiers(&SessionToken),
    security(("sessionToken" = [])),
)]
struct Api;
