//! What operations read of a request. All bounds on sizes are here.

use std::fmt::Display;

use aws_lambda_events::apigw::ApiGatewayV2httpRequestContext;
use dais_domain::{MeetingId, Timestamp, UserId};
use lambda_http::{
    Request, RequestExt,
    http::{
        HeaderName,
        header::{AUTHORIZATION, CONTENT_TYPE},
    },
    request::RequestContext,
};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use crate::{Problem, query::Query};

/// Bytes of the largest body that is read.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// Characters of a reason that quotes what was sent.
const MAX_REASON_CHARS: usize = 300;

/// A request, as operations read it.
#[derive(Debug)]
pub struct Ask<'a> {
    request: &'a Request,
    context: &'a ApiGatewayV2httpRequestContext,
    /// When API Gateway received it.
    pub now: Timestamp,
}

impl<'a> Ask<'a> {
    /// Takes the time from the event, never from a clock.
    pub fn new(request: &'a Request) -> Result<Self, Problem> {
        let Some(RequestContext::ApiGatewayV2(context)) = request.request_context_ref() else {
            tracing::error!("❌ the event is not one of an HTTP API in payload format 2.0");
            return Err(Problem::Internal);
        };
        let Some(now_ms) = u64::try_from(context.time_epoch).ok().filter(|ms| *ms > 0) else {
            tracing::error!("❌ the event has no requestContext.timeEpoch");
            return Err(Problem::Internal);
        };
        Ok(Self { request, context, now: Timestamp::from_ms(now_ms) })
    }

    /// The route that API Gateway has chosen, such as `GET /api/meetings/{id}`.
    pub fn route_key(&self) -> &str {
        self.context.route_key.as_deref().unwrap_or_default()
    }

    /// The id that API Gateway gave this request.
    pub fn request_id(&self) -> Option<&str> {
        self.context.request_id.as_deref().filter(|id| !id.is_empty())
    }

    /// The meeting in the path.
    pub fn meeting_id(&self) -> Result<MeetingId, Problem> {
        self.segment("id", MeetingId::new)
    }

    /// The user in the path.
    pub fn user_id(&self) -> Result<UserId, Problem> {
        self.segment("userId", UserId::new)
    }

    /// A segment of the path by its name in the route.
    ///
    /// Decoded once more than API Gateway does, which harms none: no id has a `%`.
    pub fn segment<T, E: Display>(&self, name: &str, read: impl FnOnce(String) -> Result<T, E>) -> Result<T, Problem> {
        let raw = self.request.path_parameters_ref().and_then(|parameters| parameters.first(name)).unwrap_or_default();
        let text = percent_decode_str(raw).decode_utf8().map_err(|_| Problem::invalid(name, "must be UTF-8"))?;
        read(text.into_owned()).map_err(|error| Problem::invalid(name, error))
    }

    /// The parameters after `?`, of which only `known` ones may be there.
    pub fn query(&self, known: &[&str]) -> Result<Query, Problem> {
        let map = self.request.query_string_parameters_ref();
        Query::read(map.into_iter().flat_map(|map| map.iter()), known)
    }

    /// The session token. Only the `Authorization` header is looked at (RFC 6750, section 2.1).
    pub fn token(&self) -> Result<&str, Problem> {
        use dais_identity::IdentityError::{TokenMalformed, TokenMissing};
        let Some(header) = self.header(&AUTHORIZATION).map_err(|_| TokenMalformed)? else {
            return Err(TokenMissing.into());
        };
        let (scheme, token) = header.split_once(' ').ok_or(TokenMalformed)?;
        if !scheme.eq_ignore_ascii_case("Bearer") {
            return Err(TokenMalformed.into());
        }
        Ok(token.trim())
    }

    /// The body, which must be a JSON object of the fields of `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let body: &[u8] = self.request.body();
        if body.len() > MAX_BODY_BYTES {
            return Err(Problem::BodyTooLarge);
        }
        let media_type = self.header(&CONTENT_TYPE)?.unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/json") {
            return Err(Problem::UnsupportedMediaType);
        }
        let value: serde_json::Value =
            serde_json::from_slice(body).map_err(|error| Problem::InvalidJson { reason: bounded(&error) })?;
        if !value.is_object() {
            return Err(Problem::InvalidJson { reason: "The body must be a JSON object".to_owned() });
        }
        serde_path_to_error::deserialize(value).map_err(|error| {
            let reason = error.inner().to_string();
            Problem::Invalid { name: bounded(error.path()), reason: bounded(&sentence(&reason)) }
        })
    }

    /// A header that may come once, of visible ASCII.
    pub fn header(&self, name: &HeaderName) -> Result<Option<&'a str>, Problem> {
        let mut values = self.request.headers().get_all(name).iter();
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(Problem::invalid(name.as_str(), "must be sent once"));
        }
        value.to_str().map(Some).map_err(|_| Problem::invalid(name.as_str(), "must be visible ASCII"))
    }
}

/// What serde says of a field, as the rest of a sentence that begins with the field's name.
fn sentence(reason: &str) -> String {
    match reason.split_once(", expected ") {
        Some((unknown, known)) if unknown.starts_with("unknown field") => {
            format!("is no known field, which are {known}")
        }
        _ if reason.starts_with("invalid ") => format!("has an {reason}"),
        _ => reason.to_owned(),
    }
}

fn bounded(reason: &impl Display) -> String {
    let reason = reason.to_string();
    match reason.char_indices().nth(MAX_REASON_CHARS) {
        Some((end, _)) => format!("{}…", &reason[..end]),
        None => reason,
    }
}
