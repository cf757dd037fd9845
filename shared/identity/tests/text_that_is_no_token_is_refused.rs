//! Whatever arrives in the place of a token, there is an answer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use dais_identity::{IdentityError, MAX_TOKEN_BYTES};
use serde_json::json;
use support::*;

async fn verdict(token: &str) -> Option<IdentityError> {
    verifier().verify(token, now()).await.err()
}

#[tokio::test]
async fn nothing() {
    assert_eq!(verdict("").await, Some(IdentityError::TokenMissing));
}

#[tokio::test]
async fn text_that_has_not_three_parts_of_base64() {
    let good = token(json!({}));
    let padded = good.replacen('.', "=.", 1);
    for text in [
        ".",
        "..",
        "...",
        "a.b",
        "a.b.c",
        "a.b.c.d",
        "Bearer x",
        "ä.ö.ü",
        "null",
        " ",
        &padded,
        &format!("{good}."),
        &format!(" {good}"),
    ] {
        assert_eq!(verdict(text).await, Some(IdentityError::TokenMalformed), "{text}");
    }
}

#[tokio::test]
async fn parts_that_are_not_json_objects() {
    let (header, claims) = (part(&header()), part(&claims()));
    for wrong in ["", "x", "[]", "null", "7", "{", "{}{}", "\u{0}"] {
        let wrong = URL_SAFE_NO_PAD.encode(wrong);
        assert_eq!(verdict(&format!("{wrong}.{claims}.AAAA")).await, Some(IdentityError::TokenMalformed));
        assert_eq!(verdict(&format!("{header}.{wrong}.AAAA")).await, Some(IdentityError::TokenMalformed));
    }
}

#[tokio::test]
async fn json_that_is_nested_very_deeply() {
    let deep = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":{}"#, "[".repeat(5_000)));
    assert_eq!(verdict(&format!("{deep}.e30.AAAA")).await, Some(IdentityError::TokenMalformed));
}

#[tokio::test]
async fn a_token_that_is_too_long_although_it_is_right() {
    let padding = |bytes: usize| token(json!({"padding": "x".repeat(bytes)}));
    assert_eq!(verdict(&padding(4_000)).await, None);
    let long = padding(8_000);
    assert!(long.len() > MAX_TOKEN_BYTES);
    assert_eq!(verdict(&long).await, Some(IdentityError::TokenMalformed));
}

#[tokio::test]
async fn a_token_cut_anywhere() {
    let good = token(json!({}));
    for length in 0..good.len() {
        assert!(verdict(&good[..length]).await.is_some(), "{length}");
    }
}
