//! What a token says when everything about it is right.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use dais_domain::Timestamp;
use dais_identity::{Identity, KeySet, Keys};
use serde_json::{Value, json};
use support::*;

async fn identity(claims: Value) -> Identity {
    verifier().verify(&token(claims), now()).await.unwrap()
}

#[tokio::test]
async fn with_the_claims_that_every_session_token_has() {
    let identity = identity(json!({})).await;
    assert_eq!(identity.user_id.as_str(), "user_2abcDEF");
    assert_eq!(identity.session_id.as_deref(), Some("sess_1"));
    assert_eq!(identity.expires_at, Timestamp::from_ms((NOW_S + 50) * 1000));
    assert_eq!((identity.name, identity.image_url, identity.email, identity.impersonated_by), (None, None, None, None));
}

#[tokio::test]
async fn with_a_name_and_a_picture() {
    let identity = identity(json!({"name": " Ada\n Lovelace ", "image_url": "https://img.example.com/a.png"})).await;
    assert_eq!(identity.name.unwrap().as_str(), "Ada Lovelace");
    assert_eq!(identity.image_url.unwrap().as_str(), "https://img.example.com/a.png");
}

#[tokio::test]
async fn with_a_picture_as_openid_connect_calls_it() {
    let identity =
        identity(json!({"image_url": "javascript:alert(1)", "picture": "https://img.example.com/p.png"})).await;
    assert_eq!(identity.image_url.unwrap().as_str(), "https://img.example.com/p.png");
}

#[tokio::test]
async fn with_a_verified_email() {
    let identity = identity(json!({"email": "ada@example.com", "email_verified": true})).await;
    assert_eq!(identity.email.as_deref(), Some("ada@example.com"));
}

#[tokio::test]
async fn without_an_email_that_nobody_verified() {
    for verified in
        [json!({"email_verified": false}), json!({"email_verified": "true"}), json!({"email_verified": 1}), json!({})]
    {
        let claims = with(json!({"email": "ada@example.com"}), verified.clone());
        assert_eq!(identity(claims).await.email, None, "{verified}");
    }
}

#[tokio::test]
async fn without_an_email_that_no_mail_could_carry() {
    for email in [
        json!(""),
        json!("ada"),
        json!("@b"),
        json!("a@"),
        json!("a b@c"),
        json!("a@b\r\nBcc: x"),
        json!(7),
        json!("a@b".repeat(100)),
    ] {
        assert_eq!(identity(json!({"email": email, "email_verified": true})).await.email, None, "{email}");
    }
}

#[tokio::test]
async fn with_descriptions_of_the_user_that_make_no_sense() {
    let identity =
        identity(json!({"name": 7, "image_url": [], "picture": false, "email": {}, "email_verified": true})).await;
    assert_eq!((identity.name, identity.image_url, identity.email), (None, None, None));
}

#[tokio::test]
async fn with_claims_that_are_null() {
    let mut claims = claims();
    for name in ["name", "image_url", "email", "azp", "sid", "nbf", "iat", "sts", "act"] {
        claims[name] = Value::Null;
    }
    let identity = verifier().verify(&key().sign(&header(), &claims), now()).await.unwrap();
    assert_eq!((identity.session_id, identity.impersonated_by), (None, None));
}

#[tokio::test]
async fn with_somebody_who_acts_as_the_user() {
    let identity =
        identity(json!({"act": {"iss": "https://dashboard.clerk.com", "sub": "user_staff", "sid": "sess_9"}})).await;
    assert_eq!(identity.impersonated_by.as_deref(), Some("user_staff"));
    assert_eq!(identity.user_id.as_str(), "user_2abcDEF");
}

#[tokio::test]
async fn outside_a_browser_where_there_is_no_authorized_party() {
    identity(json!({"azp": null})).await;
    let strict = verifier_for(&[], Keys::Fixed(KeySet::parse(&jwks([key()])).unwrap()));
    strict.verify(&token(json!({"azp": null})), now()).await.unwrap();
}

#[tokio::test]
async fn with_an_audience_that_is_an_authorized_party() {
    identity(json!({"aud": PARTY})).await;
    identity(json!({"aud": ["https://elsewhere.example.com", PARTY]})).await;
}

#[tokio::test]
async fn with_an_active_session() {
    identity(json!({"sts": "active"})).await;
}

#[tokio::test]
async fn with_header_fields_that_nobody_knows_or_that_would_bring_a_key() {
    let header = with(
        header(),
        json!({
            "new": {"field": [1]},
            "jku": "https://attacker.example.com/jwks.json",
            "x5u": "https://attacker.example.com/cert.pem",
            "jwk": other_key().jwk(),
        }),
    );
    verifier().verify(&key().sign(&header, &claims()), now()).await.unwrap();
}

#[tokio::test]
async fn without_a_type_or_with_it_in_small_letters() {
    for typ in [Value::Null, json!("jwt")] {
        let header = with(header(), json!({"typ": typ}));
        verifier().verify(&key().sign(&header, &claims()), now()).await.unwrap();
    }
}

#[tokio::test]
async fn with_times_that_have_a_fraction() {
    let identity = identity(json!({"exp": NOW_S as f64 + 50.25, "nbf": NOW_S as f64 - 0.5})).await;
    assert_eq!(identity.expires_at, Timestamp::from_ms((NOW_S + 50) * 1000 + 250));
}

#[tokio::test]
async fn at_a_time_that_the_request_gives_and_not_the_clock_of_the_machine() {
    let long_ago = json!({"iat": 1_000_000_000, "nbf": 1_000_000_000, "exp": 1_000_000_060});
    verifier().verify(&token(long_ago), Timestamp::from_ms(1_000_000_030_000)).await.unwrap();
    verifier().verify(&token(json!({})), now()).await.unwrap();
}
