//! The document at `/api/openapi.json`, made from the operations and their types.

use utoipa::{
    IntoResponses, Modify, OpenApi,
    openapi::{
        OpenApi as Document,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

use crate::{
    operations,
    wire::{ErrorBody, schema},
};

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

struct SessionToken;

impl Modify for SessionToken {
    fn modify(&self, document: &mut Document) {
        let mut token = Http::new(HttpAuthScheme::Bearer);
        token.bearer_format = Some("JWT".to_owned());
        token.description = Some("Session token of the identity provider".to_owned());
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("sessionToken", SecurityScheme::Http(token));
    }
}

/// What every request with a token can be answered.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only its responses are used")]
pub enum CallerProblems {
    /// An id, parameter or header is not as it must be; `message` says which and why
    #[response(status = 400)]
    Invalid(ErrorBody),
    /// No session token, or one that is not accepted
    #[response(status = 401)]
    NotSignedIn(ErrorBody),
    /// Temporarily unavailable; nothing is known of the effect, so send it again
    #[response(status = 503)]
    Unavailable(ErrorBody),
}

/// What a request with a body can be answered.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only its responses are used")]
pub enum BodyProblems {
    /// The body has more than 64 KB
    #[response(status = 413)]
    TooLarge(ErrorBody),
    /// The body is not `application/json`
    #[response(status = 415)]
    UnsupportedMediaType(ErrorBody),
}

/// What others than hosts are answered.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only its responses are used")]
pub enum HostsOnly {
    /// The caller is not a host
    #[response(status = 403)]
    NotAllowed(ErrorBody),
}

/// What is answered when there is no such meeting.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only its responses are used")]
pub enum Missing {
    /// No meeting has this ID
    #[response(status = 404)]
    Missing(ErrorBody),
}
