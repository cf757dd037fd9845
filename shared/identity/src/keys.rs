//! A JWKS document: the identity provider's public keys (RFC 7517).

use std::{collections::HashMap, fmt, sync::Arc};

use jsonwebtoken::DecodingKey;
use serde::Deserialize;

/// Why a document holds no keys. Whoever provided it must correct it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// Not `{"keys": […]}`.
    #[error("the keys are not a JWKS document")]
    NotAKeySet,
    /// None of its keys is an RSA key for RS256 signatures with a `kid`.
    #[error("the JWKS document has no RS256 key")]
    NoUsableKey,
}

/// Public keys by their ids.
#[derive(Clone)]
pub struct KeySet(HashMap<String, Arc<DecodingKey>>);

#[derive(Deserialize)]
struct Document {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct RsaKey {
    kid: String,
    kty: String,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    n: String,
    e: String,
}

impl KeySet {
    /// Reads a document. Keys for other purposes are skipped, since a provider may list more than we can use;
    /// of two keys with the same id the first counts.
    pub fn parse(json: &[u8]) -> Result<Self, KeySetError> {
        let document: Document = serde_json::from_slice(json).map_err(|_| KeySetError::NotAKeySet)?;
        let mut keys = HashMap::new();
        for key in document.keys {
            let Ok(key) = serde_json::from_value::<RsaKey>(key) else { continue };
            if key.kty != "RSA"
                || key.alg.is_some_and(|alg| alg != "RS256")
                || key.usage.is_some_and(|usage| usage != "sig")
            {
                continue;
            }
            // Keys that are too short (under 2048 bits) are kept here and fail every verification.
            if let Ok(public) = DecodingKey::from_rsa_components(&key.n, &key.e) {
                keys.entry(key.kid).or_insert_with(|| Arc::new(public));
            }
        }
        if keys.is_empty() { Err(KeySetError::NoUsableKey) } else { Ok(Self(keys)) }
    }

    pub(crate) fn get(&self, key_id: &str) -> Option<Arc<DecodingKey>> {
        self.0.get(key_id).cloned()
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}
