//! The certificate of the control API: made when the process starts, pinned by its fingerprint in the node's record.

use std::sync::Arc;

use aws_lc_rs::digest;
use rustls::{ServerConfig, pki_types::PrivatePkcs8KeyDer};

/// Why there is no certificate. The node cannot start.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The key could not be made.
    #[error("the control certificate could not be made: {0}")]
    Make(#[from] rcgen::Error),
    /// TLS refuses it.
    #[error("the control certificate cannot be used: {0}")]
    Use(#[from] rustls::Error),
}

/// A self-signed certificate with its key.
#[derive(Debug, Clone)]
pub struct ControlCertificate {
    config: Arc<ServerConfig>,
    fingerprint: String,
}

impl ControlCertificate {
    /// A new one. The name in it means nothing: callers compare the fingerprint.
    pub fn generate() -> Result<Self, CertificateError> {
        let made = rcgen::generate_simple_self_signed(vec!["media-node".to_owned()])?;
        let certificate = made.cert.der().clone();
        let fingerprint = hex(digest::digest(&digest::SHA256, &certificate).as_ref());
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key.into())?;
        // Callers keep their connections. Tickets would make each handshake longer, and two sessions of it stay in memory.
        config.send_tls13_tickets = 0;
        Ok(Self { config: Arc::new(config), fingerprint })
    }

    /// SHA-256 of the certificate (DER) in lower-case hexadecimal.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// What the server needs.
    pub fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
