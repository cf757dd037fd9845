//! What operations read of a request. All bounds on sizes are here.

use std::fmt::Display;

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

use crate::{Problem, query::Query, routes::Matched};

/// Bytes of the largest body that is read.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// Characters of a reason that quotes what was sent.
const MAX_REASON_CHARS: usize = 300;

/// Characters of an idempotency key.
pub const MAX_KEY_CHARS: usize = 255;

/// A request whose route is known.
#[derive(Debug)]
pub struct Ask<'a> {
    request: &'a Request,
    matched: Matched<'a>,
    /// When API Gateway received it.
    pub now: Timestamp,
}

impl<'a> Ask<'a> {
    /// Takes the time from the event, never from a clock.
    pub fn new(request: &'a Request, matched: Matched<'a>) -> Result<Self, Problem> {
        let now = match request.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => u64::try_from(context.time_epoch).ok().filter(|ms| *ms > 0),
            _ => None,
        };
        let Some(now) = now else {
            tracing::error!("❌ the event has no requestContext.timeEpoch");
            return Err(Problem::Internal);
        };
        Ok(Self { request, matched, now: Timestamp::from_ms(now) })
    }

    /// The id that API Gateway gave this request.
    pub fn request_id(&self) -> Option<&str> {
        match self.request.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => context.request_id.as_deref().filter(|id| !id.is_empty()),
            _ => None,
        }
    }

    /// The meeting in the path.
    pub fn meeting_id(&self) -> Result<MeetingId, Problem> {
        self.segment("id", MeetingId::new)
    }

    /// The user in the path.
    pub fn user_id(&self) -> Result<UserId, Problem> {
        self.segment("userId", UserId::new)
    }

    /// API Gateway hands the path on decoded or not, depending on who asks; no id has a `%`, so decoding twice harms none.
    fn segment<T, E: Display>(&self, name: &str, read: impl FnOnce(String) -> Result<T, E>) -> Result<T, Problem> {
        let raw = self.matched.segments.iter().find(|(known, _)| *known == name).map_or("", |(_, raw)| raw);
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
    /// because what compresses answers on the way makes them weak.
    pub fn if_match(&self) -> Result<Option<Version>, Problem> {
        let Some(tag) = self.single(&IF_MATCH)? else { return Ok(None) };
        let tag = tag.trim();
        if tag == "*" {
            return Ok(None);
        }
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        let version = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).and_then(|tag| tag.parse().ok());
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
    let reason = reason.replace("expected u64", "expected a whole number");
    match reason.split_once(", expected ") {
        Some((unknown, known)) if unknown.starts_with("unknown field") => {
            format!("is no known field, which are {known}")
        }
        _ if reason.starts_with("invalid ") => format!("has an {reason}"),
        _ => reason,
    }
}

fn bounded(reason: &impl Display) -> String {
    let reason = reason.to_string();
    match reason.char_indices().nth(MAX_REASON_CHARS) {
        Some((end, _)) => format!("{}…", &reason[..end]),
        None => reason,
    }
}
