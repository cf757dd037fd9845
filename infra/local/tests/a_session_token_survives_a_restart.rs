//! Keys, users and the webhook secret live in the data directory: what was signed before a restart is valid after it.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::{fs, os::unix::fs::PermissionsExt};

use dais_local::{
    clock::Clock,
    identity_provider::{IdentityError, IdentityProvider, TokenParameters},
    table::Place,
};

#[test]
fn a_session_token_survives_a_restart() {
    let folder = std::env::temp_dir().join(format!("dais-identity-{}", std::process::id()));
    let place = Place::Directory(folder.clone());
    let open = || IdentityProvider::open(&place, "http://localhost/_local", Clock::new());

    let before = open().unwrap();
    let mut ada = TokenParameters::for_user("ada").unwrap();
    ada.name = Some("Ada Lovelace".to_owned());
    before.token(&ada).unwrap();
    let (jwks, secret) = (before.jwks(), before.webhook_secret().to_owned());
    drop(before);

    let after = open().unwrap();
    assert_eq!(after.jwks(), jwks);
    assert_eq!(after.webhook_secret(), secret);
    assert_eq!(after.users().first().unwrap().name.as_deref(), Some("Ada Lovelace"));
    for secret in ["identity-key.der", "webhook-secret"] {
        assert_eq!(fs::metadata(folder.join(secret)).unwrap().permissions().mode() & 0o777, 0o600, "{secret}");
    }

    fs::write(folder.join("identity-key.der"), b"half a key").unwrap();
    let damaged = open().unwrap_err();
    assert!(matches!(damaged, IdentityError::Damaged { .. }), "{damaged}");
    fs::remove_dir_all(folder).unwrap();
}
