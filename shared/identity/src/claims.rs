//! The inside of a token whose signature is right: is it for us, now, and for whom.

use std::time::Duration;

use dais_domain::{DisplayName, ImageUrl, Timestamp, UserId};
use serde::Deserialize;
use serde_json::Value;

use crate::{Identity, IdentityError};

/// How far the clocks of the identity provider and of this server may be apart. Clerk's own default.
pub const CLOCK_SKEW: Duration = Duration::from_secs(5);

/// The longest email address (RFC 5321, section 4.5.3.1.3, without the angle brackets).
const MAX_EMAIL_BYTES: usize = 254;

/// The longest session id or impersonator that is passed on.
const MAX_ID_BYTES: usize = 128;

/// Those on which the verdict depends have types; those that only describe the user may hold anything, or nothing.
#[derive(Deserialize)]
pub(crate) struct Claims {
    iss: String,
    sub: String,
    sid: Option<String>,
    azp: Option<String>,
    exp: f64,
    nbf: Option<f64>,
    iat: Option<f64>,
    sts: Option<String>,
    act: Option<Actor>,
    #[serde(default)]
    name: Value,
    #[serde(default)]
    image_url: Value,
    #[serde(default)]
    picture: Value,
    #[serde(default)]
    email: Value,
    #[serde(default)]
    email_verified: Value,
}

/// Somebody who acts as the user (RFC 8693, section 4.1).
#[derive(Deserialize)]
struct Actor {
    sub: String,
}

impl Claims {
    /// Checks each claim against the deployment's settings and `now`.
    pub(crate) fn check(
        self,
        issuer: &str,
        authorized_parties: &[String],
        now: Timestamp,
    ) -> Result<Identity, IdentityError> {
        if self.iss != issuer {
            return Err(IdentityError::WrongIssuer);
        }
        let expires_at = timestamp(self.exp)?;
        if expires_at.plus(CLOCK_SKEW) <= now {
            return Err(IdentityError::TokenExpired);
        }
        for not_before in [self.nbf, self.iat].into_iter().flatten() {
            if timestamp(not_before)? > now.plus(CLOCK_SKEW) {
                return Err(IdentityError::TokenNotYetValid);
            }
        }
        // Absent outside browsers, where there is no origin to name; a browser cannot leave it out.
        if self.azp.is_some_and(|azp| !authorized_parties.contains(&azp)) {
            return Err(IdentityError::WrongParty);
        }
        if self.sts.as_deref() == Some("pending") {
            return Err(IdentityError::SessionPending);
        }

        Ok(Identity {
            user_id: UserId::new(self.sub).map_err(|_| IdentityError::TokenMalformed)?,
            session_id: self.sid.map(bounded).transpose()?,
            name: self.name.as_str().and_then(DisplayName::lenient),
            image_url: [self.image_url, self.picture].iter().find_map(|url| ImageUrl::new(url.as_str()?).ok()),
            email: verified_email(&self.email, &self.email_verified),
            impersonated_by: self.act.map(|actor| bounded(actor.sub)).transpose()?,
            expires_at,
        })
    }
}

/// Seconds since the epoch, possibly with a fraction (RFC 7519, "NumericDate").
fn timestamp(seconds: f64) -> Result<Timestamp, IdentityError> {
    let ms = seconds * 1000.0;
    if !(0.0..=Timestamp::MAX.as_ms() as f64).contains(&ms) {
        return Err(IdentityError::TokenMalformed);
    }
    Ok(Timestamp::from_ms(ms as u64))
}

fn bounded(id: String) -> Result<String, IdentityError> {
    if id.is_empty() || id.len() > MAX_ID_BYTES || !id.chars().all(|c| c.is_ascii_graphic()) {
        return Err(IdentityError::TokenMalformed);
    }
    Ok(id)
}

/// Only the boolean `true` makes an address verified. One that no mail could carry is as good as none.
fn verified_email(email: &Value, verified: &Value) -> Option<String> {
    let email = email.as_str().filter(|_| verified == &Value::Bool(true))?;
    let (local, domain) = email.rsplit_once('@')?;
    let printable = email.chars().all(|c| !c.is_control() && !c.is_whitespace());
    (printable && !local.is_empty() && !domain.is_empty() && email.len() <= MAX_EMAIL_BYTES).then(|| email.to_owned())
}
