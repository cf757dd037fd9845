//! Tokens with a right signature that are not for us, not now, or not for anybody.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use dais_domain::Timestamp;
use dais_identity::{IdentityError, KeySet, Keys};
use serde_json::{Value, json};
use support::*;

#[track_caller]
fn check(result: Result<dais_identity::Identity, IdentityError>, expected: Option<IdentityError>, of: &Value) {
    assert_eq!(result.err(), expected, "{of}");
}

async fn refused(claims: Value, expected: IdentityError) {
    check(verifier().verify(&token(claims.clone()), now()).await, Some(expected), &claims);
}

async fn accepted(claims: Value) {
    check(verifier().verify(&token(claims.clone()), now()).await, None, &claims);
}

#[tokio::test]
async fn after_the_token_has_expired() {
    // Five seconds of skew, and not one more.
    accepted(json!({"exp": NOW_S - 4})).await;
    refused(json!({"exp": NOW_S - 5}), IdentityError::TokenExpired).await;
    refused(json!({"exp": 0}), IdentityError::TokenExpired).await;
}

#[tokio::test]
async fn before_the_token_is_valid() {
    accepted(json!({"nbf": NOW_S + 5})).await;
    refused(json!({"nbf": NOW_S + 6}), IdentityError::TokenNotYetValid).await;
}

#[tokio::test]
async fn before_the_token_was_made() {
    accepted(json!({"iat": NOW_S + 5})).await;
    refused(json!({"iat": NOW_S + 6}), IdentityError::TokenNotYetValid).await;
}

#[tokio::test]
async fn the_skew_is_exact_to_the_millisecond() {
    let expiring = token(json!({"exp": NOW_S}));
    let at = |ms: u64| Timestamp::from_ms(NOW_S * 1000 + ms);
    verifier().verify(&expiring, at(4_999)).await.unwrap();
    assert_eq!(verifier().verify(&expiring, at(5_000)).await.unwrap_err(), IdentityError::TokenExpired);
}

#[tokio::test]
async fn times_that_are_no_times() {
    for claims in [
        json!({"exp": null}),
        json!({"exp": "2000000050"}),
        json!({"exp": -1}),
        json!({"exp": 1e300}),
        json!({"exp": true}),
        json!({"nbf": "soon"}),
        json!({"nbf": -1e300}),
        json!({"iat": []}),
    ] {
        refused(claims, IdentityError::TokenMalformed).await;
    }
}

#[tokio::test]
async fn tokens_of_another_issuer() {
    for issuer in [
        "https://clerk.example.com/",
        "https://clerk.example.co",
        "HTTPS://clerk.example.com",
        "",
        "https://evil.example.com",
    ] {
        refused(json!({"iss": issuer}), IdentityError::WrongIssuer).await;
    }
}

#[tokio::test]
async fn tokens_without_an_issuer_that_is_one_string() {
    for issuer in [Value::Null, json!([ISSUER]), json!(7)] {
        refused(json!({"iss": issuer}), IdentityError::TokenMalformed).await;
    }
}

#[tokio::test]
async fn tokens_for_another_front_end() {
    for party in
        ["https://evil.example.com", "https://meet.example.com/", "https://meet.example.com.evil.com", "", "null"]
    {
        refused(json!({"azp": party}), IdentityError::WrongParty).await;
    }
    refused(json!({"azp": [PARTY]}), IdentityError::TokenMalformed).await;
}

#[tokio::test]
async fn tokens_for_any_front_end_if_none_is_authorized() {
    let strict = verifier_for(&[], Keys::Fixed(KeySet::parse(&jwks([key()])).unwrap()));
    assert_eq!(strict.verify(&token(json!({})), now()).await.unwrap_err(), IdentityError::WrongParty);
}

#[tokio::test]
async fn tokens_for_another_service() {
    for audience in [json!("hasura"), json!(["hasura", "convex"])] {
        refused(json!({"aud": audience}), IdentityError::WrongParty).await;
    }
}

#[tokio::test]
async fn sign_ins_that_are_not_complete() {
    refused(json!({"sts": "pending"}), IdentityError::SessionPending).await;
}

#[tokio::test]
async fn users_whose_id_could_not_be_a_key() {
    for user in [json!(""), json!("a#b"), json!("a b"), json!("ü"), json!("x".repeat(129)), json!(7), Value::Null] {
        refused(json!({"sub": user}), IdentityError::TokenMalformed).await;
    }
}

#[tokio::test]
async fn sessions_whose_id_is_none() {
    for session in [json!(""), json!("a\nb"), json!("x".repeat(129)), json!(7)] {
        refused(json!({"sid": session}), IdentityError::TokenMalformed).await;
    }
}

#[tokio::test]
async fn impersonation_that_does_not_say_by_whom() {
    for actor in [json!({}), json!({"sub": 7}), json!({"sub": ""}), json!("user_staff"), json!(true)] {
        refused(json!({"act": actor}), IdentityError::TokenMalformed).await;
    }
}

#[tokio::test]
async fn claims_that_occur_twice() {
    let claims = claims().to_string().replacen('{', r#"{"sub":"user_other","#, 1);
    // Signed as it stands: serde_json::Value could not hold both.
    let token = key().sign_text(&header().to_string(), &claims);
    check(verifier().verify(&token, now()).await, Some(IdentityError::TokenMalformed), &json!(claims));
}
