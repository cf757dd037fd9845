//! Headers that only meetings have.

use dais_domain::Version;
use dais_rest::{Ask, Problem};
use lambda_http::http::{HeaderName, header::IF_MATCH};

/// No meeting changes so often; and up to here every reader of JSON reads `3.0` as 3 exactly.
pub const MAX_VERSION: u64 = 999_999_999_999;

/// Characters of an idempotency key.
pub const MAX_KEY_CHARS: usize = 255;

/// The key under which a creation is remembered: visible ASCII.
pub fn idempotency_key<'a>(ask: &'a Ask<'_>) -> Result<Option<&'a str>, Problem> {
    let name = HeaderName::from_static("idempotency-key");
    let Some(key) = ask.header(&name)? else { return Ok(None) };
    if key.is_empty() || key.len() > MAX_KEY_CHARS || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        let reason = format!("must be 1 to {MAX_KEY_CHARS} visible ASCII characters without spaces");
        return Err(Problem::invalid("Idempotency-Key", reason));
    }
    Ok(Some(key))
}

/// The version in `If-Match`, if one is asked for. `*` asks for none, as what it means is so anyway. Weak tags count,
/// because what compresses answers on the way makes them weak; and the version without quotes.
pub fn if_match(ask: &Ask<'_>) -> Result<Option<Version>, Problem> {
    let Some(tag) = ask.header(&IF_MATCH)? else { return Ok(None) };
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
