//! An identity provider for the tests: one key, and tokens as Clerk makes them.

use std::sync::OnceLock;

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use dais_domain::Timestamp;
use dais_identity::{KeySet, Keys, Verifier, VerifierConfig};
use serde_json::{Value, json};

const ISSUER: &str = "https://clerk.example.com";
const PARTY: &str = "https://meet.example.com";

fn key() -> &'static RsaKeyPair {
    static KEY: OnceLock<RsaKeyPair> = OnceLock::new();
    KEY.get_or_init(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap())
}

/// Knows the key.
pub fn verifier() -> Verifier {
    let public = key().public_key();
    let n = URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero());
    let e = URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero());
    let jwks = json!({ "keys": [{ "use": "sig", "kty": "RSA", "kid": "ins_1", "alg": "RS256", "n": n, "e": e }] });
    Verifier::new(VerifierConfig {
        issuer: ISSUER.to_owned(),
        authorized_parties: vec![PARTY.to_owned()],
        keys: Keys::Fixed(KeySet::parse(jwks.to_string().as_bytes()).unwrap()),
    })
}

/// A session token of a user, good for a minute.
pub fn token(name: &str, now: Timestamp) -> String {
    let now_s = now.as_epoch_seconds();
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": "ins_1" });
    let claims = json!({
        "iss": ISSUER, "sub": format!("user_{name}"), "sid": "sess_1", "azp": PARTY, "name": name,
        "iat": now_s, "nbf": now_s, "exp": now_s + 60,
    });
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let message = format!("{}.{}", part(&header), part(&claims));
    let mut signature = vec![0; key().public_modulus_len()];
    key().sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}
