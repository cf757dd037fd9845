//! What operations read of a request. All bounds on sizes are here.

use std::fmt::Display;

use aws_lambda_events::apigw::ApiGatewayV2httpRequestContext;
use dais_domain::{MeetingId, Timestamp, UserId, Version};
use lambda_http::{
    Request, RequestExt,
    http::{
        HeaderName,
        header::{AUTHORIZATION, CONTENT_TYPE, IF_MATCH},
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

/// No meeting changes so often; and up to here every reader of JSON reads `3.0` as 3 exactly.
pub const MAX_VERSION: u64 = 999_999_999_999;

/// Characters of an idempotency key.
pub const MAX_KEY_CHARS: usize = 255;

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

    /// Decoded once more than API Gateway does, which harms none: no id has a `%`.
    fn segment<T, E: Display>(&self, name: &str, read: impl FnOnce(String) -> Result<T, E>) -> Result<T, Problem> {
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
        let Some(header) = self.single(&AUTHORIZATION).map_err(|_| TokenMalformed)? else {
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
        let media_type = self.single(&CONTENT_TYPE)?.unwrap_or_default();
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

    /// The key under which a creation is remembered: visible ASCII.
    pub fn idempotency_key(&self) -> Result<Option<&str>, Problem> {
        let name = HeaderName::from_static("idempotency-key");
        let Some(key) = self.single(&name)? else { return Ok(None) };
        if key.is_empty() || key.len() > MAX_KEY_CHARS || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            let reason = format!("must be 1 to {MAX_KEY_CHARS} visible ASCII characters without spaces");
            return Err(Problem::invalid("Idempotency-Key", reason));
        }
        Ok(Some(key))
    }

    /// The version in `If-Match`, if one is asked for. `*` asks for none, as what it means is so anyway. Weak tags count,
    /// because what compresses answers on the way makes them weak; and the version without quotes.
    pub fn if_match(&self) -> Result<Option<Version>, Problem> {
        let Some(tag) = self.single(&IF_MATCH)? else { return Ok(None) };
        let tag = tag.trim();
        if tag == "*" {
            return Ok(None);
        }
        let quoted = tag.strip_prefix("W/").unwrap_or(tag);
        let digits = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(tag);
        let digits = Some(digits).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let version = digits.and_then(|digits| digits.parse().ok()).filter(|version| *version <= MAX_VERSION);
        let version =
            version.ok_or_else(|| Problem::invalid("If-Match", "must be one ETag of a meeting, such as \"3\""))?;
        Ok(Some(Version(version)))
    }

    fn single(&self, name: &HeaderName) -> Result<Option<&'a str>, Problem> {
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
