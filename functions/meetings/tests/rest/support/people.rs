//! People and their tokens.

use std::sync::OnceLock;

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use dais_domain::UserId;
use dais_identity::{KeySet, Keys, Verifier, VerifierConfig};
use serde_json::{Value, json};

const ISSUER: &str = "https://clerk.example.com";

/// When all requests arrive unless a test says otherwise. In the year 2033, far from the clock of the machine.
pub const NOW_MS: u64 = 2_000_000_000_000;

/// Somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// As the identity provider knows him.
    pub id: &'static str,
    /// In his token.
    pub name: Option<&'static str>,
}

pub const ADA: Person = Person { id: "user_ada", name: Some("Ada") };
pub const BO: Person = Person { id: "user_bo", name: Some("Bo") };
pub const CY: Person = Person { id: "user_cy", name: Some("Cy") };
pub const DI: Person = Person { id: "user_di", name: None };
pub const STRANGER: Person = Person { id: "user_stranger", name: Some("Stranger") };

impl Person {
    pub fn user_id(self) -> UserId {
        UserId::new(self.id).unwrap()
    }
}

fn key() -> &'static RsaKeyPair {
    static KEY: OnceLock<RsaKeyPair> = OnceLock::new();
    KEY.get_or_init(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap())
}

pub fn verifier() -> Verifier {
    let public = key().public_key();
    let n = URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero());
    let e = URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero());
    let jwks = json!({"keys": [{"use": "sig", "kty": "RSA", "kid": "k", "alg": "RS256", "n": n, "e": e}]});
    let keys = Keys::Fixed(KeySet::parse(jwks.to_string().as_bytes()).unwrap());
    Verifier::new(VerifierConfig { issuer: ISSUER.to_owned(), authorized_parties: Vec::new(), keys })
}

/// A session token of a person, good at `now_ms`, with some claims replaced.
pub fn token(person: Person, now_ms: u64, claims: Value) -> String {
    let now = now_ms / 1000;
    let mut all = json!({
        "iss": ISSUER, "sub": person.id, "sid": "sess_1", "iat": now - 10, "nbf": now - 20, "exp": now + 50,
        "name": person.name, "email": format!("{}@example.com", person.id), "email_verified": true,
    });
    for (name, value) in claims.as_object().into_iter().flatten() {
        all[name] = value.clone();
    }
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let message = format!("{}.{}", part(&json!({"alg": "RS256", "typ": "JWT", "kid": "k"})), part(&all));
    let mut signature = vec![0; key().public_modulus_len()];
    key().sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}
