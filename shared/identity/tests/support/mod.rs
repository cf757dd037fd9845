//! An identity provider for the tests. It signs with aws-lc-rs itself, not with the library that verifies.
#![allow(dead_code)] // Each test file uses a part of it.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{KeyPair, RSA_PKCS1_SHA256, RsaEncoding, RsaKeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use dais_domain::Timestamp;
use dais_identity::{Fetch, KeySet, KeySource, KeySourceError, Keys, Verifier, VerifierConfig};
use serde_json::{Value, json};

pub const ISSUER: &str = "https://clerk.example.com";
pub const PARTY: &str = "https://meet.example.com";
/// Far from the clock of the machine, which must not matter. In the year 2033.
pub const NOW_S: u64 = 2_000_000_000;

pub fn now() -> Timestamp {
    Timestamp::from_ms(NOW_S * 1000)
}

pub struct SigningKey {
    pub kid: &'static str,
    pub pair: RsaKeyPair,
}

impl SigningKey {
    pub fn generate(kid: &'static str) -> Self {
        Self { kid, pair: RsaKeyPair::generate(KeySize::Rsa2048).unwrap() }
    }

    pub fn jwk(&self) -> Value {
        let public = self.pair.public_key();
        let n = URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero());
        let e = URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero());
        json!({"use": "sig", "kty": "RSA", "kid": self.kid, "alg": "RS256", "n": n, "e": e})
    }

    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_with(&RSA_PKCS1_SHA256, header, claims)
    }

    pub fn sign_with(&self, encoding: &'static dyn RsaEncoding, header: &Value, claims: &Value) -> String {
        self.sign_message(encoding, &message(header, claims))
    }

    /// Signs texts that need not be proper JSON.
    pub fn sign_text(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        self.sign_message(&RSA_PKCS1_SHA256, &message)
    }

    fn sign_message(&self, encoding: &'static dyn RsaEncoding, message: &str) -> String {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(encoding, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// Header and claims as they are signed.
pub fn message(header: &Value, claims: &Value) -> String {
    format!("{}.{}", part(header), part(claims))
}

pub fn part(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

/// The key that the verifier knows.
pub fn key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate("ins_known"))
}

/// A key that the verifier does not know.
pub fn other_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate("ins_other"))
}

pub fn header() -> Value {
    json!({"alg": "RS256", "typ": "JWT", "kid": key().kid, "cat": "cl_B7d4PD111AAA"})
}

/// The claims of a Clerk session token, version 2, made ten seconds ago.
pub fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "user_2abcDEF", "sid": "sess_1", "azp": PARTY, "v": 2, "jti": "j1", "fva": [1, -1],
        "iat": NOW_S - 10, "nbf": NOW_S - 20, "exp": NOW_S + 50,
    })
}

/// `object` with some members replaced; `null` takes a member away.
pub fn with(mut object: Value, members: Value) -> Value {
    for (name, value) in members.as_object().unwrap() {
        if value.is_null() {
            object.as_object_mut().unwrap().remove(name);
        } else {
            object[name] = value.clone();
        }
    }
    object
}

/// A token with some claims replaced, signed by the key that the verifier knows.
pub fn token(members: Value) -> String {
    key().sign(&header(), &with(claims(), members))
}

pub fn jwks<'a>(keys: impl IntoIterator<Item = &'a SigningKey>) -> Vec<u8> {
    json!({"keys": keys.into_iter().map(SigningKey::jwk).collect::<Vec<_>>()}).to_string().into_bytes()
}

/// A verifier that knows one key and one party.
pub fn verifier() -> Verifier {
    verifier_for(&[PARTY], Keys::Fixed(KeySet::parse(&jwks([key()])).unwrap()))
}

pub fn verifier_for(parties: &[&str], keys: Keys) -> Verifier {
    let authorized_parties = parties.iter().copied().map(str::to_owned).collect();
    Verifier::new(VerifierConfig { issuer: ISSUER.to_owned(), authorized_parties, keys })
}

/// Hands out what it is given, one answer after the other (the last one again and again), and counts how often it is asked.
pub struct ScriptedSource {
    answers: Vec<Option<Vec<u8>>>,
    fetches: AtomicUsize,
}

impl ScriptedSource {
    /// `None` is a provider that cannot be reached.
    pub fn new(answers: impl IntoIterator<Item = Option<Vec<u8>>>) -> Arc<Self> {
        Arc::new(Self { answers: answers.into_iter().collect(), fetches: AtomicUsize::new(0) })
    }

    pub fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

impl KeySource for ScriptedSource {
    fn fetch(&self) -> Fetch<'_> {
        let index = self.fetches.fetch_add(1, Ordering::SeqCst).min(self.answers.len() - 1);
        let answer = self.answers[index].clone();
        Box::pin(async move {
            // Others run meanwhile, as they do while a real fetch is under way.
            tokio::task::yield_now().await;
            answer.ok_or(KeySourceError::TimedOut)
        })
    }
}
