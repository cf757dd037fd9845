//! The key pair that signs session tokens, and the secret that signs webhooks.
//!
//! Both are made at the first start and kept in the data directory, so that a token of its life's length survives a restart,
//! as does what a function remembers of the key set.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    path::Path,
    sync::OnceLock,
};

use aws_lc_rs::{
    digest,
    encoding::AsDer,
    rand::{self, SystemRandom},
    rsa::KeySize,
    signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

use super::IdentityError;

/// Bytes of the webhook secret, as Svix makes them.
const SECRET_BYTES: usize = 24;

/// Key pair and secret. Never printed.
pub(super) struct Keys {
    pair: RsaKeyPair,
    key_id: String,
    secret: [u8; SECRET_BYTES],
    shown_secret: String,
}

impl Keys {
    /// Keys that live as long as the process, one pair for all providers in it: making one is the slowest thing a test does.
    pub(super) fn of_this_process() -> Result<Self, IdentityError> {
        static MADE: OnceLock<Option<(Vec<u8>, [u8; SECRET_BYTES])>> = OnceLock::new();
        let made = MADE.get_or_init(|| Some((new_pair().ok()?, new_secret().ok()?)));
        let (pair, secret) = made.as_ref().ok_or(IdentityError::NoKey)?;
        Self::from_parts(pair, *secret).ok_or(IdentityError::NoKey)
    }

    /// The keys of this data directory, made if there are none.
    pub(super) fn in_directory(directory: &Path) -> Result<Self, IdentityError> {
        let pair_path = directory.join("identity-key.der");
        let secret_path = directory.join("webhook-secret");
        let pair = read_or_make(&pair_path, new_pair)?;
        let secret = read_or_make(&secret_path, || new_secret().map(Vec::from))?;
        let secret = secret.try_into().map_err(|_| IdentityError::Damaged {
            path: secret_path,
            reason: format!("it does not have {SECRET_BYTES} bytes"),
        })?;
        Self::from_parts(&pair, secret).ok_or_else(|| IdentityError::Damaged {
            path: pair_path,
            reason: "it is not an RSA key in PKCS #8".to_owned(),
        })
    }

    fn from_parts(pair: &[u8], secret: [u8; SECRET_BYTES]) -> Option<Self> {
        let pair = RsaKeyPair::from_pkcs8(pair).ok()?;
        let key_id = format!("ins_{}", readable(pair.public_key().as_ref()));
        let shown_secret = format!("whsec_{}", BASE64_STANDARD.encode(secret));
        Some(Self { pair, key_id, secret, shown_secret })
    }

    /// `kid`: follows from the key, so that a new key has a new one.
    pub(super) fn key_id(&self) -> &str {
        &self.key_id
    }

    /// RS256 (RFC 7518 section 3.3).
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| "the token cannot be signed".to_owned())?;
        Ok(signature)
    }

    pub(super) fn jwks(&self) -> Value {
        let public = self.pair.public_key();
        json!({ "keys": [{
            "use": "sig",
            "kty": "RSA",
            "kid": self.key_id,
            "alg": "RS256",
            "n": BASE64_URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
            "e": BASE64_URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
        }] })
    }

    pub(super) fn webhook_secret(&self) -> &str {
        &self.shown_secret
    }

    pub(super) fn webhook_key(&self) -> &[u8] {
        &self.secret
    }
}

/// 27 characters of `[a-z0-9]` that follow from `seed`: as long as Clerk's.
pub(super) fn readable(seed: &[u8]) -> String {
    const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let hash = digest::digest(&digest::SHA256, seed);
    let letters = hash.as_ref().iter().take(27).filter_map(|byte| ALPHABET.get(usize::from(*byte) % ALPHABET.len()));
    letters.copied().map(char::from).collect()
}

fn new_pair() -> Result<Vec<u8>, IdentityError> {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| IdentityError::NoKey)?;
    Ok(pair.as_der().map_err(|_| IdentityError::NoKey)?.as_ref().to_vec())
}

fn new_secret() -> Result<[u8; SECRET_BYTES], IdentityError> {
    let mut secret = [0; SECRET_BYTES];
    rand::fill(&mut secret).map_err(|_| IdentityError::NoKey)?;
    Ok(secret)
}

/// Reads a file of the owner's only, or makes it.
fn read_or_make(path: &Path, make: impl FnOnce() -> Result<Vec<u8>, IdentityError>) -> Result<Vec<u8>, IdentityError> {
    let failed = |source| IdentityError::File { path: path.to_owned(), source };
    match fs::read(path) {
        Ok(bytes) => return Ok(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    let bytes = make()?;
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory).map_err(failed)?;
    // Under another name first: a start that is cut off leaves no half of a key.
    let unfinished = path.with_extension("new");
    let _ = fs::remove_file(&unfinished);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished).map_err(failed)?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&unfinished, path).map_err(failed)?;
    Ok(bytes)
}
