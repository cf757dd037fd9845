//! Tokens, names and addresses stay out of messages and debug output.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::BTreeSet;

use dais_identity::IdentityError::{self, *};
use serde_json::json;
use support::*;

const ALL: [IdentityError; 11] = [
    TokenMissing,
    TokenMalformed,
    TokenExpired,
    TokenNotYetValid,
    WrongAlgorithm,
    WrongSignature,
    WrongIssuer,
    WrongParty,
    UnknownKey,
    KeysUnavailable,
    SessionPending,
];

#[test]
fn every_refusal_has_a_code_of_its_own_and_a_sentence() {
    assert_eq!(ALL.map(IdentityError::code).into_iter().collect::<BTreeSet<_>>().len(), ALL.len());
    for error in ALL {
        assert!(error.code().chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{error:?}");
        assert!(error.to_string().ends_with('.'), "{error}");
    }
}

#[tokio::test]
async fn an_identity_shows_ids_and_not_who_it_is() {
    let claims = json!({"name": "Ada Secret", "email": "ada@secret.example.com", "email_verified": true, "image_url": "https://secret.example.com/a.png"});
    let identity = verifier().verify(&token(claims), now()).await.unwrap();
    let shown = format!("{identity:?}");
    assert!(shown.contains("user_2abcDEF") && shown.contains("sess_1"), "{shown}");
    assert!(!shown.to_lowercase().contains("secret"), "{shown}");
}

#[test]
fn a_verifier_shows_its_settings_and_not_its_keys() {
    let shown = format!("{:?}", verifier());
    assert!(shown.contains(ISSUER) && shown.contains(PARTY), "{shown}");
    assert!(!shown.contains(key().jwk()["n"].as_str().unwrap()), "{shown}");
}
