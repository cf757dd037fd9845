//! Attacks on the signature (RFC 8725, section 2).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use aws_lc_rs::{
    hmac,
    signature::{KeyPair, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use dais_identity::{IdentityError, KeySet, Keys};
use serde_json::{Value, json};
use support::*;

async fn refused(token: &str, expected: IdentityError) {
    assert_eq!(verifier().verify(token, now()).await.err(), Some(expected), "{token}");
}

fn with_alg(alg: impl Into<Value>) -> Value {
    with(header(), json!({"alg": alg.into()}))
}

#[tokio::test]
async fn tokens_that_are_not_signed() {
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let message = message(&with_alg(alg), &claims());
        refused(&format!("{message}."), IdentityError::WrongAlgorithm).await;
        refused(&format!("{message}.AAAA"), IdentityError::WrongAlgorithm).await;
    }
    refused(&format!("{}.", message(&header(), &claims())), IdentityError::WrongSignature).await;
}

/// "Algorithm confusion": the attacker knows the public key and uses it as the secret of an HMAC.
#[tokio::test]
async fn tokens_signed_with_the_public_key_as_a_secret() {
    let public = key().pair.public_key();
    let modulus = public.modulus().big_endian_without_leading_zero().to_vec();
    let secrets = [
        public.as_ref().to_vec(),
        modulus.clone(),
        URL_SAFE_NO_PAD.encode(modulus).into_bytes(),
        key().jwk().to_string().into_bytes(),
        jwks([key()]),
    ];
    for (alg, expected) in [("HS256", IdentityError::WrongAlgorithm), ("RS256", IdentityError::WrongSignature)] {
        for secret in &secrets {
            let message = message(&with_alg(alg), &claims());
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
            refused(&format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag)), expected).await;
        }
    }
}

#[tokio::test]
async fn tokens_of_another_algorithm_even_if_the_key_is_right() {
    for alg in ["RS384", "RS512", "PS256", "ES256", "EdDSA", "HS384", "HS512", "rs256", "RS256 "] {
        refused(&key().sign(&with_alg(alg), &claims()), IdentityError::WrongAlgorithm).await;
    }
    refused(&key().sign_with(&RSA_PKCS1_SHA384, &with_alg("RS384"), &claims()), IdentityError::WrongAlgorithm).await;
    refused(&key().sign_with(&RSA_PSS_SHA256, &with_alg("PS256"), &claims()), IdentityError::WrongAlgorithm).await;
}

#[tokio::test]
async fn tokens_that_say_rs256_and_are_signed_otherwise() {
    for encoding in [&RSA_PKCS1_SHA384, &RSA_PKCS1_SHA512] {
        refused(&key().sign_with(encoding, &header(), &claims()), IdentityError::WrongSignature).await;
    }
    refused(&key().sign_with(&RSA_PSS_SHA256, &header(), &claims()), IdentityError::WrongSignature).await;
}

#[tokio::test]
async fn tokens_whose_algorithm_is_no_string() {
    for alg in [json!(null), json!(["RS256"]), json!(256)] {
        let mut header = header();
        header["alg"] = alg;
        refused(&key().sign(&header, &claims()), IdentityError::TokenMalformed).await;
    }
}

#[tokio::test]
async fn tokens_signed_by_somebody_else_under_the_name_of_our_key() {
    refused(&other_key().sign(&header(), &claims()), IdentityError::WrongSignature).await;
}

#[tokio::test]
async fn tokens_that_bring_their_own_key() {
    let header = with(
        header(),
        json!({
            "jwk": with(other_key().jwk(), json!({"kid": key().kid})),
            "jku": "https://attacker.example.com/jwks.json",
            "x5u": "https://attacker.example.com/cert.pem",
        }),
    );
    refused(&other_key().sign(&header, &claims()), IdentityError::WrongSignature).await;
}

#[tokio::test]
async fn tokens_of_an_unknown_key() {
    let header = with(header(), json!({"kid": other_key().kid}));
    refused(&other_key().sign(&header, &claims()), IdentityError::UnknownKey).await;
}

#[tokio::test]
async fn tokens_that_name_no_key() {
    for kid in [Value::Null, json!("")] {
        refused(&key().sign(&with(header(), json!({"kid": kid})), &claims()), IdentityError::UnknownKey).await;
    }
    refused(&key().sign(&with(header(), json!({"kid": 7})), &claims()), IdentityError::TokenMalformed).await;
}

#[tokio::test]
async fn tokens_that_were_altered() {
    let good = token(json!({}));
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (header, _claims) = message.split_once('.').unwrap();
    let altered = part(&with(claims(), json!({"sub": "user_admin"})));
    refused(&format!("{header}.{altered}.{signature}"), IdentityError::WrongSignature).await;

    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    bytes[100] ^= 1;
    refused(&format!("{message}.{}", URL_SAFE_NO_PAD.encode(&bytes)), IdentityError::WrongSignature).await;
    refused(&format!("{message}.{}", URL_SAFE_NO_PAD.encode(&bytes[..128])), IdentityError::WrongSignature).await;
}

/// A 1024 bit key and a token that it has signed, made with OpenSSL: aws-lc-rs does not make such keys.
const WEAK_MODULUS: &str = "\
    w8rUjvHpNuifCuGkxhjOYCi29CtiWMjlnQoDtZjPzXexgJ1Nb_nC-Y1FO--QKWkiJZYTErik13_CP4yicG5X5gdzoyMaeIiUlVzI\
    YxJpUtZKFKqFx001L_YSBUEm-3pvnXvY6J8WpSxoQPspVhf26jz59sZeQXvFucp4pAQZNu8";
const WEAK_TOKEN: &str = "\
    eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6IndlYWsifQ.eyJpc3MiOiJodHRwczovL2NsZXJrLmV4YW1wbGUuY29tI\
    iwic3ViIjoidXNlcl8yYWJjREVGIiwiYXpwIjoiaHR0cHM6Ly9tZWV0LmV4YW1wbGUuY29tIiwiaWF0IjoxOTk5OTk5OTkwLCJle\
    HAiOjIwMDAwMDAwNTB9.AaadRCCaOz5Coi0QYAIIskc9JFnXWhZrwZ7Zuc6p76dlPznGNkU-fL9ldK5192dqSIIcsSZjHKSspTda\
    ohYQXtW2SBM1ubJ27i-hxe371nd_ocmLLlFwwa2PIhWb3vTzM1o5LwjWspXYb59JqeSS58ryz5a6bhX_R_PPVBs9RGI";

#[tokio::test]
async fn tokens_signed_with_a_key_that_is_too_short() {
    let weak = json!({"kty": "RSA", "kid": "weak", "alg": "RS256", "e": "AQAB", "n": WEAK_MODULUS});
    let keys = KeySet::parse(json!({"keys": [weak]}).to_string().as_bytes()).unwrap();
    let verifier = verifier_for(&[PARTY], Keys::Fixed(keys));
    assert_eq!(verifier.verify(WEAK_TOKEN, now()).await.err(), Some(IdentityError::WrongSignature));
}

#[tokio::test]
async fn tokens_of_another_kind_with_the_same_keys() {
    for typ in ["at+jwt", "application/at+jwt", "dpop+jwt", ""] {
        refused(&key().sign(&with(header(), json!({"typ": typ})), &claims()), IdentityError::TokenMalformed).await;
    }
}

#[tokio::test]
async fn tokens_whose_header_demands_to_be_understood() {
    for crit in [json!(["b64"]), json!([]), json!("exp")] {
        refused(
            &key().sign(&with(header(), json!({"crit": crit, "b64": false})), &claims()),
            IdentityError::TokenMalformed,
        )
        .await;
    }
}
