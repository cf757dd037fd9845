//! From the environment variables of a function to a verifier.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use dais_function::Settings;
use dais_identity::{IdentityError, Verifier};
use serde_json::json;
use support::*;

fn verifier_from(values: &[(&str, &str)]) -> Result<Verifier, String> {
    let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Verifier::from_settings(&Settings::from_map(values)).map_err(|error| error.to_string())
}

#[tokio::test]
async fn with_the_keys_in_the_settings_no_network_is_needed() {
    let keys = String::from_utf8(jwks([key()])).unwrap();
    let verifier = verifier_from(&[
        ("IDENTITY_ISSUER", ISSUER),
        ("IDENTITY_AUTHORIZED_PARTIES", "https://a.example.com, https://meet.example.com"),
        ("IDENTITY_JWKS", &keys),
    ])
    .unwrap();
    verifier.verify(&token(json!({})), now()).await.unwrap();
    verifier.verify(&token(json!({"azp": "https://a.example.com"})), now()).await.unwrap();
    let refused = verifier.verify(&token(json!({"azp": "https://b.example.com"})), now()).await;
    assert_eq!(refused.err(), Some(IdentityError::WrongParty));
    let unknown = other_key().sign(&with(header(), json!({"kid": other_key().kid})), &claims());
    assert_eq!(verifier.verify(&unknown, now()).await.err(), Some(IdentityError::UnknownKey));
}

#[test]
fn without_keys_the_issuer_is_where_they_come_from() {
    assert!(verifier_from(&[("IDENTITY_ISSUER", ISSUER), ("IDENTITY_JWKS", "")]).is_ok());
}

#[test]
fn what_is_wrong_is_named() {
    assert!(verifier_from(&[]).unwrap_err().contains("IDENTITY_ISSUER"));
    assert!(verifier_from(&[("IDENTITY_ISSUER", "http://clerk.example.com")]).unwrap_err().contains("IDENTITY_ISSUER"));
    assert!(
        verifier_from(&[("IDENTITY_ISSUER", ISSUER), ("IDENTITY_JWKS", "{}")]).unwrap_err().contains("IDENTITY_JWKS")
    );
}
