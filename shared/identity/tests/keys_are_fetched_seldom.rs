//! The key cache: when it asks the identity provider, and what it does without an answer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use dais_identity::{IdentityError, KeyCache, Keys};
use futures::future::join_all;
use serde_json::json;
use support::*;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// A cache, its source, and a clock that starts now.
fn cache(answers: impl IntoIterator<Item = Option<Vec<u8>>>) -> (KeyCache, Arc<ScriptedSource>, Instant) {
    let source = ScriptedSource::new(answers);
    (KeyCache::new(source.clone()), source, Instant::now())
}

fn known() -> Option<Vec<u8>> {
    Some(jwks([key()]))
}

async fn ask(cache: &KeyCache, key_id: &str, at: Instant) -> Result<(), IdentityError> {
    cache.key(key_id, at).await.map(drop)
}

#[tokio::test]
async fn once_for_many_tokens() {
    let source = ScriptedSource::new([known()]);
    let verifier = verifier_for(&[PARTY], Keys::Fetched(source.clone()));
    assert_eq!(source.fetches(), 0);
    for _ in 0..10 {
        verifier.verify(&token(json!({})), now()).await.unwrap();
    }
    assert_eq!(source.fetches(), 1);
}

#[tokio::test]
async fn once_for_a_flood_of_made_up_key_ids() {
    let source = ScriptedSource::new([known()]);
    let verifier = verifier_for(&[PARTY], Keys::Fetched(source.clone()));
    let tokens = (0..500).map(|n| key().sign(&with(header(), json!({"kid": format!("made-up-{n}")})), &claims()));
    for token in tokens.collect::<Vec<_>>() {
        assert_eq!(verifier.verify(&token, now()).await.err(), Some(IdentityError::UnknownKey));
    }
    verifier.verify(&token(json!({})), now()).await.unwrap();
    assert_eq!(source.fetches(), 1);
}

#[tokio::test]
async fn never_for_tokens_that_no_key_could_make_right() {
    let source = ScriptedSource::new([known()]);
    let verifier = verifier_for(&[PARTY], Keys::Fetched(source.clone()));
    for token in [
        "a.b.c".to_owned(),
        token(json!({"iss": "https://evil.example.com"})),
        key().sign(&with(header(), json!({"alg": "HS256"})), &claims()),
    ] {
        assert!(verifier.verify(&token, now()).await.is_err());
    }
    assert_eq!(source.fetches(), 0);
}

#[tokio::test]
async fn once_for_many_who_ask_at_the_same_time() {
    let (cache, source, start) = cache([known()]);
    let answers = join_all((0..50).map(|_| ask(&cache, key().kid, start))).await;
    assert_eq!(answers, vec![Ok(()); 50]);
    assert_eq!(source.fetches(), 1);
}

#[tokio::test]
async fn once_for_many_who_ask_at_the_same_time_in_vain() {
    let (cache, source, start) = cache([None]);
    let answers = join_all((0..50).map(|_| ask(&cache, key().kid, start))).await;
    assert_eq!(answers, vec![Err(IdentityError::KeysUnavailable); 50]);
    assert_eq!(source.fetches(), 1);
}

#[tokio::test]
async fn again_for_a_new_key_but_not_within_five_minutes() {
    let (cache, source, start) = cache([known(), Some(jwks([key(), other_key()]))]);
    ask(&cache, key().kid, start).await.unwrap();
    let just_before = start + 5 * MINUTE - Duration::from_millis(1);
    assert_eq!(ask(&cache, other_key().kid, just_before).await, Err(IdentityError::UnknownKey));
    assert_eq!(source.fetches(), 1);
    ask(&cache, other_key().kid, start + 5 * MINUTE).await.unwrap();
    assert_eq!(source.fetches(), 2);
}

#[tokio::test]
async fn at_most_every_five_minutes_under_a_lasting_flood() {
    let (cache, source, start) = cache([known()]);
    for second in 0..3600 {
        let _ = ask(&cache, &format!("made-up-{second}"), start + Duration::from_secs(second)).await;
    }
    assert_eq!(source.fetches(), 12);
}

#[tokio::test]
async fn known_keys_serve_on_when_a_fetch_for_an_unknown_one_fails() {
    let (cache, source, start) = cache([known(), None]);
    ask(&cache, key().kid, start).await.unwrap();
    assert_eq!(ask(&cache, "new", start + HOUR).await, Err(IdentityError::UnknownKey));
    ask(&cache, key().kid, start + HOUR).await.unwrap();
    assert_eq!(source.fetches(), 2);
    // The failed fetch counts towards the five minutes too.
    assert_eq!(ask(&cache, "new", start + HOUR + 4 * MINUTE).await, Err(IdentityError::UnknownKey));
    assert_eq!(source.fetches(), 2);
}

#[tokio::test]
async fn at_most_every_second_before_the_first_keys() {
    let (cache, source, start) = cache([None, None, known()]);
    let at = |ms| start + Duration::from_millis(ms);
    for (ms, fetches) in [(0, 1), (999, 1), (1_000, 2), (1_999, 2)] {
        assert_eq!(ask(&cache, key().kid, at(ms)).await, Err(IdentityError::KeysUnavailable), "{ms}");
        assert_eq!(source.fetches(), fetches, "{ms}");
    }
    ask(&cache, key().kid, at(2_000)).await.unwrap();
    assert_eq!(source.fetches(), 3);
}

#[tokio::test]
async fn again_after_half_a_day_so_that_withdrawn_keys_go() {
    let (cache, source, start) = cache([Some(jwks([key(), other_key()])), known()]);
    ask(&cache, other_key().kid, start).await.unwrap();
    ask(&cache, other_key().kid, start + 12 * HOUR - MINUTE).await.unwrap();
    assert_eq!(source.fetches(), 1);
    assert_eq!(ask(&cache, other_key().kid, start + 12 * HOUR).await, Err(IdentityError::UnknownKey));
    assert_eq!(source.fetches(), 2);
    ask(&cache, key().kid, start + 12 * HOUR).await.unwrap();
    assert_eq!(source.fetches(), 2);
}

#[tokio::test]
async fn keys_serve_for_a_day_without_the_provider_and_not_longer() {
    let (cache, source, start) = cache([known(), None]);
    for hour in 0..24 {
        ask(&cache, key().kid, start + hour * HOUR).await.unwrap();
    }
    // Tried once at the start and each hour from the twelfth on.
    assert_eq!(source.fetches(), 13);
    assert_eq!(ask(&cache, key().kid, start + 24 * HOUR).await, Err(IdentityError::KeysUnavailable));
}

#[tokio::test]
async fn keys_that_are_too_old_come_back_with_the_provider() {
    let (cache, _source, start) = cache([known(), None, known()]);
    ask(&cache, key().kid, start).await.unwrap();
    assert_eq!(ask(&cache, key().kid, start + 48 * HOUR).await, Err(IdentityError::KeysUnavailable));
    ask(&cache, key().kid, start + 48 * HOUR + Duration::from_secs(1)).await.unwrap();
}

#[tokio::test]
async fn answers_without_usable_keys_are_failures() {
    for answer in [&b""[..], b"<html>", b"{}", b"[]", br#"{"keys":[]}"#, br#"{"keys":[7,{"kid":"a"}]}"#] {
        let (cache, source, start) = cache([known(), Some(answer.to_vec())]);
        ask(&cache, key().kid, start).await.unwrap();
        let _ = ask(&cache, "new", start + HOUR).await;
        assert_eq!(source.fetches(), 2);
        ask(&cache, key().kid, start + HOUR).await.unwrap();
    }
}

#[tokio::test]
async fn keys_for_other_purposes_are_skipped() {
    let mut keys = vec![json!({"kty": "EC", "kid": "ec", "crv": "P-256", "x": "AA", "y": "AA"}), json!("noise")];
    for (kid, member, value) in
        [("enc", "use", "enc"), ("rs512", "alg", "RS512"), ("oct", "kty", "oct"), ("bad", "n", "!")]
    {
        keys.push(with(other_key().jwk(), json!({"kid": kid, member: value})));
    }
    keys.push(with(key().jwk(), json!({"use": null, "alg": null})));
    // The same id again, with another key: the first counts.
    keys.push(with(other_key().jwk(), json!({"kid": key().kid})));
    let source = ScriptedSource::new([Some(json!({"keys": keys}).to_string().into_bytes())]);
    let verifier = verifier_for(&[PARTY], Keys::Fetched(source));
    verifier.verify(&token(json!({})), now()).await.unwrap();
    for kid in ["ec", "enc", "rs512", "oct", "bad"] {
        let token = other_key().sign(&with(header(), json!({"kid": kid})), &claims());
        assert_eq!(verifier.verify(&token, now()).await.err(), Some(IdentityError::UnknownKey), "{kid}");
    }
}

#[tokio::test]
async fn a_fetch_whose_caller_went_away_counts_and_does_not_block_the_next() {
    let (cache, source, start) = cache([known()]);
    {
        let mut asking = Box::pin(ask(&cache, key().kid, start));
        assert!(futures::poll!(&mut asking).is_pending());
    }
    assert_eq!(source.fetches(), 1);
    assert_eq!(ask(&cache, key().kid, start).await, Err(IdentityError::KeysUnavailable));
    ask(&cache, key().kid, start + Duration::from_secs(1)).await.unwrap();
    assert_eq!(source.fetches(), 2);
}

#[tokio::test]
async fn nobody_waits_for_a_refresh_of_keys_that_still_serve() {
    let (cache, source, start) = cache([known()]);
    ask(&cache, key().kid, start).await.unwrap();
    let later = start + 13 * HOUR;
    let mut refreshing = Box::pin(ask(&cache, key().kid, later));
    assert!(futures::poll!(&mut refreshing).is_pending());
    // Answered at the first poll, while the other still waits for the provider.
    let mut asking = Box::pin(ask(&cache, key().kid, later));
    assert!(futures::poll!(&mut asking).is_ready());
    refreshing.await.unwrap();
    assert_eq!(source.fetches(), 2);
}
