//! Answers.

use lambda_http::{
    Body, Response,
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    },
};
use serde::Serialize;

use crate::{Problem, wire::ErrorBody};

/// A status, a JSON body and headers.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    body: String,
    headers: Vec<(HeaderName, String)>,
}

impl Answer {
    /// 200.
    pub fn ok(body: &impl Serialize) -> Result<Self, Problem> {
        Self::new(StatusCode::OK, body)
    }

    /// JSON that is there already.
    pub fn json(body: String) -> Self {
        Self { status: StatusCode::OK, body, headers: Vec::new() }
    }

    /// Any status.
    pub fn new(status: StatusCode, body: &impl Serialize) -> Result<Self, Problem> {
        match serde_json::to_string(body) {
            Ok(body) => Ok(Self { status, body, headers: Vec::new() }),
            Err(error) => {
                tracing::error!(%error, "an answer cannot be written");
                Err(Problem::Internal)
            }
        }
    }

    /// One more header.
    pub fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl From<Problem> for Answer {
    fn from(problem: Problem) -> Self {
        let body = ErrorBody {
            error: problem.to_string(),
            code: problem.code().to_owned(),
            message: problem.message(),
            hint: problem.hint(),
        };
        let body = serde_json::to_string(&body).unwrap_or_default();
        Self { status: problem.status(), body, headers: problem.headers() }
    }
}

impl From<Answer> for Response<Body> {
    fn from(answer: Answer) -> Self {
        let mut response = Response::new(Body::Text(answer.body));
        *response.status_mut() = answer.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        // Answers differ by user and by moment, and are never to be anything but data.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        for (name, value) in answer.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
        response
    }
}
