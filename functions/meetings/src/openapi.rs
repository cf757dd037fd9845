//! The document at `/api/openapi.json`: one for the operations of all REST functions.
//!
//! Each function makes its part from its operations and their types. The whole is put together by a test (tests/openapi) and
//! lies in `openapi.json` beside this file, so that this function serves it without the code of the others, and so that a
//! change of the API shows in a diff. The test fails while the file is not what the parts say; `make openapi` writes it.

use std::{collections::BTreeMap, sync::OnceLock};

use dais_rest::{Problem, document::SessionToken, routes};
use serde::{Deserialize, de::IgnoredAny};
use utoipa::{OpenApi, openapi::OpenApi as Document};

use crate::{operations, wire::schema};

/// The whole document, as JSON.
pub const WHOLE: &str = include_str!("openapi.json");

/// Why API Gateway has chosen no route of any function. All that is unknown arrives here, so all that is served is looked at.
pub fn none_chosen(path: &str) -> Problem {
    static SERVED: OnceLock<Vec<(String, String)>> = OnceLock::new();
    let served = SERVED.get_or_init(served);
    routes::none_of(served.iter().map(|(method, path)| (method.as_str(), path.as_str())), path)
}

/// Methods and paths, in order of both.
fn served() -> Vec<(String, String)> {
    #[derive(Deserialize)]
    struct Whole {
        paths: BTreeMap<String, BTreeMap<String, IgnoredAny>>,
    }
    let whole: Whole = match serde_json::from_str(WHOLE) {
        Ok(whole) => whole,
        Err(error) => {
            tracing::error!(%error, "❌ openapi.json cannot be read");
            return Vec::new();
        }
    };
    let of = |(path, methods): (String, BTreeMap<String, IgnoredAny>)| {
        methods.into_keys().map(move |method| (method.to_uppercase(), path.clone()))
    };
    whole.paths.into_iter().flat_map(of).collect()
}

/// This function's part.
pub fn document() -> Document {
    Api::openapi()
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Dais", description = "Meetings, their hosts and their log, invitations to be host, and the people one has met. Live roles are on the socket: see `GET /api/asyncapi.json`."),
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
        operations::service::asyncapi,
        operations::service::health,
    ),
    components(schemas(schema::IdempotencyKey, schema::EntityTag, schema::Period, schema::Cursor)),
    modifiers(&SessionToken),
    security(("sessionToken" = [])),
)]
struct Api;
