//! Session tokens in the shape of Clerk's version 2.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    keys::{Keys, readable},
    parameters::TokenParameters,
    users::User,
};

/// A signed token and whose it is.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// The session token, for `auth: {token}` and `Authorization: Bearer`.
    pub token: String,
    /// The user's id, `sub` of the token.
    pub user_id: String,
}

/// How long before its making a token is valid, in seconds: Clerk allows for clocks that lag.
const NOT_BEFORE_S: i64 = 10;

pub(super) fn sign(
    keys: &Keys,
    issuer: &str,
    user: &User,
    parameters: &TokenParameters,
    now_s: u64,
) -> Result<Token, String> {
    let now_s = i64::try_from(now_s).unwrap_or(i64::MAX / 2);
    let expires_s = now_s.saturating_add(parameters.ttl_s);
    // A token that has already expired was made a minute before it did.
    let issued_s = if parameters.ttl_s > 0 { now_s } else { expires_s - 60 };
    let mut claims = Map::new();
    let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    claim("iss", json!(issuer));
    claim("sub", json!(user.id));
    claim("sid", json!(format!("sess_{}", readable(format!("session of {}", user.id).as_bytes()))));
    match parameters.azp.as_deref() {
        None => {
            claim("azp", json!(origin(issuer)));
        }
        Some("") => {}
        Some(azp) => {
            claim("azp", json!(azp));
        }
    }
    claim("iat", json!(issued_s));
    claim("nbf", json!(issued_s - NOT_BEFORE_S));
    claim("exp", json!(expires_s));
    claim("jti", json!(nanoid::nanoid!(20)));
    claim("v", json!(2));
    // Minutes since the first and the second factor; -1: there was none.
    claim("fva", json!([0, -1]));
    claim("sts", json!("active"));
    for (name, value) in [("name", &user.name), ("picture", &user.picture), ("email", &user.email)] {
        if let Some(value) = value {
            claim(name, json!(value));
        }
    }
    if user.email.is_some() {
        claim("email_verified", json!(user.verified));
    }
    // `cat` is a header field of Clerk's that no verifier should stumble over.
    let header = json!({ "alg": "RS256", "cat": "cl_local", "kid": keys.key_id(), "typ": "JWT" });
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(&Value::Object(claims)));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(keys.sign(signed.as_bytes())?);
    Ok(Token { token: format!("{signed}.{signature}"), user_id: user.id.clone() })
}

/// `http://127.0.0.1:3000` of `http://127.0.0.1:3000/_local`.
fn origin(issuer: &str) -> &str {
    let after_scheme = issuer.find("://").map_or(0, |at| at + 3);
    let end = issuer.get(after_scheme..).and_then(|rest| rest.find('/')).map_or(issuer.len(), |at| after_scheme + at);
    issuer.get(..end).unwrap_or(issuer)
}

impl std::fmt::Debug for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Token").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}
