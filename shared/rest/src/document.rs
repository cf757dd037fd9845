//! What the parts of the OpenAPI document have in common. The whole is at `/api/openapi.json`.

use utoipa::{
    IntoResponses, Modify,
    openapi::{
        OpenApi as Document,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

use crate::wire::ErrorBody;

/// Adds the session token, by the name `sessionToken`.
#[derive(Debug)]
pub struct SessionToken;

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
#[derive(Debug, IntoResponses)]
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
#[derive(Debug, IntoResponses)]
pub enum BodyProblems {
    /// The body has more than 64 KB
    #[response(status = 413)]
    TooLarge(ErrorBody),
    /// The body is not `application/json`
    #[response(status = 415)]
    UnsupportedMediaType(ErrorBody),
}

/// What others than hosts are answered.
#[derive(Debug, IntoResponses)]
pub enum HostsOnly {
    /// The caller is not a host
    #[response(status = 403)]
    NotAllowed(ErrorBody),
}

/// What is answered when there is no such meeting.
#[derive(Debug, IntoResponses)]
pub enum Missing {
    /// No meeting has this ID
    #[response(status = 404)]
    Missing(ErrorBody),
}
