//! The shape of every error.

use serde::Serialize;
use utoipa::ToSchema;

/// What every error looks like, whatever its status.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub struct ErrorBody {
    /// A short sentence, as front ends show it.
    #[schema(min_length = 1)]
    pub error: String,
    /// What programs compare.
    #[schema(pattern = "^[a-z][a-z0-9-]*$")]
    pub code: String,
    /// Which field and why, or what to do.
    #[schema(min_length = 1)]
    pub message: String,
    /// Which account would do, such as `a…@example.com`: only with `invitation-wrong-account`.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}
