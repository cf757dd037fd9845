//! Who sent a webhook: Svix's scheme `v1`, HMAC-SHA256 over `id.timestamp.body`
//! (<https://docs.svix.com/receiving/verifying-payloads/how-manual>).
//!
//! Written out because the crate of the scheme (`standardwebhooks`) reads the machine's clock and knows only its own names
//! of the headers; see docs/decisions/who-is-known.md.

use std::{fmt, time::Duration};

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_STANDARD};
use dais_domain::Timestamp;

use crate::WebhookProblem;

/// How far the time of a signature may be from that of its arrival, either way. Svix's own.
pub const TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// The secret that signs now, and during a rotation the one before.
const MOST_SECRETS: usize = 2;
/// Bytes of a secret at least; Svix makes 24.
const LEAST_BYTES: usize = 16;

/// Why there are no such secrets. Never quotes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// More than during a rotation: leave the oldest out.
    #[error("there must be at most two, comma separated")]
    TooMany,
    /// Not as the provider shows it: copy it again.
    #[error("each must be `whsec_` and base64 of at least 16 bytes")]
    Malformed,
}

/// The secrets with which the provider may sign.
pub struct Secrets(Vec<hmac::Key>);

/// What its headers say of a webhook.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// `svix-id`: the same each time the message is sent.
    pub id: &'a str,
    /// `svix-timestamp`: seconds since the epoch.
    pub timestamp: &'a str,
    /// `svix-signature`: `v1,` and base64, several of them with spaces between.
    pub signatures: &'a str,
}

impl Secrets {
    /// Without secrets every webhook is refused: the provider gives a secret only when it knows the address.
    pub fn new(secrets: &[String]) -> Result<Self, SecretError> {
        if secrets.len() > MOST_SECRETS {
            return Err(SecretError::TooMany);
        }
        let key = |secret: &String| {
            let encoded = secret.strip_prefix("whsec_").ok_or(SecretError::Malformed)?;
            let bytes = BASE64_STANDARD.decode(encoded).map_err(|_| SecretError::Malformed)?;
            let long_enough = bytes.len() >= LEAST_BYTES;
            long_enough.then(|| hmac::Key::new(hmac::HMAC_SHA256, &bytes)).ok_or(SecretError::Malformed)
        };
        secrets.iter().map(key).collect::<Result<_, _>>().map(Self)
    }

    /// Whether one of the secrets has signed `body` under these headers, and not long before or after `now`. Each comparison
    /// takes the same time whatever is compared. That the time is wrong is only said to whom knows a secret.
    pub fn verify(&self, signed: Signed<'_>, body: &[u8], now: Timestamp) -> Result<(), WebhookProblem> {
        let mut message = format!("{}.{}.", signed.id, signed.timestamp).into_bytes();
        message.extend_from_slice(body);
        let tags = signed.signatures.split(' ').filter_map(|signature| signature.strip_prefix("v1,"));
        let mut tags = tags.filter_map(|tag| BASE64_STANDARD.decode(tag).ok());
        if !tags.any(|tag| self.0.iter().any(|key| hmac::verify(key, &message, &tag).is_ok())) {
            return Err(WebhookProblem::WrongSignature);
        }
        let signed_at = signed.timestamp.parse::<u64>().ok().and_then(|seconds| seconds.checked_mul(1000));
        let signed_at = Timestamp::from_ms(signed_at.ok_or(WebhookProblem::OutOfTime)?);
        let in_time = signed_at.plus(TOLERANCE) >= now && now.plus(TOLERANCE) >= signed_at;
        in_time.then_some(()).ok_or(WebhookProblem::OutOfTime)
    }
}

/// How many, and no more than that.
impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secrets({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const SECRET: &str = "whsec_plJ3nmyCDGBKInavdOK15jsl";
    const BODY: &[u8] = br#"{"event_type":"ping","data":{"success":true}}"#;
    const SIGNED: Signed<'_> = Signed {
        id: "msg_loFOjxBNrRLzqYUf",
        timestamp: "1731705121",
        signatures: "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
    };

    fn secrets(secrets: &[&str]) -> Result<Secrets, SecretError> {
        Secrets::new(&secrets.iter().map(|secret| (*secret).to_owned()).collect::<Vec<_>>())
    }

    /// So many seconds after the signature.
    fn after(seconds: i64) -> Timestamp {
        Timestamp::from_ms(u64::try_from((1_731_705_121 + seconds) * 1000).unwrap())
    }

    #[test]
    fn the_example_of_svix_is_verified() {
        // Of its documentation on verifying payloads by hand.
        assert_eq!(secrets(&[SECRET]).unwrap().verify(SIGNED, BODY, after(0)), Ok(()));
    }

    #[test]
    fn a_secret_can_be_replaced_without_a_gap() {
        let other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        for known in [[SECRET, other], [other, SECRET]] {
            assert_eq!(secrets(&known).unwrap().verify(SIGNED, BODY, after(0)), Ok(()));
        }
        let several = format!("v1a,abc v1,AAAA {} v2,x", SIGNED.signatures);
        let signed = Signed { signatures: &several, ..SIGNED };
        assert_eq!(secrets(&[SECRET]).unwrap().verify(signed, BODY, after(0)), Ok(()));
        assert_eq!(secrets(&[other]).unwrap().verify(SIGNED, BODY, after(0)), Err(WebhookProblem::WrongSignature));
    }

    #[test]
    fn whatever_is_changed_the_signature_is_wrong() {
        let known = secrets(&[SECRET]).unwrap();
        let changed = [
            (Signed { id: "msg_other", ..SIGNED }, BODY),
            (Signed { timestamp: "1731705122", ..SIGNED }, BODY),
            (Signed { timestamp: "soon", ..SIGNED }, BODY),
            (Signed { signatures: "v1,rAvfW3dJ", ..SIGNED }, BODY),
            (Signed { signatures: "v1,", ..SIGNED }, BODY),
            (Signed { signatures: "v1,not base64", ..SIGNED }, BODY),
            (Signed { signatures: "rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=", ..SIGNED }, BODY),
            (Signed { signatures: "", ..SIGNED }, BODY),
            (SIGNED, b"{}".as_slice()),
        ];
        for (signed, body) in changed {
            assert_eq!(known.verify(signed, body, after(0)), Err(WebhookProblem::WrongSignature), "{signed:?}");
        }
        assert_eq!(secrets(&[]).unwrap().verify(SIGNED, BODY, after(0)), Err(WebhookProblem::WrongSignature));
    }

    #[test]
    fn five_minutes_either_way_are_allowed() {
        let known = secrets(&[SECRET]).unwrap();
        for seconds in [-300, -1, 299, 300] {
            assert_eq!(known.verify(SIGNED, BODY, after(seconds)), Ok(()), "{seconds}");
        }
        for seconds in [-301, 301, 86_400] {
            assert_eq!(known.verify(SIGNED, BODY, after(seconds)), Err(WebhookProblem::OutOfTime), "{seconds}");
        }
    }

    #[test]
    fn a_time_that_is_none_is_out_of_time_though_it_was_signed() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &BASE64_STANDARD.decode(&SECRET[6..]).unwrap());
        for timestamp in ["soon", "", "-1", "99999999999999999999", "1e9"] {
            let tag = hmac::sign(&key, format!("msg_1.{timestamp}.{{}}").as_bytes());
            let signatures = format!("v1,{}", BASE64_STANDARD.encode(tag));
            let signed = Signed { id: "msg_1", timestamp, signatures: &signatures };
            let verified = secrets(&[SECRET]).unwrap().verify(signed, b"{}", after(0));
            assert_eq!(verified, Err(WebhookProblem::OutOfTime), "{timestamp:?}");
        }
    }

    #[test]
    fn secrets_that_are_none_are_refused_and_never_shown() {
        for bad in ["plJ3nmyCDGBKInavdOK15jsl", "whsec_", "whsec_c2hvcnQ=", "whsec_%%%"] {
            assert_eq!(secrets(&[bad]).err(), Some(SecretError::Malformed), "{bad}");
        }
        assert_eq!(secrets(&[SECRET, SECRET, SECRET]).err(), Some(SecretError::TooMany));
        assert_eq!(format!("{:?}", secrets(&[SECRET]).unwrap()), "Secrets(1)");
    }
}
