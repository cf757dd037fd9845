//! A token of the local identity provider passes a verifier that knows nothing but the issuer's address, as Clerk's do.
#![allow(clippy::unwrap_used)]

mod support;

use std::{net::SocketAddr, time::Duration};

use dais_local::{
    clock::Clock,
    identity_provider::{IdentityProvider, routes},
    table::Place,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::Value;

const ISSUER: &str = "http://127.0.0.1:3000/_local";

async fn served() -> (SocketAddr, Clock) {
    let clock = Clock::new();
    let provider = IdentityProvider::open(&Place::Memory, ISSUER, clock.clone()).unwrap();
    (support::serve(routes(provider)).await, clock)
}

/// Header and claims, after verification of signature, issuer, `exp` and `nbf` by the machine's clock.
async fn verified(address: SocketAddr, token: &str) -> Result<Value, jsonwebtoken::errors::Error> {
    let keys = support::get(address, "/_local/.well-known/jwks.json").await;
    let keys: JwkSet = serde_json::from_str(&keys.body).unwrap();
    let header = decode_header(token).unwrap();
    assert_eq!(header.alg, Algorithm::RS256);
    let key = keys.find(&header.kid.unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "sub"]);
    validation.validate_nbf = true;
    validation.leeway = 0;
    Ok(decode::<Value>(token, &DecodingKey::from_jwk(key).unwrap(), &validation)?.claims)
}

async fn token(address: SocketAddr, query: &str) -> (String, String) {
    let answer = support::get(address, &format!("/_local/token?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer = answer.json();
    (answer["token"].as_str().unwrap().to_owned(), answer["userId"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_session_token_is_verified_with_the_published_keys() {
    let (address, _) = served().await;
    let (token, user_id) = token(address, "user=ada").await;
    let claims = verified(address, &token).await.unwrap();

    assert_eq!(claims["sub"], user_id.as_str());
    assert_eq!(claims["azp"], "http://127.0.0.1:3000");
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 60);
    assert!(claims["nbf"].as_u64().unwrap() <= claims["iat"].as_u64().unwrap());
    assert_eq!((&claims["v"], &claims["sts"]), (&Value::from(2), &Value::from("active")));
    assert!(claims["sid"].as_str().unwrap().starts_with("sess_"));
    assert!(claims["fva"].is_array() && claims["jti"].is_string());
    assert_eq!(claims["name"], "Ada");
    assert_eq!((&claims["email"], &claims["email_verified"]), (&"ada@example.com".into(), &true.into()));
    let letters = user_id.strip_prefix("user_").unwrap();
    assert!(letters.len() >= 24 && letters.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
}

#[tokio::test]
async fn a_changed_token_is_refused() {
    let (address, _) = served().await;
    let (ada, _) = token(address, "user=ada").await;
    let (bo, _) = token(address, "user=bo").await;
    let (signed, _) = ada.rsplit_once('.').unwrap();
    let (_, signature) = bo.rsplit_once('.').unwrap();
    assert!(verified(address, &format!("{signed}.{signature}")).await.is_err());
}

#[tokio::test]
async fn what_is_asked_for_is_in_the_token() {
    let (address, _) = served().await;
    let query = "user=ada&name=Ada%20Lovelace&email=ada%40engine.org&verified=false&ttl=3600&azp=https%3A%2F%2Fa.example&picture=https%3A%2F%2Fa.example%2Fp.png";
    let claims = verified(address, &token(address, query).await.0).await.unwrap();
    assert_eq!(claims["name"], "Ada Lovelace");
    assert_eq!((&claims["email"], &claims["email_verified"]), (&"ada@engine.org".into(), &false.into()));
    assert_eq!(claims["azp"], "https://a.example");
    assert_eq!(claims["picture"], "https://a.example/p.png");
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 3600);

    let claims = verified(address, &token(address, "user=cy&name=&email=&azp=").await.0).await.unwrap();
    for absent in ["name", "email", "email_verified", "azp"] {
        assert!(claims.get(absent).is_none(), "{absent}");
    }
}

#[tokio::test]
async fn the_same_user_has_the_same_id_and_another_has_another() {
    let (address, _) = served().await;
    let (_, ada) = token(address, "user=ada").await;
    assert_eq!(token(address, "user=Ada&name=Ada%20L").await.1, ada);
    assert_ne!(token(address, "user=bo").await.1, ada);
    let (other, _) = served().await;
    assert_eq!(token(other, "user=ada").await.1, ada, "in any local cloud");
}

#[tokio::test]
async fn a_token_goes_by_the_local_clock() {
    let (address, clock) = served().await;
    let (expired, _) = token(address, "user=ada&ttl=-1").await;
    assert!(verified(address, &expired).await.is_err());
    clock.advance(Duration::from_secs(7200));
    // The verifier here goes by the machine's clock: for it this token is of the future.
    assert!(verified(address, &token(address, "user=ada").await.0).await.is_err());
}

#[tokio::test]
async fn a_mistake_is_answered_with_a_sentence_that_names_it() {
    let (address, _) = served().await;
    for (query, named) in [
        ("", "user"),
        ("user=", "user"),
        ("user=a%20b", "user"),
        ("user=ada&user=bo", "user"),
        ("user=ada&ttl=soon", "ttl"),
        ("user=ada&ttl=999999999999", "ttl"),
        ("user=ada&verified=yes", "verified"),
        ("user=ada&email=nobody", "email"),
        ("user=ada&name=a%0Ab", "name"),
        ("user=ada&role=host", "role"),
    ] {
        let refused = support::get(address, &format!("/_local/token?{query}")).await;
        assert_eq!(refused.status, 400, "{query}");
        assert!(refused.json()["error"].as_str().unwrap().contains(named), "{}", refused.body);
    }
}

#[tokio::test]
async fn any_page_may_ask_for_a_token() {
    let (address, _) = served().await;
    let answer = support::get(address, "/_local/token?user=ada").await;
    assert!(answer.head.contains("access-control-allow-origin: *"), "{}", answer.head);
}
