//! From a token to a user.

use std::{fmt, sync::Arc, time::Instant};

use dais_domain::Timestamp;
use dais_function::{Settings, SettingsError};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, errors::ErrorKind};

use crate::{HttpKeySource, Identity, IdentityError, KeyCache, KeySet, KeySource, claims::Claims, token::Unverified};

/// Where a verifier has its keys from.
pub enum Keys {
    /// Keys that are part of the deployment: no network, and a new deployment when the provider changes them.
    Fixed(KeySet),
    /// Keys that are fetched when they are needed.
    Fetched(Arc<dyn KeySource>),
}

/// What a verifier accepts.
pub struct VerifierConfig {
    /// Exactly what `iss` must be.
    pub issuer: String,
    /// What `azp` may be, if a token has one: the origins of the front ends. Also what `aud` may be, if a token has one.
    ///
    /// Empty, it refuses every token that names a party, that is all that browsers get.
    pub authorized_parties: Vec<String>,
    /// The keys that sign tokens.
    pub keys: Keys,
}

/// Verifies session tokens. One per process: it holds the keys.
pub struct Verifier {
    issuer: String,
    authorized_parties: Vec<String>,
    keys: HeldKeys,
    validation: Validation,
}

enum HeldKeys {
    Fixed(KeySet),
    Cached(KeyCache),
}

impl Verifier {
    /// A verifier with these settings. Nothing is fetched yet.
    pub fn new(config: VerifierConfig) -> Self {
        let mut validation = Validation::new(Algorithm::RS256);
        // Times are compared with the `now` of the request, in `Claims::check`, and not with the clock of this process.
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        validation.set_audience(&config.authorized_parties);
        let keys = match config.keys {
            Keys::Fixed(keys) => HeldKeys::Fixed(keys),
            Keys::Fetched(source) => HeldKeys::Cached(KeyCache::new(source)),
        };
        Self { issuer: config.issuer, authorized_parties: config.authorized_parties, keys, validation }
    }

    /// From `IDENTITY_ISSUER`, `IDENTITY_AUTHORIZED_PARTIES` (comma separated) and, for fixed keys, `IDENTITY_JWKS`.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingsError> {
        let issuer = settings.required("IDENTITY_ISSUER")?.to_owned();
        let keys = match settings.optional("IDENTITY_JWKS") {
            Some(document) => Keys::Fixed(
                KeySet::parse(document.as_bytes())
                    .map_err(|error| SettingsError::Invalid { name: "IDENTITY_JWKS", reason: error.to_string() })?,
            ),
            None => Keys::Fetched(Arc::new(
                HttpKeySource::new(&issuer)
                    .map_err(|error| SettingsError::Invalid { name: "IDENTITY_ISSUER", reason: error.to_string() })?,
            )),
        };
        let authorized_parties = settings.list("IDENTITY_AUTHORIZED_PARTIES");
        Ok(Self::new(VerifierConfig { issuer, authorized_parties, keys }))
    }

    /// Who the token identifies, at the time `now`.
    pub async fn verify(&self, token: &str, now: Timestamp) -> Result<Identity, IdentityError> {
        let unverified = Unverified::read(token)?;
        // Checked again below, when it can be believed; here it spares a look for a key that is not ours to know.
        if unverified.issuer != self.issuer {
            return Err(IdentityError::WrongIssuer);
        }
        let key = self.key(&unverified.key_id).await?;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &self.validation)
            .map_err(|error| match error.kind() {
                ErrorKind::InvalidSignature => IdentityError::WrongSignature,
                ErrorKind::InvalidAlgorithm => IdentityError::WrongAlgorithm,
                ErrorKind::InvalidAudience => IdentityError::WrongParty,
                _ => IdentityError::TokenMalformed,
            })?
            .claims;
        claims.check(&self.issuer, &self.authorized_parties, now)
    }

    async fn key(&self, key_id: &str) -> Result<Arc<DecodingKey>, IdentityError> {
        match &self.keys {
            HeldKeys::Fixed(keys) => keys.get(key_id).ok_or(IdentityError::UnknownKey),
            HeldKeys::Cached(cache) => cache.key(key_id, Instant::now()).await,
        }
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Verifier")
            .field("issuer", &self.issuer)
            .field("authorized_parties", &self.authorized_parties)
            .finish_non_exhaustive()
    }
}
