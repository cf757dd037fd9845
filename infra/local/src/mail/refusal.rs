//! The errors of SES.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode};
use serde_json::json;

/// An error of the service: status, name and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: StatusCode,
    /// The error's name.
    pub name: &'static str,
    /// Its text.
    pub message: String,
}

impl Refusal {
    fn new(status: StatusCode, name: &'static str, message: impl Into<String>) -> Self {
        Self { status, name, message: message.into() }
    }

    /// The request makes no sense.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequestException", message)
    }

    /// The message is not sent.
    pub(super) fn rejected(message: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "MessageRejected", message)
    }

    /// Too fast.
    pub(super) fn throttled() -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", "Maximum sending rate exceeded.")
    }

    /// Something that the request names does not exist.
    pub(super) fn not_found(message: String) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NotFoundException", message)
    }

    /// The caller's role does not grant it.
    pub(super) fn denied(message: String) -> Self {
        Self::new(StatusCode::FORBIDDEN, "AccessDeniedException", message)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(json!({ "message": self.message }))).into_response();
        response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(self.name));
        response
    }
}
